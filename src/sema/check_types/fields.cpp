// SPDX-License-Identifier: Apache-2.0
// `.`, `->` and `[ ]`: fields of structs, of a probe's arguments, elements of arrays and tuples.
#include <fmt/format.h>

#include "base/text.h"
#include "image/scratch_frame.h"
#include "sema/architecture.h"
#include "sema/c_types.h"
#include "sema/check_types/checker.h"
#include "target/btf_functions.h"

namespace sonde::sema {

using namespace ast;
using diag::DiagId;
using lang::ProbeKind;

namespace {

// Where the pointers inside a struct point to: where the struct itself was read.
lang::AddressSpace space_inside(const Checker& c, const Expr* object) {
  if (const auto* field = as<FieldRef>(object)) {
    const Type* of = field->object->type;
    return of && of->is(TypeKind::pointer) ? of->space : space_inside(c, field->object);
  }
  const auto* unary = as<Unary>(object);
  const auto* index = as<Index>(object);
  const Expr* pointer = unary ? unary->operand : index ? index->object : nullptr;
  if (pointer && pointer->type && pointer->type->is(TypeKind::pointer)) return pointer->type->space;
  if (index) return space_inside(c, index->object);
  return lang::row(c.probe->kind).address_space;
}

void report_missing(Checker& c, diag::Span span, std::string_view owner, std::string_view field,
                    std::span<const std::string> names) {
  auto report = c.diag.error(DiagId::unknown_field, span, "'{}' has no field `{}`", owner, field);
  const std::string_view candidate = nearest(field, names);
  report.suggest(candidate);
  if (!candidate.empty() || names.empty() || names.size() > 12) return;
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "`" : ", `") + name + "`";
  report.hint("it has {}", list);
}

struct FieldCheck {
  Checker& c;
  FieldRef& field;

  const Type* found(FieldAccess access) {
    // Every walk comes here, and types may have grown since the last one.
    const Type* type = access.type;
    if (!field.access || field.access->type != type || field.access->index != access.index) {
      c.script.fields.push_back(access);
      field.access = &c.script.fields.back();
    }
    return type;
  }

