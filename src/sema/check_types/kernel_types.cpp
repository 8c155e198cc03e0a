// SPDX-License-Identifier: Apache-2.0
// Types of the kernel as types of the language: BTF, fields of tracepoint formats, and type
// names as a script writes them.
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

// One-byte integers in an array are text: `char comm[16]`, `u8 mac[6]`.
const Type* array_of(Checker& c, const Type* element, std::uint32_t count) {
  if (element->is_integer() && element->size_bytes == 1) return c.types().string(count);
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
constexpr Name integer_names[] = {
    {"int8", 1, true},   {"int16", 2, true},   {"int32", 4, true},   {"int64", 8, true},
    {"uint8", 1, false}, {"uint16", 2, false}, {"uint32", 4, false}, {"uint64", 8, false},
    {"char", 1, true},   {"short", 2, true},   {"int", 4, true},     {"long", 8, true},
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
    const target::Btf* btf = c.script.target.btf();
    auto report =
        c.diag.error(DiagId::unknown_type, name.span, "Cannot resolve unknown type \"{}\"", what);
    if (!btf) {
      report.hint("this kernel has no BTF: {}", c.script.target.btf_problem());
      return c.types().error();
    }
    if (c.last_walk) {
      auto names = btf->names(kind);
      for (const Name& n : integer_names) names.push_back(n.name);
      report.suggest(nearest(name.name, std::span<const std::string_view>(names)));
    }
    return c.types().error();
  }

  // Null for void.
  const Type* base() {
    if (!name.tag.empty()) {
      const Type* type = c.struct_type(name.name);
      if (!type || name.tag == "enum") return unknown(name.tag + " " + name.name, BtfKind::struct_);
      return type;
    }
    if (name.name == "void") return nullptr;
    if (name.name == "bool") return c.types().boolean();
    for (const Name& n : integer_names)
      if (n.name == name.name) return c.types().integer(n.bytes, n.is_signed);
    const target::Btf* btf = c.script.target.btf();
    const auto id = btf ? btf->find_type(name.name) : std::nullopt;
    return id ? c.type_of_btf(*id, AddressSpace::kernel) : unknown(name.name, BtfKind::typedef_);
  }

  const Type* run() {
    const bool is_string = name.tag.empty() && name.name == "string";
    if (is_string && name.suffixes.size() == 1 && name.suffixes[0] > 0)
      return c.types().string(static_cast<std::uint32_t>(name.suffixes[0]));
    if (is_string)
      return c.types().string(
          static_cast<std::uint32_t>(c.script.config.number(lang::ConfigKey::max_strlen)));
    const Type* type = base();
    if (type && type->is_error()) return type;
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
    c.diag.error(DiagId::unknown_type, name.span, "`void` has no values").hint("did you mean `void *`?");
    return c.types().error();
  }
};

}  // namespace

const Type* Checker::resolve_type_name(const ast::TypeName& name) {
  return TypeNameResolution{*this, name}.run();
}

}  // namespace sonde::sema
