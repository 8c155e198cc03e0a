// SPDX-License-Identifier: Apache-2.0
#include "sema/type.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"

namespace sonde::sema {

namespace {

std::size_t hash(const Type& type) {
  std::size_t result = 0;
  const auto add = [&](auto value) {
    result = result * 1000003 + std::hash<decltype(value)>{}(value);
  };
  add(static_cast<unsigned>(type.kind));
  add(type.size_bytes);
  add(type.is_signed);
  add(type.element);
  add(type.count);
  add(type.btf);
  for (const Type* element : type.elements) add(element);
  return result;
}

}  // namespace

const Type* TypeTable::intern(Type type) {
  const std::size_t key = hash(type);
  const auto [first, last] = by_hash_.equal_range(key);
  for (auto known = first; known != last; ++known)
    if (*known->second == type) return known->second;
  types_.push_back(std::move(type));
  by_hash_.emplace(key, &types_.back());
  return &types_.back();
}

const Type* TypeTable::integer(unsigned bytes, bool is_signed, bool flexible) {
  return intern({.kind = TypeKind::integer,
                 .size_bytes = bytes,
                 .is_signed = is_signed,
                 .flexible = flexible});
}

const Type* TypeTable::string(std::uint32_t capacity) {
  return intern({.kind = TypeKind::string, .size_bytes = capacity});
}

const Type* TypeTable::buffer(std::uint32_t payload_bytes) {
  return intern({.kind = TypeKind::buffer, .size_bytes = buffer_header_bytes + payload_bytes});
}

const Type* TypeTable::pointer(const Type* element, lang::AddressSpace space) {
  return intern({.kind = TypeKind::pointer, .size_bytes = 8, .element = element, .space = space});
}

const Type* TypeTable::array(const Type* element, std::uint32_t count) {
  return intern({.kind = TypeKind::array,
                 .size_bytes = element->size_bytes * count,
                 .element = element,
                 .count = count});
}

unsigned nesting_of(const std::vector<const Type*>& elements) {
  unsigned deepest = 0;
  for (const Type* element : elements) deepest = std::max(deepest, element->nesting);
  return deepest + 1;
}

const Type* TypeTable::tuple(std::vector<const Type*> elements) {
  const std::uint32_t size = tuple_layout(elements).size_bytes;
  const unsigned nesting = nesting_of(elements);
  return intern({.kind = TypeKind::tuple,
                 .size_bytes = size,
                 .elements = std::move(elements),
                 .nesting = nesting});
}

const Type* TypeTable::record(std::vector<std::string> names, std::vector<const Type*> elements) {
  const std::uint32_t size = tuple_layout(elements).size_bytes;
  const unsigned nesting = nesting_of(elements);
  return intern({.kind = TypeKind::record,
                 .size_bytes = size,
                 .elements = std::move(elements),
                 .names = std::move(names),
                 .nesting = nesting});
}

const Type* TypeTable::small(TypeKind kind) {
  const auto size_bytes = [&]() -> std::uint32_t {
    switch (kind) {
      case TypeKind::ksym:
      case TypeKind::username: return 8;
      case TypeKind::usym:
      case TypeKind::timestamp:
      case TypeKind::cgroup_path: return 16;
      case TypeKind::inet: return 24;
      case TypeKind::mac: return 6;
      default: SONDE_UNREACHABLE("a type that is of more than one size");
    }
  };
  return intern({.kind = kind, .size_bytes = size_bytes()});
}

const Type* TypeTable::aggregation(TypeKind kind, bool is_signed) {
  return intern({.kind = kind, .size_bytes = 8, .is_signed = is_signed});
}

const Type* TypeTable::literal(std::uint64_t value, bool negative) {
  // A negative value is at most its magnitude in two's complement.
  const std::uint64_t magnitude = negative ? ~value : value;
  for (const unsigned bytes : {1U, 2U, 4U, 8U})
    if (magnitude <= (UINT64_MAX >> (65 - 8 * bytes))) return integer(bytes, true, !negative);
  return uint64();
}

const Type* TypeTable::promote_integers(const Type& a, const Type& b) {
  const unsigned larger = std::max(a.size_bytes, b.size_bytes);
  if (a.space != lang::AddressSpace::none && a.space == b.space)
    return in_space(promote(in_space(&a, {}), in_space(&b, {})), a.space);
  if (a.is_signed == b.is_signed) return integer(larger, a.is_signed, a.flexible && b.flexible);
  if (a.flexible) return integer(larger, b.is_signed);
  if (b.flexible) return integer(larger, a.is_signed);
  const Type& s = a.is_signed ? a : b;
  const Type& u = a.is_signed ? b : a;
  if (s.size_bytes > u.size_bytes) return integer(s.size_bytes, true);
  return integer(std::min(8U, 2 * larger), true);
}

// A `void *` becomes whatever it is assigned together with. Where the two point into different
// address spaces, the space is not known.
const Type* TypeTable::promote_pointers(const Type& a, const Type& b) {
  if (a.element && b.element && a.element != b.element) return nullptr;
  return pointer(a.element ? a.element : b.element,
                 a.space == b.space ? a.space : lang::AddressSpace::none);
}

// Records are put in the order of the first.
const Type* TypeTable::promote_elements(const Type& a, const Type& b) {
  if (a.elements.size() != b.elements.size()) return nullptr;
  std::vector<const Type*> elements;
  for (std::size_t i = 0; i < a.elements.size(); ++i) {
    std::optional<std::size_t> other = i;
    if (a.is(TypeKind::record)) other = find_element(b, a.names[i]);
    const Type* element = other ? promote(a.elements[i], b.elements[*other]) : nullptr;
    if (!element) return nullptr;
    elements.push_back(element);
  }
  return a.is(TypeKind::record) ? record(a.names, std::move(elements)) : tuple(std::move(elements));
}

const Type* TypeTable::promote_series(const Type& a, const Type& b) {
  const Type& s = a.is_signed ? a : b;
  Type other = a.is_signed ? b : a;
  other.is_signed = s.is_signed;
  return other == s ? intern(s) : nullptr;
}

const Type* TypeTable::in_space(const Type* type, lang::AddressSpace space) {
  if (type->space == space) return type;
  Type changed = *type;
  changed.space = space;
  return intern(std::move(changed));
}

const Type* TypeTable::without_context(const Type* type) {
  if (type->space == lang::AddressSpace::context) return in_space(type, lang::AddressSpace::kernel);
  if (!type->has_elements()) return type;
  Type changed = *type;
  for (const Type*& element : changed.elements) element = without_context(element);
  return intern(std::move(changed));
}

const Type* TypeTable::promote(const Type* a, const Type* b) {
  if (a == b || b->is_error()) return a;
  if (a->is_error()) return b;
  // A field of the enum has the declared size, its enumerators have 64 bits.
  if (a->is_enum() && b->is_enum() && a->described_in == b->described_in && a->btf == b->btf)
    return a->size_bytes > b->size_bytes ? a : b;
  if (a->is_integer() && b->is_integer()) return promote_integers(*a, *b);
  // Comparisons were integers up to 0.23: scripts mix them with numbers.
  if (a->is(TypeKind::boolean) && b->is_integer()) return b;
  if (b->is(TypeKind::boolean) && a->is_integer()) return a;
  if (a->kind != b->kind) return nullptr;
  switch (a->kind) {
    case TypeKind::string:
    case TypeKind::buffer: return a->size_bytes > b->size_bytes ? a : b;
    case TypeKind::pointer: return promote_pointers(*a, *b);
    case TypeKind::tuple:
    case TypeKind::record: return promote_elements(*a, *b);
    case TypeKind::sum:
    case TypeKind::min:
    case TypeKind::max:
    case TypeKind::avg:
    case TypeKind::stats: return a->is_signed ? a : b;  // they differ in the sign only
    case TypeKind::tseries: return promote_series(*a, *b);
    default: return nullptr;
  }
}

namespace {

std::string_view aggregation_name(TypeKind kind) {
  switch (kind) {
    case TypeKind::count: return "count_t";
    case TypeKind::sum: return "sum_t";
    case TypeKind::min: return "min_t";
    case TypeKind::max: return "max_t";
    case TypeKind::avg: return "avg_t";
    case TypeKind::stats: return "stats_t";
    case TypeKind::hist: return "hist_t";
    case TypeKind::lhist: return "lhist_t";
    case TypeKind::tseries: return "tseries_t";
    default: SONDE_UNREACHABLE("not an aggregation");
  }
}

std::string_view stack_mode_name(image::StackMode mode) {
  switch (mode) {
    case image::StackMode::perf: return "perf";
    case image::StackMode::raw: return "raw";
    case image::StackMode::build_id: return "build_id";
    default: return "bpftrace";
  }
}

bool sign_in_name(TypeKind kind) { return kind >= TypeKind::sum && kind <= TypeKind::stats; }

}  // namespace

std::string type_name(const Type* type) {
  if (!type) return "none";
  switch (type->kind) {
    case TypeKind::error: return "error";
    case TypeKind::none: return "none";
    case TypeKind::void_: return "void";
    case TypeKind::boolean: return "bool";
    case TypeKind::integer:
      if (type->is_enum()) return type->name;
      return fmt::format("{}int{}", type->is_signed ? "" : "u", type->size_bytes * 8);
    case TypeKind::string: return fmt::format("string[{}]", type->size_bytes);
    case TypeKind::buffer: return fmt::format("buffer[{}]", type->size_bytes);
    case TypeKind::pointer: return type->element ? type_name(type->element) + " *" : "void *";
    case TypeKind::array: return fmt::format("{}[{}]", type_name(type->element), type->count);
    case TypeKind::c_struct: return type->name;
    case TypeKind::tuple: {
      std::string out = "(";
      for (const Type* element : type->elements) {
        if (out.size() > 1) out += ",";
        out += type_name(element);
      }
      return out + ")";
    }
    case TypeKind::record: {
      std::string out = "record {";
      for (std::size_t i = 0; i < type->elements.size(); ++i)
        out += fmt::format("{} .{} = {}", i == 0 ? "" : ",", type->names[i],
                           type_name(type->elements[i]));
      return out + " }";
    }
    case TypeKind::kstack:
    case TypeKind::ustack:
      return fmt::format("{}_{}_{}", type->is(TypeKind::kstack) ? "kstack" : "ustack",
                         stack_mode_name(type->stack_mode), type->stack_limit);
    case TypeKind::ksym: return "ksym_t";
    case TypeKind::usym: return "usym_t";
    case TypeKind::username: return "username_t";
    case TypeKind::inet: return "inet[24]";
    case TypeKind::mac: return "mac_address";
    case TypeKind::timestamp: return "timestamp";
    case TypeKind::cgroup_path: return "cgroup_path_t";
    default:
      return fmt::format("{}{}", sign_in_name(type->kind) && !type->is_signed ? "u" : "",
                         aggregation_name(type->kind));
  }
}

std::string base_type_name(const Type& type) {
  switch (type.kind) {
    case TypeKind::boolean: return "bool";
    case TypeKind::integer: return "int";
    case TypeKind::string: return "string";
    case TypeKind::buffer: return "buffer";
    case TypeKind::pointer: return "pointer";
    case TypeKind::array: return "array";
    case TypeKind::c_struct: return "c_type";
    case TypeKind::tuple: return "tuple";
    case TypeKind::record: return "record";
    case TypeKind::kstack: return "kstack";
    case TypeKind::ustack: return "ustack";
    default: break;
  }
  return type.is_aggregation() ? std::string(aggregation_name(type.kind)) : type_name(&type);
}

std::uint64_t size_in_language(const Type& type) {
  switch (type.kind) {
    // What other implementations keep of them: the frames, their number, and the process.
    case TypeKind::kstack: return 8 * std::uint64_t{type.stack_limit} + 8;
    case TypeKind::ustack: return 8 * std::uint64_t{type.stack_limit} + 16;
    case TypeKind::min:
    case TypeKind::max:
    case TypeKind::avg:
    case TypeKind::stats: return 16;
    default: return type.size_bytes;
  }
}

bool fits(const Type& from, const Type& to) {
  if (from.flexible) {
    // The literal's own type is signed; as an unsigned number it needs no sign bit.
    return from.size_bytes <= to.size_bytes;
  }
  if (from.is_signed == to.is_signed) return from.size_bytes <= to.size_bytes;
  return !from.is_signed && from.size_bytes < to.size_bytes;
}

std::uint32_t alignment_of(const Type& type) {
  switch (type.kind) {
    // Rows of bytes, whatever they mean to the reader.
    case TypeKind::string:
    case TypeKind::buffer:
    case TypeKind::usym:
    case TypeKind::inet:
    case TypeKind::mac:
    case TypeKind::timestamp:
    case TypeKind::cgroup_path: return 1;
    case TypeKind::array: return alignment_of(*type.element);
    case TypeKind::c_struct:
      return type.described_in ? type.described_in->alignment_of(type.btf) : 8;
    case TypeKind::tuple:
    case TypeKind::record: return tuple_layout(type.elements).alignment;
    default: return std::max<std::uint32_t>(1, type.size_bytes);
  }
}

std::optional<std::size_t> find_element(const Type& record, std::string_view name) {
  for (std::size_t i = 0; i < record.names.size(); ++i)
    if (record.names[i] == name) return i;
  return std::nullopt;
}

TupleLayout tuple_layout(const std::vector<const Type*>& elements) {
  TupleLayout layout;
  std::uint32_t at = 0;
  for (const Type* element : elements) {
    const std::uint32_t alignment = alignment_of(*element);
    layout.alignment = std::max(layout.alignment, alignment);
    at = (at + alignment - 1) / alignment * alignment;
    layout.offsets.push_back(at);
    at += element->size_bytes;
  }
  layout.size_bytes = (at + layout.alignment - 1) / layout.alignment * layout.alignment;
  return layout;
}

}  // namespace sonde::sema
