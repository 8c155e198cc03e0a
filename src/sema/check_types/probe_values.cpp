// SPDX-License-Identifier: Apache-2.0
// The builtins whose type is a matter of the probe: args, argN, ctx, func, and stacks.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "sema/architecture.h"
#include "sema/c_types.h"
#include "sema/check_types/checker.h"
#include "sema/unstable.h"

namespace sonde::sema {

using namespace ast;
using diag::DiagId;
using lang::ProbeKind;

namespace {

constexpr std::uint64_t most_frames = 1024;
constexpr std::uint32_t default_frames = 127;
// Linux, include/linux/filter.h: MAX_BPF_FUNC_ARGS
constexpr std::size_t most_raw_arguments = 12;

std::optional<image::StackMode> find_stack_mode(std::string_view word) {
  if (word == "bpftrace") return image::StackMode::bpftrace;
  if (word == "perf") return image::StackMode::perf;
  if (word == "raw") return image::StackMode::raw;
  if (word == "build_id") return image::StackMode::build_id;
  return std::nullopt;
}

// The mode of kstack(), ustack() or dw_ustack() as it is written there. Nothing when it was
// reported.
std::optional<image::StackMode> check_stack_mode(Checker& c, const Identifier& word,
                                                 TypeKind kind) {
  const auto mode = find_stack_mode(word.name);
  if (!mode) {
    c.diag.error(DiagId::argument_type, word.span, "there is no stack mode `{}`", word.name)
        .hint("modes are `bpftrace`, `perf`, `raw` and `build_id`");
  } else if (mode == image::StackMode::build_id && kind == TypeKind::kstack) {
    c.diag.error(DiagId::argument_type, word.span, "the kernel's code has no build ids of files")
        .hint("`kstack(raw)` shows addresses");
    return std::nullopt;
  }
  return mode;
}

// The mode of the settings.
image::StackMode usual_stack_mode(Checker& c, const Call& call, TypeKind kind) {
  const auto mode = find_stack_mode(c.script.config.text(lang::ConfigKey::stack_mode));
  if (mode != image::StackMode::build_id || kind == TypeKind::ustack)
    return mode.value_or(image::StackMode::bpftrace);
  c.diag
      .warning(DiagId::stack_mode, call.span,
               "the kernel's code has no build ids of files; addresses are shown instead")
      .hint("`kstack(raw)` says so");
  return image::StackMode::raw;
}

// What argument `at` of kstack(), ustack() or dw_ustack() has to be.
std::string stack_argument_words(const Call& call, std::size_t at) {
  constexpr std::string_view limit = "a literal from 0 to 1024";
  const bool is_number = as<IntegerLiteral>(call.args[at]) != nullptr;
  if (at == 0 && call.args.size() == 2)
    return fmt::format("the first of two arguments of {}() is a mode: a word", call.name);
  if (at == 0 && !is_number)
    return fmt::format("the argument of {}() is a mode (a word) or a limit ({})", call.name, limit);
  return fmt::format("the limit of {}() is {}", call.name, limit);
}

// The registers that had them belong to others when a function returns.
bool has_arguments(const ResolvedProbe& probe) {
  return probe.by_trampoline || !lang::row(probe.kind).at_return;
}

void report_lost_arguments(Checker& c, const Call& call) {
  c.diag
      .error(
          DiagId::no_such_argument, call.span,
          "there is no `{}` here: the probe is attached as kretprobe, when the arguments are gone",
          call.name)
      .hint("{}; the script can keep them: `kprobe:{} {{ @args[tid] = … }}`",
            c.probe->attach_reason, c.probe->place().function);
}

}  // namespace

const Type* Checker::check_args(const Call& call) {
  if (probe->kind == ProbeKind::uprobe && !user_params(call.span)) return types().error();
  if (traces_kernel_function(*probe)) {
    if (!has_arguments(*probe)) {
      report_lost_arguments(*this, call);
      return types().error();
    }
    if (traces_bpf_program(*probe)) {
      diag.error(DiagId::no_such_argument, call.span, "there is no `args` in a BPF program");
      return types().error();
    }
    if (!kernel_function(call.span)) return types().error();
  }
  const std::string name =
      probe->kind == ProbeKind::rawtracepoint
          ? fmt::format("struct rawtracepoint:{}_args", probe->place().function)
          : fmt::format("struct {}:{}:{}_args", lang::row(probe->kind).name, probe->place().target,
                        probe->place().function);
  return types().intern({.kind = TypeKind::c_struct, .name = name});
}

const std::vector<target::UserParam>* Checker::user_params(diag::Span span) {
  if (probe->place().function.empty()) {
    diag.error(DiagId::no_debug_info, span,
               "`args` cannot be read at an address or a source line: they are those of a function")
        .hint(
            "attach to its name, or to `NAME+OFFSET`; `arg0`, `arg1`, … are what the registers "
            "hold");
    return nullptr;
  }
  target::UserTypes* program = script.type_sources.open_program(probe->place().target);
  if (!program) {
    diag.error(DiagId::no_debug_info, span, "`args` cannot be read: {}",
               script.type_sources.program_problem(probe->place().target))
        .hint("install its debug symbols, or use `arg0`, `arg1`, … and cast them");
    return nullptr;
  }
  const auto& params = program->params(probe->place().function);
  if (params) return &*params;
  diag.error(DiagId::no_debug_info, span, "`args` cannot be read: {}", params.error().message)
      .hint("`arg0`, `arg1`, … are what the registers for arguments hold");
  return nullptr;
}

const KernelFunctionType* Checker::kernel_function(diag::Span span) {
  if (probe->function_type) return &*probe->function_type;
  diag.error(DiagId::no_btf, span, "`args` cannot be read: {}",
             script.target.btf() ? fmt::format("BTF does not describe `{}`", probe->place().name)
                                 : script.target.btf_problem())
      .hint("`arg0`, `arg1`, … are what the registers for arguments hold");
  return nullptr;
}

const Type* Checker::check_retval(const Call& call) {
  if (probe->kind != ProbeKind::fexit) return types().uint64();
  const auto [btf, function] = *probe->function_type;
  const target::BtfId result = btf->type(btf->type(function).type).type;
  if (result == 0) {
    diag.error(DiagId::no_value, call.span, "`{}` returns nothing, so there is no `retval`",
               probe->place().function);
    return types().error();
  }
  const Type* type = type_of_btf(types(), *btf, result, lang::AddressSpace::kernel);
  if (!type->is(TypeKind::none) && !type->is(TypeKind::c_struct)) return type;
  diag.error(DiagId::unreadable_argument, call.span,
             "`{}` returns what the language does not have, or more than a register holds",
             probe->place().function);
  return types().error();
}

const Type* Checker::check_numbered_argument(const Call& call) {
  if (!has_arguments(*probe)) {
    report_lost_arguments(*this, call);
    return types().error();
  }
  std::size_t count = 0;
  std::string reason;
  if (probe->kind == ProbeKind::rawtracepoint) {
    const target::Btf* btf = script.target.btf();
    const bool typed = btf && probe->raw_prototype != 0;
    // The first parameter is the tracer's own `void *__data`.
    count = typed ? btf->params(probe->raw_prototype).size() - 1 : most_raw_arguments;
    reason = fmt::format("{} has {} arguments", probe->name, count);
  } else if (probe->kind == ProbeKind::usdt) {
    count = probe->usdt_arguments.size();
    reason = fmt::format("{} has {} arguments", probe->name, count);
    if (call.argument < count &&
        probe->usdt_arguments[call.argument].kind == target::UsdtArgument::Kind::unreadable) {
      diag.error(DiagId::unreadable_argument, call.span, "`{}` cannot be read: {}", call.name,
                 probe->usdt_arguments[call.argument].problem);
      return types().error();
    }
  } else {
    count = register_arguments(script.target.architecture());
    reason = fmt::format("{} passes {} arguments in registers, and only those can be read",
                         script.target.architecture(), count);
  }
  if (call.argument < count) return types().uint64();
  auto report =
      diag.error(DiagId::no_such_argument, call.span, "there is no `{}`: {}", call.name, reason);
  if (count > 0) report.hint("the last is `arg{}`", count - 1);
  return types().error();
}

const Type* Checker::context_type() {
  const auto pointer_to = [this](const std::string& name) {
    return types().pointer(struct_type(name), lang::AddressSpace::context);
  };
  switch (lang::row(probe->kind).context) {
    case lang::Context::registers: return pointer_to("pt_regs");
    case lang::Context::iterator: return pointer_to("bpf_iter__" + probe->place().function);
    default: return pointer_to("bpf_perf_event_data");
  }
}

const Type* Checker::function_type() {
  const bool user = lang::row(probe->kind).address_space == lang::AddressSpace::user;
  return types().small(user ? TypeKind::usym : TypeKind::ksym);
}

// Room for the longest.
const Type* Checker::probe_name_type(const Call& call) {
  if (!call.args.empty()) return types().error();  // which was reported
  std::size_t longest = 0;
  for (const Place& place : probe->places) longest = std::max(longest, place.name.size());
  return types().string(static_cast<std::uint32_t>(longest + 1));
}

const Type* Checker::stack_type(Call& call, TypeKind kind) {
  std::uint32_t limit = default_frames;
  std::optional<image::StackMode> stack_mode;
  for (std::size_t i = 0; i < call.args.size(); ++i) {
    Expr* argument = call.args[i];
    const bool mode_expected = i == 0 && call.args.size() == 2;
    const auto* mode = as<Identifier>(argument);
    if (mode && i == 0) {
      stack_mode = check_stack_mode(*this, *mode, kind);
      if (!stack_mode) return types().error();
      continue;
    }
    const auto* literal = as<IntegerLiteral>(argument);
    const bool in_range = literal && !literal->negative && literal->value <= most_frames;
    if (in_range && !mode_expected) {
      limit = static_cast<std::uint32_t>(literal->value);
      continue;
    }
    const Type* type = mode ? nullptr : check(argument);
    if (type && type->is_error()) return type;
    diag.error(DiagId::argument_type, argument->span, "{}", stack_argument_words(call, i))
        .hint("`{0}(5)` or `{0}(perf, 5)`", call.name);
    return types().error();
  }
  if (!stack_mode) stack_mode = usual_stack_mode(*this, call, kind);
  return types().intern(
      {.kind = kind, .size_bytes = 8, .stack_limit = limit, .stack_mode = *stack_mode});
}

// dw_ustack: once it is taken its value is that of ustack.
const Type* Checker::check_unwinding(Call& call) {
  check_unstable(script, diag, lang::ConfigKey::unstable_dw_ustack, "dw_ustack", call.span);
  if (script.target.architecture() != "x86_64") {
    diag.error(DiagId::other_architecture, call.span, "`dw_ustack` is for x86_64; this is {}",
               script.target.architecture());
    return types().error();
  }
  if (!need(target::Feature::bpf_loop, call.span, "unwinding")) return types().error();
  if (!script.process && !script.unwinds_others) {
    diag.error(DiagId::no_target_process, call.span,
               "dw_ustack requires a target process. Use -p, -c, or --dwarf-pid to specify one.");
    return types().error();
  }
  return stack_type(call, TypeKind::ustack);
}

}  // namespace sonde::sema
