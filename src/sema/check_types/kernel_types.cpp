// SPDX-License-Identifier: Apache-2.0
// Types of the kernel as types of the language: BTF, fields of tracepoint formats, and type
// names as a script writes them.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sema/check_types/checker.h"
#include "sema/unsupported.h"

namespace sonde::sema {

using diag::DiagId;
using lang::AddressSpace;
using target::BtfKind;

namespace {

const Type* struct_of(Checker& c, const target::BtfType& btf, target::BtfId id) {
  const std::string_view word = btf.kind == BtfKind::union_ ? "union " : "struct ";
  return c.types().intern({.kind = TypeKind::c_struct,
                           .size_bytes = btf.size,
                           .name = std::string(word) + std::string(btf.name),
                           .btf = id});
}

// One-byte integers in an array are text: `char comm[16]`, `u8 mac[6]`. A flexible one, of no
// declared length, is only the place where text begins.
const Type* array_of(Checker& c, const Type* element, std::uint32_t count) {
  if (element->is_integer() && element->size_bytes == 1 && count > 0)
    return c.types().string(count);
  if (element->is(TypeKind::none)) return element;
  return c.types().array(element, count);
}

// What a pointer points to; null where the language has only `void *` for it.
const Type* pointee(Checker& c, const target::Btf& btf, target::BtfId id, AddressSpace space) {
  const target::BtfType type = btf.type(btf.resolve(id));
  const bool opaque = type.kind == BtfKind::void_ || type.kind == BtfKind::func_proto ||
                      type.kind == BtfKind::fwd || type.kind == BtfKind::func;
  if (opaque) return nullptr;
  const Type* element = c.type_of_btf(id, space);
  return element->is(TypeKind::none) ? nullptr : element;
}

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

const Type* Checker::type_of_btf(target::BtfId id, AddressSpace space) {
  const target::Btf& btf = *script.target.btf();
  const target::BtfId resolved = btf.resolve(id);
  const target::BtfType type = btf.type(resolved);
  switch (type.kind) {
    case BtfKind::integer:
      return type.is_bool ? types().boolean() : types().integer(type.size, type.is_signed);
    case BtfKind::enum_:
    case BtfKind::enum64: return types().integer(type.size, type.is_signed);
    case BtfKind::pointer: return types().pointer(pointee(*this, btf, type.type, space), space);
    case BtfKind::struct_:
    case BtfKind::union_: return struct_of(*this, type, resolved);
    case BtfKind::array: return array_of(*this, type_of_btf(type.type, space), type.count);
    default: return types().none();  // float, function
  }
}

const Type* Checker::struct_type(std::string_view name) {
  const target::Btf* btf = script.target.btf();
  if (!btf) return nullptr;
  auto id = btf->find(BtfKind::struct_, name);
  if (!id) id = btf->find(BtfKind::union_, name);
  return id ? type_of_btf(*id, AddressSpace::kernel) : nullptr;
}

const Type* Checker::no_btf(diag::Span span, std::string_view what) {
  diag.error(DiagId::no_btf, span, "{} cannot be read: {}", what, script.target.btf_problem())
      .hint("use a kernel with CONFIG_DEBUG_INFO_BTF=y");
  return types().error();
}

const Type* Checker::type_of_trace_field(const target::TraceField& field) {
  // Pointers of system calls come from the caller.
  const AddressSpace space =
      probe->target == "syscalls" ? AddressSpace::user : AddressSpace::kernel;
  const std::string_view text = field.type;
  if (field.is_data_loc) return types().pointer(types().integer(1, true), AddressSpace::kernel);
  if (text.find('*') != std::string_view::npos && field.size == 8)
    return types().pointer(format_pointee(*this, text, space), space);
  const std::size_t bracket = text.find('[');
  if (bracket != std::string_view::npos) {
    const auto count = parse_u64(text.substr(bracket + 1, text.find(']') - bracket - 1));
    if (!count || *count == 0 || field.size % *count != 0) return types().none();
    const auto bytes = static_cast<unsigned>(field.size / *count);
    return array_of(*this, types().integer(bytes, field.is_signed),
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

  const Type* unknown(std::string_view what, BtfKind kind) {
    if (c.script.has_unread_names) return c.types().error();
    const target::Btf* btf = c.script.target.btf();
    if (!btf) return c.no_btf(name.span, fmt::format("the type `{}`", what));
    auto report = c.diag.error(DiagId::unknown_type, name.span, "there is no type `{}`", what);
    if (c.last_walk) {
      auto names = btf->names(kind);
      if (name.tag == "union") names = btf->names(BtfKind::union_);
      if (name.tag.empty())
        for (const Name& n : integer_names) names.push_back(n.name);
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
      if (name.tag == "enum") return planned();
      const Type* type = c.struct_type(name.name);
      return type ? type : unknown(name.tag + " " + name.name, BtfKind::struct_);
    }
    if (name.name == "void") return nullptr;
    if (is_planned_type(name.name)) return planned();
    if (name.name == "bool") return c.types().boolean();
    for (const Name& n : integer_names)
      if (n.name == name.name) return c.types().integer(n.bytes, n.is_signed);
    const target::Btf* btf = c.script.target.btf();
    const auto id = btf ? btf->find_type(name.name) : std::nullopt;
    return id ? c.type_of_btf(*id, AddressSpace::kernel) : unknown(name.name, BtfKind::typedef_);
  }

  const Type* planned() {
    not_supported_yet(c.diag, name.span, lang::Construct::cast_to_aggregate);
    return c.types().error();
  }

  static bool is_planned_type(std::string_view word) {
    static constexpr std::string_view words[] = {
        "buffer",  "inet",   "username_t", "macaddr_t", "timestamp", "cgroup_path_t",
        "count_t", "sum_t",  "min_t",      "max_t",     "avg_t",     "stats_t",
        "usum_t",  "umin_t", "umax_t",     "uavg_t",    "ustats_t"};
    return std::ranges::find(words, word) != std::end(words);
  }

  // `string`, `string[N]`
  const Type* text() {
    const std::uint64_t limit = c.script.config.number(lang::ConfigKey::max_strlen);
    std::uint64_t capacity = limit;
    if (!name.suffixes.empty() && name.suffixes[0] > 0)
      capacity = static_cast<std::uint64_t>(name.suffixes[0]);
    if (capacity <= limit) return c.types().string(static_cast<std::uint32_t>(capacity));
    c.diag.error(DiagId::string_too_long, name.span,
                 "a string of {} bytes is longer than max_strlen allows ({})", capacity, limit);
    return c.types().error();
  }

  const Type* run() {
    if (name.of_expr || name.of_type) return c.types().error();  // reported by reject_unsupported
    const bool is_string = name.tag.empty() && name.name == "string";
    if (is_string && name.suffixes.size() <= 1 && (name.suffixes.empty() || name.suffixes[0] != -1))
      return text();
    if (is_string) return planned();
    const Type* type = base();
    if (type && type->is_error()) return type;
    if (type && type->is(TypeKind::none)) return planned();
    if (type && type->is(TypeKind::array)) {
      not_supported_yet(c.diag, name.span, lang::Construct::array_value);
      return c.types().error();
    }
    // Casts keep no address space of their own: a pointer made from a number is followed where
    // the probe's own pointers are.
    const AddressSpace space = lang::row(c.probe->kind).address_space;
    for (const std::int64_t suffix : name.suffixes) {
      if (suffix != -1) {
        not_supported_yet(c.diag, name.span, lang::Construct::array_value);
        return c.types().error();
      }
      type = c.types().pointer(type, space);
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
