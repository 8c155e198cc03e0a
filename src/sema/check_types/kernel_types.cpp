// SPDX-License-Identifier: Apache-2.0
// Types of the kernel as types of the language: BTF, fields of tracepoint formats, and type
// names as a script writes them.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "image/scratch_frame.h"
#include "sema/c_types.h"
#include "sema/check_types/checker.h"

namespace sonde::sema {

using diag::DiagId;
using lang::AddressSpace;
using target::BtfKind;

namespace {

struct Name {
  std::string_view name;
  unsigned bytes;
  bool is_signed;
};
// `char` has no sign of its own in the kernel (-funsigned-char) and so in its BTF.
constexpr Name integer_names[] = {
    {"int8", 1, true},    {"int16", 2, true},   {"int32", 4, true},   {"int64", 8, true},
    {"uint8", 1, false},  {"uint16", 2, false}, {"uint32", 4, false}, {"uint64", 8, false},
    {"char", 1, false},   {"short", 2, true},   {"int", 4, true},     {"long", 8, true},
    {"size_t", 8, false},
};

constexpr std::pair<std::string_view, TypeKind> small_names[] = {
    {"username_t", TypeKind::username},
    {"macaddr_t", TypeKind::mac},
    {"timestamp", TypeKind::timestamp},
    {"cgroup_path_t", TypeKind::cgroup_path},
};

// "const char *" → "char"; "struct file *" → "struct file".
std::string_view base_name(std::string_view text) {
  text = trim(text.substr(0, text.find_first_of("*[")));
  for (const std::string_view prefix : {"const ", "volatile ", "unsigned ", "signed "})
    if (text.starts_with(prefix)) text = trim(text.substr(prefix.size()));
  if (text.ends_with(" const")) text.remove_suffix(6);
  return trim(text);
}

// What the pointer in a format file points to. `levels` counts the stars.
const Type* format_pointee(Checker& c, std::string_view text, AddressSpace space) {
  std::size_t levels = 0;
  for (const char letter : text) levels += letter == '*';
  const std::string_view name = base_name(text);
  const Type* element = nullptr;
  if (name.starts_with("struct "))
    element = c.struct_type(name.substr(7));
  else
    for (const Name& n : integer_names)
      if (n.name == name) element = c.types().integer(n.bytes, n.is_signed);
  for (; levels > 1; --levels) element = c.types().pointer(element, space);
  return element;
}

}  // namespace

const Type* Checker::struct_type(std::string_view name) {
  const auto found = script.type_sources.find_struct(name);
  return found ? type_of_btf(types(), *found->btf, found->id, AddressSpace::kernel) : nullptr;
}

bool Checker::traces_program() const {
  return lang::row(probe->kind).address_space == AddressSpace::user;
}

const Type* Checker::no_btf(diag::Span span, std::string_view what) {
  diag.error(DiagId::no_btf, span, "{} cannot be read: {}", what, script.target.btf_problem())
      .hint("use a kernel with CONFIG_DEBUG_INFO_BTF=y");
  return types().error();
}

const Type* Checker::type_of_trace_field(const target::TraceField& field) {
  // Pointers of system calls come from the caller.
  const AddressSpace space =
      probe->place().target == "syscalls" ? AddressSpace::user : AddressSpace::kernel;
  const std::string_view text = field.type;
  if (field.is_data_loc) return types().pointer(types().integer(1, true), AddressSpace::kernel);
  if (text.find('*') != std::string_view::npos && field.size == 8)
    return types().pointer(format_pointee(*this, text, space), space);
  const std::size_t bracket = text.find('[');
  if (bracket != std::string_view::npos) {
    const auto count = parse_u64(text.substr(bracket + 1, text.find(']') - bracket - 1));
    if (!count || *count == 0 || field.size % *count != 0) return types().none();
    const auto bytes = static_cast<unsigned>(field.size / *count);
    return array_of(types(), types().integer(bytes, field.is_signed),
                    static_cast<std::uint32_t>(*count));
  }
  const bool is_word = field.size == 1 || field.size == 2 || field.size == 4 || field.size == 8;
  if (!is_word) return types().none();
  if (text == "bool") return types().boolean();
  return types().integer(field.size, field.is_signed);
}

namespace {

struct TypeNameResolution {
  Checker& c;
  const ast::TypeName& name;

  // Types of these names are the same everywhere: no reason to open the program.
  static bool is_fixed_width(std::string_view word) {
    if (word.starts_with("__")) word.remove_prefix(2);
    if (word.ends_with("_t")) word.remove_suffix(2);
    static constexpr std::string_view words[] = {
        "u8",    "u16",    "u32",    "u64",    "s8",   "s16",   "s32",   "s64",
        "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"};
    return std::ranges::find(words, word) != std::end(words);
  }

