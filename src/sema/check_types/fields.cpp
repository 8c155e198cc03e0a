// SPDX-License-Identifier: Apache-2.0
// `.`, `->` and `[ ]`: fields of structs, of a probe's arguments, elements of arrays and tuples.
#include "base/text.h"
#include "sema/check_types/checker.h"
#include "sema/unsupported.h"

namespace sonde::sema {

using namespace ast;
using diag::DiagId;
using lang::ProbeKind;

namespace {

// A member at some depth of anonymous structs and unions.
struct FoundMember {
  target::BtfMember member;
  std::uint32_t bit_offset = 0;  // from the start of the outer struct
};

std::optional<FoundMember> find_member(const target::Btf& btf, target::BtfId id,
                                       std::string_view name, std::uint32_t base = 0) {
  for (const target::BtfMember& member : btf.members(id)) {
    const std::uint32_t at = base + member.bit_offset;
    if (member.name == name) return FoundMember{member, at};
    if (!member.name.empty()) continue;
    if (const auto inner = find_member(btf, btf.resolve(member.type), name, at)) return inner;
  }
  return std::nullopt;
}

void collect_names(const target::Btf& btf, target::BtfId id, std::vector<std::string>& names) {
  for (const target::BtfMember& member : btf.members(id)) {
    if (member.name.empty())
      collect_names(btf, btf.resolve(member.type), names);
    else
      names.emplace_back(member.name);
  }
}

struct FieldCheck {
  Checker& c;
  FieldRef& field;

  const Type* found(FieldAccess access) {
    const Type* type = access.type;
    c.script.fields.push_back(std::move(access));
    field.access = &c.script.fields.back();
    return type;
  }

  const Type* missing(std::string_view owner, std::span<const std::string> names) {
    auto report = c.diag.error(DiagId::unknown_field, field.field_span,
                               "'{}' does not contain a field named '{}'", owner, field.field);
    const std::string_view candidate = nearest(field.field, names);
    report.suggest(candidate);
    if (candidate.empty() && !names.empty() && names.size() <= 12) {
      std::string list;
      for (const std::string& name : names) list += (list.empty() ? "`" : ", `") + name + "`";
      report.hint("it has {}", list);
    }
    return c.types().error();
  }

  const Type* trace_field() {
    const auto& fields = c.probe->tracepoint->fields;
    std::vector<std::string> names;
    for (unsigned i = 0; i < fields.size(); ++i) {
      if (fields[i].name == field.field) {
        c.probe->reads_record = true;
        return found({.source = FieldAccess::Source::trace_record,
                      .offset_bytes = fields[i].offset,
                      .index = i,
                      .type = c.type_of_trace_field(fields[i])});
      }
      names.push_back(fields[i].name);
    }
    if (field.field.starts_with("common_")) {
      c.diag.error(DiagId::unknown_field, field.field_span,
                   "BPF does not support accessing common tracepoint fields");
      return c.types().error();
    }
    return missing(field.object->type->name, names);
  }

  // The first parameter of the prototype is the tracer's own `void *__data`.
  const Type* raw_argument() {
    std::vector<std::string> names;
    if (const target::Btf* btf = c.script.target.btf(); btf && c.probe->raw_prototype != 0) {
      const auto params = btf->params(c.probe->raw_prototype);
      for (unsigned i = 1; i < params.size(); ++i) {
        if (params[i].name == field.field)
          return found({.source = FieldAccess::Source::raw_argument,
                        .index = i - 1,
                        .type = c.type_of_btf(params[i].type, lang::AddressSpace::kernel)});
        names.emplace_back(params[i].name);
      }
    }
    return missing("the arguments of " + c.probe->name, names);
  }

