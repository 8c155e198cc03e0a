// SPDX-License-Identifier: Apache-2.0
// Calls of functions that an imported C file defines.
#include "sema/c_types.h"
#include "sema/check_types/checker.h"
#include "sema/foreign.h"

namespace sonde::sema {

namespace {

using namespace ast;
using diag::DiagId;
using target::Btf;
using target::BtfId;
using target::BtfKind;

// A call has five registers for arguments.
constexpr std::size_t most_arguments = 5;

// Null for what the language cannot pass on: structs, floating-point numbers, 128 bits.
const Type* word_type(Checker& c, const Btf& btf, BtfId id) {
  if (btf.type(btf.resolve(id)).kind == BtfKind::void_) return c.types().void_type();
  const Type* type = type_of_btf(c.types(), btf, id, lang::AddressSpace::kernel);
  return type->is_scalar() && type->size_bytes <= 8 ? type : nullptr;
}

// `void *` goes with every pointer; else what they point to has one name. The struct of an imported
// file and that of the kernel are two types.
bool is_same_pointee(const Type* a, const Type* b) {
  return a == nullptr || b == nullptr || a == b || type_name(a) == type_name(b);
}

bool can_pass(const Type& given, const Type& wanted) {
  if (wanted.is(TypeKind::pointer))
    return given.is(TypeKind::pointer) && is_same_pointee(given.element, wanted.element);
  return given.is_integer() || given.is(TypeKind::boolean);
}

bool check_parameter(Checker& c, const Call& call, Expr* argument, const target::BtfParam& param) {
  const Type* given = c.check_value(argument);
  const Type* wanted = word_type(c, call.foreign->object->btf, param.type);
  if (!given || given->is_error()) return false;
  if (wanted == nullptr) {
    c.diag.error(DiagId::argument_type, argument->span,
                 "`{}` of {}() has a type of C that a script cannot pass", param.name, call.name);
    return false;
  }
  if (can_pass(*given, *wanted)) return true;
  c.diag.error(DiagId::argument_type, argument->span, "`{}` of {}() must be '{}', found '{}'",
               param.name, call.name, type_name(wanted), type_name(given));
  return false;
}

}  // namespace

const Type* Checker::check_foreign(Call& call) {
  const Btf& btf = call.foreign->object->btf;
  const std::vector<target::BtfParam> params = btf.params(call.foreign->prototype);
  for (std::size_t i = params.size(); i < call.args.size(); ++i) check_value(call.args[i]);
  if (params.size() != call.args.size()) {
    diag.error(DiagId::argument_count, call.span, "{}() takes {} argument{}, and the call has {}",
               call.name, params.size(), params.size() == 1 ? "" : "s", call.args.size())
        .label(call.foreign->object->imported_at, "it is imported here");
  } else if (params.size() > most_arguments) {
    diag.error(DiagId::argument_count, call.span,
               "{}() cannot be called: functions of BPF have at most {} arguments", call.name,
               most_arguments);
  } else {
    for (std::size_t i = 0; i < params.size(); ++i)
      check_parameter(*this, call, call.args[i], params[i]);
  }
  const BtfId result = btf.type(call.foreign->prototype).type;
  if (const Type* type = word_type(*this, btf, result)) return type;
  diag.error(DiagId::argument_type, call.span,
             "{}() gives a value that a script cannot take; let it return an integer or a pointer",
             call.name);
  return types().error();
}

}  // namespace sonde::sema