  // What the program that a user probe traces has by that name comes first.
  const Type* of_program() {
    if (!c.traces_program() || (name.tag.empty() && is_fixed_width(name.name))) return nullptr;
    const std::string& program = c.probe->place().target;
    const bool is_struct = !name.tag.empty() && name.tag != "enum";
    const auto found = is_struct ? c.script.type_sources.find_struct_in(program, name.name)
                                 : c.script.type_sources.find_type_in(program, name.name);
    if (!found) return nullptr;
    const BtfKind kind = found->btf->type(found->id).kind;
    const bool is_enum = kind == BtfKind::enum_ || kind == BtfKind::enum64;
    if (name.tag == "enum") return is_enum ? wide_enum(c.types(), *found->btf, found->id) : nullptr;
    return type_of_btf(c.types(), *found->btf, found->id, AddressSpace::user);
  }

  // A struct and a union are found under the same name.
  bool has_other_tag(const Type& found) const {
    const std::string text = type_name(&found);
    return text.starts_with(name.tag == "union" ? "struct " : "union ");
  }
  const Type* other_tag(const Type& found) {
    c.diag.error(DiagId::unknown_type, name.span, "there is no type `{} {}`", name.tag, name.name)
        .hint("did you mean `{}`?", type_name(&found));
    return c.types().error();
  }

  const Type* unknown(std::string_view what, BtfKind kind) {
    if (c.script.has_unread_names) return c.types().error();
    if (!c.traces_program() && !c.script.target.btf() && !c.script.type_sources.c_text())
      return c.no_btf(name.span, fmt::format("the type `{}`", what));
    auto report = c.diag.error(DiagId::unknown_type, name.span, "there is no type `{}`", what);
    if (lang::FoundBuiltin found{}; name.tag.empty() && lang::find_builtin(name.name, found)) {
      report.hint("with parentheses it is the builtin: `{}()`", name.name);
      return c.types().error();
    }
    if (name.tag.empty() && c.script.type_sources.find_enumerator(name.name)) {
      report.hint("in parentheses it is the enumerator: `({})`", name.name);
      return c.types().error();
    }
    const std::string_view problem = c.script.type_sources.program_problem(c.probe->place().target);
    if (!problem.empty()) report.hint("{}", problem);
    if (c.last_walk) {
      auto names = c.script.type_sources.names(name.tag == "union" ? BtfKind::union_ : kind);
      if (name.tag.empty())
        for (const Name& n : integer_names) names.push_back(n.name);
      target::UserTypes* program = c.traces_program()
                                       ? c.script.type_sources.open_program(c.probe->place().target)
                                       : nullptr;
      if (program && kind == BtfKind::struct_)
        std::ranges::copy(program->struct_names(), std::back_inserter(names));
      const std::string_view candidate =
          nearest(name.name, std::span<const std::string_view>(names));
      const std::string tag = name.tag.empty() ? "" : name.tag + " ";
      if (!candidate.empty()) report.hint("did you mean `{}{}`?", tag, candidate);
    }
    return c.types().error();
  }

  // Null for void.
  const Type* base() {
    if (!name.tag.empty()) {
      const Type* type = of_program();
      if (!type && name.tag == "enum") return enumeration();
      if (!type) type = c.struct_type(name.name);
      if (type && has_other_tag(*type)) return other_tag(*type);
      return type ? type : unknown(name.tag + " " + name.name, BtfKind::struct_);
    }
    if (name.name == "void") return nullptr;
    if (name.name == "bool") return c.types().boolean();
    for (const auto& [word, kind] : small_names)
      if (word == name.name) return c.types().small(kind);
    for (const Name& n : integer_names)
      if (n.name == name.name) return c.types().integer(n.bytes, n.is_signed);
    if (const Type* type = aggregation()) return type;
    if (const Type* type = of_program()) return type;
    const auto found = c.script.type_sources.find_type(name.name);
    return found ? type_of_btf(c.types(), *found->btf, found->id, AddressSpace::kernel)
                 : unknown(name.name, BtfKind::typedef_);
  }

  // The language lets a script name its own enums only.
  const Type* enumeration() {
    if (const auto found = c.script.type_sources.find_c_enum(name.name))
      return wide_enum(c.types(), *found->btf, found->id);
    if (c.script.has_unread_names) return c.types().error();
    const target::Btf* kernel = c.script.target.btf();
    const bool of_kernel = kernel && (kernel->find(BtfKind::enum_, name.name) ||
                                      kernel->find(BtfKind::enum64, name.name));
    auto report = c.diag.error(DiagId::unknown_type, name.span,
                               "the script's C text has no `enum {}`", name.name);
    if (of_kernel) {
      report.hint("of the kernel's enums the enumerators can be used, not the type");
    } else if (c.last_walk) {
      const auto names = c.script.type_sources.names(BtfKind::enum_);
      const std::string_view candidate =
          nearest(name.name, std::span<const std::string_view>(names));
      if (!candidate.empty()) report.hint("did you mean `enum {}`?", candidate);
    }
    return c.types().error();
  }