  const Type* member_of(const Type& owner, lang::AddressSpace space) {
    const target::Btf& btf = *c.script.target.btf();
    const auto member = find_member(btf, owner.btf, field.field);
    if (!member) {
      std::vector<std::string> names;
      collect_names(btf, owner.btf, names);
      return missing(owner.name, names);
    }
    FieldAccess access{.source = FieldAccess::Source::memory,
                       .offset_bytes = member->bit_offset / 8,
                       .type = c.type_of_btf(member->member.type, space)};
    if (member->member.bit_size != 0) {
      // Read the whole integer that the bits lie in, at its natural place.
      const std::uint32_t bits = access.type->size_bytes * 8;
      access.offset_bytes = member->bit_offset / bits * access.type->size_bytes;
      access.bit_offset = static_cast<std::uint8_t>(member->bit_offset % bits);
      access.bit_size = static_cast<std::uint8_t>(member->member.bit_size);
    }
    return found(access);
  }

  const Type* run() {
    const Type* type = c.check(field.object);
    if (!type || type->is_error()) return type;
    lang::AddressSpace space = lang::row(c.probe->kind).address_space;
    while (type->is(TypeKind::pointer)) {
      space = type->space;
      if (!type->element) return not_a_struct(type);
      type = type->element;
    }
    if (!type->is(TypeKind::c_struct)) return not_a_struct(type);
    if (type->btf != 0) return member_of(*type, space);
    return c.probe->kind == ProbeKind::tracepoint ? trace_field() : raw_argument();
  }

  const Type* not_a_struct(const Type* type) {
    auto report = c.diag.error(DiagId::not_a_struct, field.span,
                               "Can not access field '{}' on expression of type '{}'", field.field,
                               type_name(type));
    report.label(field.object->span, "this is a `{}`", type_name(type));
    if (type->is_integer() || type->is(TypeKind::pointer))
      report.hint("cast it to the struct that it points to: `((struct NAME *)…).{}`", field.field);
    return c.types().error();
  }
};

const Type* bad_index(Checker& c, const Index& index, const Type* type) {
  c.diag.error(DiagId::bad_operand, index.span,
               "The array index operator [] can only be used on arrays, pointers, and tuples, "
               "found {}.",
               type_name(type));
  return c.types().error();
}

const Type* check_bounds(Checker& c, const Index& index, const Type* element, std::uint32_t count) {
  const auto* literal = as<IntegerLiteral>(index.index);
  if (!literal) {
    not_supported_yet(c.diag, index.index->span, lang::Construct::dynamic_index);
    return c.types().error();
  }
  if (!literal->negative && literal->value < count) return element;
  c.diag.error(DiagId::out_of_bounds, index.span,
               "the index {} is out of bounds for array of size {}",
               static_cast<std::int64_t>(literal->value), count);
  return c.types().error();
}

}  // namespace

const Type* Checker::check_field(FieldRef& field) { return FieldCheck{*this, field}.run(); }

const Type* Checker::check_tuple_element(const Expr& object, std::uint64_t index,
                                         diag::Span span) {
  const Type* type = object.type;
  if (!type || type->is_error()) return type;
  if (!type->is(TypeKind::tuple)) {
    diag.error(DiagId::bad_operand, span, "Can not access element {} of type '{}'", index,
               type_name(type));
    return types().error();
  }
  if (index < type->elements.size()) return type->elements[index];
  diag.error(DiagId::out_of_bounds, span,
             "Invalid tuple index: {}. Found {} elements in tuple.", index, type->elements.size());
  return types().error();
}

const Type* Checker::check_index(Index& index) {
  const Type* type = check_value(index.object);
  const Type* by = check_value(index.index);
  if (!type || !by || type->is_error() || by->is_error()) return type ? types().error() : nullptr;
  if (!by->is_integer()) {
    diag.error(DiagId::bad_operand, index.index->span,
               "The array index operator [] only accepts non-negative integer indices. Got: {}",
               type_name(by));
    return types().error();
  }
  switch (type->kind) {
    case TypeKind::pointer: return type->element ? type->element : bad_index(*this, index, type);
    case TypeKind::array: return check_bounds(*this, index, type->element, type->count);
    case TypeKind::string:
      return check_bounds(*this, index, types().integer(1, true), type->size_bytes);
    case TypeKind::tuple:
      if (const auto* literal = as<IntegerLiteral>(index.index))
        return check_tuple_element(*index.object, literal->value, index.span);
      return check_bounds(*this, index, nullptr, 0);
    default: return bad_index(*this, index, type);
  }
}

}  // namespace sonde::sema