  const Type* missing(std::string_view owner, std::span<const std::string> names) {
    report_missing(c, field.span, owner, field.field, names);
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
      c.diag
          .error(DiagId::unknown_field, field.span,
                 "BPF programs cannot read the common fields of a tracepoint")
          .hint("`pid`, `tid` and `cpu` are builtins");
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
          return found(
              {.source = FieldAccess::Source::raw_argument,
               .index = i - 1,
               .type = type_of_btf(c.types(), *btf, params[i].type, lang::AddressSpace::kernel)});
        if (!params[i].name.empty()) names.emplace_back(params[i].name);
      }
      if (names.empty() && params.size() > 1) return unnamed(params.size() - 1);
    }
    return missing(field.object->type->name, names);
  }

  // check_args has found the function. A parameter in one word of the context or one register.
  const Type* kernel_argument() {
    const auto [btf, function] = *c.probe->function_type;
    const auto params = btf->params(btf->type(function).type);
    const std::size_t registers = register_arguments(c.script.target.architecture());
    std::vector<std::string> names;
    for (std::size_t i = 0; i < params.size(); ++i) {
      if (params[i].name == field.field) {
        const Type* type = type_of_btf(c.types(), *btf, params[i].type, lang::AddressSpace::kernel);
        const unsigned slot = target::argument_slot(*btf, function, i);
        const bool readable = !type->is(TypeKind::none) && !type->is(TypeKind::c_struct);
        if (!readable || (!c.probe->by_trampoline && slot >= registers))
          return unreadable(readable);
        return found({.source = c.probe->by_trampoline ? FieldAccess::Source::trampoline_argument
                                                       : FieldAccess::Source::register_argument,
                      .index = slot,
                      .type = type});
      }
      if (!params[i].name.empty()) names.emplace_back(params[i].name);
    }
    return missing(field.object->type->name, names);
  }

  const Type* unreadable(bool on_stack) {
    c.diag.error(DiagId::unreadable_argument, field.span, "the argument `{}` {}", field.field,
                 on_stack ? "is on the stack, and only those in registers can be read"
                          : "is of a type that the language does not have, or a struct by value");
    return c.types().error();
  }

  // check_args has found the function.
  const Type* user_argument() {
    target::UserTypes& program = *c.script.type_sources.open_program(c.probe->place().target);
    std::vector<std::string> names;
    for (const target::UserParam& param : *program.params(c.probe->place().function)) {
      if (param.name == field.field) return argument(param, program.btf());
      if (!param.name.empty()) names.push_back(param.name);
    }
    return missing(field.object->type->name, names);
  }

  const Type* argument(const target::UserParam& param, const target::Btf& btf) {
    const Type* type = type_of_btf(c.types(), btf, param.type, lang::AddressSpace::user);
    if (param.integer_register && !type->is(TypeKind::none))
      return found({.source = FieldAccess::Source::register_argument,
                    .index = *param.integer_register,
                    .type = type});
    if (param.integer_register)
      c.diag.error(DiagId::unreadable_argument, field.span,
                   "the argument `{}` has a type that the language does not have", param.name);
    else
      c.diag.error(DiagId::unreadable_argument, field.span,
                   "the argument `{}` is {}, and only those in one register can be read",
                   param.name, param.elsewhere);
    return c.types().error();
  }

  const Type* unnamed(std::size_t count) {
    c.diag
        .error(DiagId::unknown_field, field.span,
               "the kernel's BTF does not name the arguments of {}", c.probe->name)
        .hint("count them: `arg0`{}", count > 1 ? fmt::format(" to `arg{}`", count - 1) : "");
    return c.types().error();
  }

  const Type* member_of(const Type& owner, lang::AddressSpace space) {
    if (space == lang::AddressSpace::context) space = c.probe_space();
    const auto member = find_member(c.types(), owner, field.field, space);
    if (!member) return missing(owner.name, member_names(owner));
    if (member->type->is(TypeKind::none)) {
      c.diag.error(DiagId::unknown_field, field.span,
                   "the field `{}` of '{}' has a type that the language does not have", field.field,
                   owner.name);
      return c.types().error();
    }
    if (!member->pointer_tag.empty()) {
      c.diag.error(DiagId::unknown_field, field.span,
                   "the pointer `{}` is marked `{}` in the kernel and cannot be followed from here",
                   field.field, member->pointer_tag);
      return c.types().error();
    }
    return found({.source = FieldAccess::Source::memory,
                  .offset_bytes = member->offset_bytes,
                  .bit_offset = member->bit_offset,
                  .bit_size = member->bit_size,
                  .type = member->type});
  }

  const Type* element_of(const Type& record) {
    const auto index = find_element(record, field.field);
    if (!index) return missing(type_name(&record), record.names);
    return found({.source = FieldAccess::Source::element,
                  .index = static_cast<unsigned>(*index),
                  .type = record.elements[*index]});
  }

  const Type* run() {
    const Type* type = c.check_value(field.object);
    if (!type || type->is_error()) return type;
    if (type->is(TypeKind::record)) return element_of(*type);
    lang::AddressSpace space = space_inside(c, field.object);
    while (type->is(TypeKind::pointer)) {
      space = type->space;
      if (!type->element) return not_a_struct(type);
      type = type->element;
    }
    if (!type->is(TypeKind::c_struct)) return not_a_struct(type);
    if (type->described_in) return member_of(*type, space);
    if (traces_kernel_function(*c.probe)) return kernel_argument();
    switch (c.probe->kind) {
      case ProbeKind::tracepoint: return trace_field();
      case ProbeKind::uprobe: return user_argument();
      default: return raw_argument();
    }
  }

  const Type* not_a_struct(const Type* type) {
    if (type->is(TypeKind::pointer) && !c.script.target.btf())
      return c.no_btf(field.span, "the fields of a struct");
    auto report = c.diag.error(DiagId::not_a_struct, field.span, "'{}' has no fields, so no `{}`",
                               type_name(type), field.field);
    if (type->is_integer() || type->is(TypeKind::pointer))
      report.hint("cast it to the struct that it points to: `((struct NAME *)…).{}`", field.field);
    return c.types().error();
  }
};

const Type* bad_index(Checker& c, const Index& index, const Type* type) {
  auto report = c.diag.error(DiagId::bad_operand, index.span,
                             "`[ ]` takes an element of an array, string, tuple or typed pointer, "
                             "found '{}'",
                             type_name(type));
  if (type->is(TypeKind::pointer)) report.hint("cast it first: `((uint8 *)…)[…]`");
  return c.types().error();
}

const Type* report_bounds(Checker& c, const Index& index, const IntegerLiteral& literal,
                          std::string_view what, std::size_t count) {
  const std::string number = literal.negative
                                 ? std::to_string(static_cast<std::int64_t>(literal.value))
                                 : std::to_string(literal.value);
  auto report =
      c.diag.error(DiagId::out_of_bounds, index.span,
                   "the index {} is out of bounds for {} of {} elements", number, what, count);
  if (count > 0) report.hint("the last is {}", count - 1);
  return c.types().error();
}

