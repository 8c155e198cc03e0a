// SPDX-License-Identifier: Apache-2.0
// Addresses: how they are taken and followed, and in which address space they are.
#include "sema/check_types/checker.h"

namespace sonde::sema {

using namespace ast;
using diag::DiagId;
using lang::AddressSpace;

namespace {

std::string_view words(AddressSpace space) {
  return space == AddressSpace::user ? "of the traced process" : "of the kernel";
}

}  // namespace

// `&$x` is where the variable lives, `&@x` the kernel's object of the map.
const Type* Checker::check_address_of(const Unary& unary) {
  if (as<MapRef>(unary.operand)) {
    const Type* object = script.target.btf() ? struct_type("bpf_map") : nullptr;
    return types().pointer(object, AddressSpace::kernel);
  }
  const Type* type = check_value(unary.operand);
  if (!type || type->is_error()) return type;
  return takes_addresses ? types().pointer(type, AddressSpace::kernel) : nullptr;
}

const Type* Checker::check_dereference(const Unary& unary, const Type* type) {
  if (type->is_integer()) return types().uint64();
  if (type->is(TypeKind::c_struct) && !type->described_in) return type;  // `*args` is `args`
  if (type->is(TypeKind::pointer) && type->element) return type->element;
  if (type->is(TypeKind::pointer)) {
    diag.error(DiagId::bad_operand, unary.span, "it is not known what a `void *` points to")
        .hint("cast it first: `*(uint64 *)…`");
  } else {
    auto report = diag.error(DiagId::bad_operand, unary.span, "`*` follows a pointer, found '{}'",
                             type_name(type));
    report.hint("the {} is here already: leave out the `*`",
                type->is(TypeKind::c_struct) ? "struct" : "value");
  }
  return types().error();
}

const Type* Checker::check_space_call(const Call& call, AddressSpace space) {
  const Type* type = call.args[0]->type;
  if (!type || type->is_error()) return type;
  if (type->is(TypeKind::pointer)) return types().in_space(type, space);
  if (type->is_integer())
    return types().in_space(types().integer(type->size_bytes, type->is_signed), space);
  diag.error(DiagId::argument_type, call.args[0]->span,
             "the address of {}() must be a pointer or an integer, found '{}'", call.name,
             type_name(type))
      .hint("write `{}`", lang::usage(*call.builtin));
  return types().error();
}

const Type* Checker::cast_to_space(const Type* to, const Type& from) {
  if (to->is_integer() && from.is_integer()) return types().in_space(to, from.space);
  if (!to->is(TypeKind::pointer)) return to;
  if (from.space == AddressSpace::context) return types().in_space(to, AddressSpace::kernel);
  // What is no address yet becomes one of the probe's.
  const bool known = from.is(TypeKind::pointer) || from.space != AddressSpace::none;
  return types().in_space(to, known ? from.space : probe_space());
}

const Type* Checker::combine_spaces(const Type* result, const Expr* lhs, const Type& left,
                                    const Expr* rhs, const Type& right, diag::Span span) {
  const bool both = left.space != AddressSpace::none && right.space != AddressSpace::none;
  const auto own = [](AddressSpace space) {
    return space == AddressSpace::context ? AddressSpace::kernel : space;
  };
  const AddressSpace l = own(left.space), r = own(right.space);
  const bool mixed = both && l != r;
  if (mixed)
    diag.warning(DiagId::mixed_address_spaces, span,
                 "an address of the kernel and one of the traced process do not belong together")
        .label(lhs->span, "this is an address {}", words(l))
        .label(rhs->span, "this is an address {}", words(r))
        .hint("`kptr(…)` and `uptr(…)` say where an address belongs");
  if (!result->is_integer() && !result->is(TypeKind::pointer)) return result;
  if (mixed) return types().in_space(result, AddressSpace::none);
  return types().in_space(result, l != AddressSpace::none ? l : r);
}

}  // namespace sonde::sema
