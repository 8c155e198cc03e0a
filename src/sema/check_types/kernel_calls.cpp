// SPDX-License-Identifier: Apache-2.0
// Calls that need something of the kernel: a helper that wants to know what a pointer points to, a
// function of its own, a variable, registers, a pid namespace.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sema/architecture.h"
#include "sema/check_types/argument_kinds.h"
#include "sema/check_types/checker.h"
#include "target/callable_functions.h"

namespace sonde::sema {

using namespace ast;
using diag::DiagId;
using lang::AddressSpace;
using lang::Builtin;

namespace {

constexpr std::uint32_t comm_bytes = 16, comm_of_process_bytes = 64;

// The probes whose programs may call that function, as a list of words.
std::string probes_that_may_call(Checker& c, std::string_view function) {
  struct Kind {
    target::ProgramKind kind;
    std::string_view probes;
  };
  static constexpr Kind kinds[] = {
      {target::ProgramKind::tracepoint, "tracepoint"},
      {target::ProgramKind::tracing, "rawtracepoint, fentry, fexit, iter"},
      {target::ProgramKind::perf_event, "profile, interval, software, hardware, watchpoint"},
      {target::ProgramKind::kprobe, "kprobe, uprobe, usdt"},
      {target::ProgramKind::raw_tracepoint, "begin, end"},
  };
  std::string list;
  for (const auto& [kind, probes] : kinds)
    if (c.script.target.may_call(function, kind))
      list.append(list.empty() ? "" : ", ").append(probes);
  return list;
}

const Type* comm_type(Checker& c, const Call& call) {
  if (call.args.empty()) return c.types().string(comm_bytes);
  if (c.probe->is_uncalled) return c.types().string(comm_of_process_bytes);
  if (!c.script.target.btf()) return c.no_btf(call.span, "`comm` of another process");
  if (c.script.target.may_call(target::find_task_function, program_kind(*c.probe)))
    return c.types().string(comm_of_process_bytes);
  const std::string probes = probes_that_may_call(c, target::find_task_function);
  if (probes.empty())
    c.diag.error(
        DiagId::kernel_too_old, call.span,
        "`comm` of another process needs {}, which no program of this kernel may call; Linux "
        "has it since 6.2, and this is {}",
        target::find_task_function, c.script.target.release());
  else
    c.diag
        .error(DiagId::wrong_probe, call.span,
               "there is no `comm` of another process in {} probes: their programs may not call {}",
               lang::row(c.probe->kind).name, target::find_task_function)
        .hint("on this kernel it is in {}", probes);
  return c.types().error();
}

// `init`; resolve_names has taken the usual one away.
const Type* namespace_type(Checker& c, const Call& call) {
  const Type* result = c.types().integer(4, false);
  if (call.args.empty()) return result;
  const auto* word = as<Identifier>(call.args[0]);
  if (word && word->name == "init") return result;
  const Type* type = word ? nullptr : c.check(call.args[0]);
  if (type && type->is_error()) return type;
  if (word)
    c.diag.error(DiagId::argument_type, word->span, "there is no pid namespace `{}`", word->name)
        .hint("`{0}(curr_ns)`, which `{0}` is as well, or `{0}(init)`", call.name);
  else
    c.diag
        .error(DiagId::argument_type, call.args[0]->span,
               "{}() takes a pid namespace, which is a word", call.name)
        .hint("`{0}(curr_ns)`, which `{0}` is as well, or `{0}(init)`", call.name);
  return c.types().error();
}

bool is_struct(const Type* type, std::string_view name) {
  return type && type->is(TypeKind::c_struct) && type->name == name;
}

// Of a pointer to that struct. Reports.
bool points_to(Checker& c, const Call& call, std::size_t index, std::string_view name) {
  const Expr* pointer = call.args[index];
  if (is_struct(pointer->type->element, name)) return true;
  c.diag
      .error(DiagId::argument_type, pointer->span, "{}() takes a '{} *', found '{}'", call.name,
             name, type_name(pointer->type))
      .hint("an argument of the probe, `args.…`, or a pointer that is reached from one");
  return false;
}

// A literal size, or all that strings may have.
const Type* path_type(Checker& c, const Call& call) {
  const Type* type = check_kind(c, call, call.args[0], "path",
                                {TypeKind::c_struct, TypeKind::pointer}, "a 'struct path'");
  if (!type || type->is_error()) return type;
  if (!is_struct(type->is(TypeKind::pointer) ? type->element : type, "struct path")) {
    c.diag
        .error(DiagId::argument_type, call.args[0]->span,
               "path() takes a 'struct path', found '{}'", type_name(type))
        .hint("a `struct file` has one: `path(args.file.f_path)`");
    return c.types().error();
  }
  const std::uint64_t most = c.script.config.number(lang::ConfigKey::max_strlen);
  if (call.args.size() == 1) return c.types().string(static_cast<std::uint32_t>(most));
  const auto* size = as<IntegerLiteral>(call.args[1]);
  if (!size) return c.types().error();  // reported
  if (!size->negative && size->value >= 1 && size->value <= most)
    return c.types().string(static_cast<std::uint32_t>(size->value));
  c.diag.error(DiagId::argument_type, size->span, "the size of path() is from 1 to {}", most)
      .hint("max_strlen is the limit");
  return c.types().error();
}

const Type* skboutput_type(Checker& c, const Call& call) {
  const auto* offset = as<IntegerLiteral>(call.args[3]);
  constexpr std::uint64_t longest_packet = 65535;
  if (offset && (offset->negative || offset->value > longest_packet))
    c.diag.error(DiagId::argument_type, offset->span, "the offset of skboutput() is from 0 to {}",
                 longest_packet);
  if (!points_to(c, call, 1, "struct sk_buff")) return c.types().error();
  return c.types().integer(4, false);
}

std::string_view nearest_variable(const target::Btf& btf, std::string_view name) {
  const std::vector<std::string_view> names = btf.names(target::BtfKind::var);
  return nearest(name, std::span<const std::string_view>(names));
}

const Type* percpu_type(Checker& c, const Call& call) {
  const auto* symbol = as<StringLiteral>(call.args[0]);
  if (!symbol) return c.types().error();
  const target::Btf* btf = c.script.target.btf();
  if (!btf) return c.no_btf(call.span, "percpu_kaddr()");
  if (btf->find(target::BtfKind::var, symbol->value))
    return c.types().in_space(c.types().uint64(), AddressSpace::kernel);
  c.diag
      .error(DiagId::unknown_symbol, symbol->span,
             "the kernel's BTF has no variable `{}` that each CPU has of its own", symbol->value)
      .suggest(nearest_variable(*btf, symbol->value));
  return c.types().error();
}

const Type* register_type(Checker& c, const Call& call) {
  const auto* name = as<StringLiteral>(call.args[0]);
  if (!name) return c.types().error();
  const std::string_view architecture = c.script.target.architecture();
  const auto names = register_names(architecture);
  if (std::ranges::find(names, name->value) != names.end()) return c.types().uint64();
  std::string list;
  for (const std::string_view each : names) list.append(list.empty() ? "" : " ").append(each);
  c.diag
      .error(DiagId::argument_type, name->span, "{} has no register `{}`", architecture,
             name->value)
      .hint("it has {}", list);
  return c.types().error();
}

const Type* write_type(Checker& c, const Call& call) {
  check_kind(c, call, call.args[0], "destination", {TypeKind::pointer, TypeKind::integer},
             "an address of the process");
  const Type* source =
      check_kind(c, call, call.args[1], "source",
                 {TypeKind::string, TypeKind::array, TypeKind::pointer, TypeKind::integer},
                 "a string, an array or a pointer");
  const auto* length = as<IntegerLiteral>(call.args[2]);
  if (!source || source->is_error() || !length) return c.types().boolean();
  const std::uint64_t most = source->in_memory()
                                 ? source->size_bytes
                                 : c.script.config.number(lang::ConfigKey::max_strlen);
  if (!length->negative && length->value <= most) return c.types().boolean();
  c.diag
      .error(DiagId::argument_type, length->span, "write_user() writes 0 to {} bytes of '{}'", most,
             type_name(source))
      .hint("{}", source->in_memory() ? "there are no more" : "max_strlen is the limit");
  return c.types().error();
}

}  // namespace

const Type* Checker::check_kernel_call(Call& call, const lang::Signature& signature,
                                       bool complete) {
  if (call.args.size() < signature.required() || call.args.size() > signature.params.size())
    return types().error();
  switch (*call.builtin) {
    case Builtin::pid:
    case Builtin::tid: return namespace_type(*this, call);
    case Builtin::comm: return complete ? comm_type(*this, call) : types().error();
    case Builtin::path: return path_type(*this, call);
    case Builtin::reg: return register_type(*this, call);
    case Builtin::percpu_kaddr: return percpu_type(*this, call);
    case Builtin::write_user: return write_type(*this, call);
    case Builtin::skboutput: return complete ? skboutput_type(*this, call) : types().error();
    default:
      return complete && points_to(*this, call, 0, "struct sock") ? types().uint64()
                                                                  : types().error();
  }
}

}  // namespace sonde::sema