  const Type* foreign() {
    c.diag.error(DiagId::unknown_type, name.span, "the language has no values of the type `{}`",
                 name.name);
    return c.types().error();
  }

  // `count_t`, `sum_t`, `usum_t`: these have a size, but only maps hold them. Null for others.
  const Type* aggregation() const {
    struct Named {
      std::string_view name;
      TypeKind kind;
      bool has_unsigned = false;
    };
    static constexpr Named named[] = {
        {"count_t", TypeKind::count},    {"sum_t", TypeKind::sum, true},
        {"min_t", TypeKind::min, true},  {"max_t", TypeKind::max, true},
        {"avg_t", TypeKind::avg, true},  {"stats_t", TypeKind::stats, true},
        {"hist_t", TypeKind::hist},      {"lhist_t", TypeKind::lhist},
        {"tseries_t", TypeKind::tseries}};
    for (const Named& n : named) {
      if (name.name == n.name) return c.types().aggregation(n.kind, true);
      if (n.has_unsigned && name.name == "u" + std::string(n.name))
        return c.types().aggregation(n.kind, false);
    }
    return nullptr;
  }

  // What stands in the first brackets; 0 when there are none.
  std::uint64_t capacity() const {
    const bool sized = !name.suffixes.empty() && name.suffixes[0] > 0;
    return sized ? static_cast<std::uint64_t>(name.suffixes[0]) : 0;
  }

  // `string`, `string[N]`
  const Type* text() {
    const std::uint64_t limit = c.script.config.number(lang::ConfigKey::max_strlen);
    const std::uint64_t wanted = capacity() != 0 ? capacity() : limit;
    if (wanted <= limit) return c.types().string(static_cast<std::uint32_t>(wanted));
    c.diag.error(DiagId::string_too_long, name.span,
                 "a string of {} bytes is longer than max_strlen allows ({})", wanted, limit);
    return c.types().error();
  }

  // `buffer[N]`
  const Type* buffer() {
    if (capacity() != 0 && capacity() <= image::most_value_bytes)
      return c.types().buffer(static_cast<std::uint32_t>(capacity()));
    c.diag
        .error(DiagId::unknown_type, name.span, "a buffer has a size from 1 to {}",
               image::most_value_bytes)
        .hint("`buffer[16]`");
    return c.types().error();
  }

  const Type* array(const Type* element, std::int64_t suffix) {
    constexpr std::int64_t sized_by_operand = -2;
    const std::uint32_t size = element ? element->size_bytes : 0;
    if (size == 0) {
      c.diag.error(DiagId::unknown_type, name.span, "there are no arrays of '{}'",
                   element ? type_name(element) : "void");
      return c.types().error();
    }
    if (suffix == sized_by_operand) return c.types().array(element, 0);
    const auto count = static_cast<std::uint64_t>(suffix);
    if (count <= image::most_value_bytes / size)
      return c.types().array(element, static_cast<std::uint32_t>(count));
    c.diag.error(DiagId::unknown_type, name.span,
                 "an array of {} times {} bytes is larger than what a probe can hold ({})", count,
                 size, image::most_value_bytes);
    return c.types().error();
  }

  // The first suffix of these is their capacity, not an array's.
  const Type* sized(std::size_t& next) {
    if (!name.tag.empty()) return nullptr;
    if (name.name == "inet") {  // of one size, whatever is in the brackets
      next = capacity() != 0 ? 1 : 0;
      return c.types().small(TypeKind::inet);
    }
    if (name.name != "string" && name.name != "buffer") return nullptr;
    next = capacity() != 0 ? 1 : 0;
    return name.name == "string" ? text() : buffer();
  }

  const Type* run() {
    const bool asked = name.of_expr || name.of_type;
    std::size_t next = 0;
    const Type* type = asked ? c.asked_type(name.of_type, name.of_expr) : sized(next);
    if (asked && !type) return nullptr;
    if (!type) type = base();
    if (type && type->is_error()) return type;
    if (type && type->is(TypeKind::none)) return foreign();
    if (type && type->is_aggregation() && !name.suffixes.empty()) {
      c.diag.error(DiagId::unknown_type, name.span, "only maps can hold '{}'", type_name(type));
      return c.types().error();
    }
    // A cast takes the address space of its operand, where that has one.
    const AddressSpace space = lang::row(c.probe->kind).address_space;
    for (; next < name.suffixes.size(); ++next) {
      const std::int64_t suffix = name.suffixes[next];
      type = suffix == -1 ? c.types().pointer(type, space) : array(type, suffix);
      if (type->is_error()) return type;
    }
    if (type) return type;
    c.diag.error(DiagId::unknown_type, name.span, "`void` has no values")
        .hint("did you mean `void *`?");
    return c.types().error();
  }
};

}  // namespace

const Type* Checker::resolve_type_name(const ast::TypeName& name) {
  return TypeNameResolution{*this, name}.run();
}

}  // namespace sonde::sema