// Inside an array or string of `count` elements. 0: the last member of a struct, of no declared
// size, which goes on as far as whoever wrote it says.
const Type* check_bounds(Checker& c, const Index& index, const Type* element, std::uint32_t count,
                         std::string_view what = "an array") {
  const auto* literal = as<IntegerLiteral>(index.index);
  if (literal) {
    if (!literal->negative && (count == 0 || literal->value < count)) return element;
    return report_bounds(c, index, *literal, what, count);
  }
  const Type* by = index.index->type;
  if (!by->is_signed || by->flexible) return element;
  c.diag
      .error(DiagId::bad_operand, index.index->span,
             "an index cannot be negative, and this is of type '{}'", type_name(by))
      .hint("a cast says that it never is: `[(uint64)…]`");
  return c.types().error();
}

}  // namespace

// One more struct for each name of the path.
std::optional<std::uint32_t> Checker::find_offset(const OffsetofExpr& node, const Type& owner) {
  const Type* type = &owner;
  std::uint32_t bytes = 0;
  for (const std::string& name : node.path) {
    if (!type->is(TypeKind::c_struct) || !type->described_in) {
      diag.error(DiagId::not_a_struct, node.span, "'{}' has no fields, so no `{}`", type_name(type),
                 name);
      return std::nullopt;
    }
    const auto member = find_member(types(), *type, name, lang::AddressSpace::none);
    if (!member) {
      report_missing(*this, node.span, type_name(type), name, member_names(*type));
      return std::nullopt;
    }
    bytes += member->offset_bytes + member->bit_offset / 8;
    type = member->type;
  }
  return bytes;
}

const Type* Checker::check_field(FieldRef& field) { return FieldCheck{*this, field}.run(); }

// Variables that hold each other twice double their size with each assignment, and those that hold
// each other once are a level deeper: walks over types are recursive.
const Type* Checker::small_enough(const Type* type, diag::Span span) {
  constexpr unsigned most_nesting = 100;
  if (type->size_bytes > image::most_value_bytes)
    diag.error(DiagId::value_too_large, span,
               "a value of {} bytes is larger than what a probe can hold ({})", type->size_bytes,
               image::most_value_bytes);
  else if (type->nesting > most_nesting)
    diag.error(DiagId::too_deep, span, "tuples and records are nested in more than {} levels",
               most_nesting);
  else
    return type;
  return types().error();
}

const Type* Checker::check_tuple_element(const Expr& object, std::uint64_t index, diag::Span span) {
  const Type* type = object.type;
  if (!type || type->is_error()) return type;
  if (!type->is(TypeKind::tuple)) {
    auto report =
        diag.error(DiagId::bad_operand, span, "only a tuple has an element `.{}`, found '{}'",
                   index, type_name(type));
    if (as<IntegerLiteral>(&object)) report.hint("numbers are integers, without a fraction");
    return types().error();
  }
  if (index < type->elements.size()) return type->elements[index];
  diag.error(DiagId::out_of_bounds, span, "there is no element {} in a tuple of {}", index,
             type->elements.size())
      .hint("the last is `.{}`", type->elements.size() - 1);
  return types().error();
}

const Type* Checker::check_index(Index& index) {
  const Type* type = check_value(index.object);
  const Type* by = check_value(index.index);
  if (!type || !by) return nullptr;
  if (type->is_error() || by->is_error()) return types().error();
  if (!by->is_integer()) {
    diag.error(DiagId::bad_operand, index.index->span, "an index is an integer, found '{}'",
               type_name(by))
        .hint("elements are counted from 0: `[0]`");
    return types().error();
  }
  switch (type->kind) {
    case TypeKind::pointer: return type->element ? type->element : bad_index(*this, index, type);
    case TypeKind::array: return check_bounds(*this, index, type->element, type->count);
    case TypeKind::string:
      return check_bounds(*this, index, types().integer(1, true), type->size_bytes, "a string");
    case TypeKind::tuple:
      if (const auto* literal = as<IntegerLiteral>(index.index)) {
        if (!literal->negative)
          return check_tuple_element(*index.object, literal->value, index.span);
        return report_bounds(*this, index, *literal, "a tuple", type->elements.size());
      }
      diag.error(DiagId::bad_operand, index.index->span,
                 "the index into a tuple must be a literal: its elements have types of their own");
      return types().error();
    default: return bad_index(*this, index, type);
  }
}

}  // namespace sonde::sema
