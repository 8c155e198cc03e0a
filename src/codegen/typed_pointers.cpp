// SPDX-License-Identifier: Apache-2.0
// Pointers for helpers that want the verifier to know what they point to: arguments of the probe,
// and what is reached from them by fields. As values of the language pointers are numbers, of which
// the verifier knows nothing, so these are loaded anew where they are handed on.
#include "codegen/builtins/builtins.h"

namespace sonde::codegen {

using namespace ast;
using lang::Builtin;
using sema::FieldAccess;
using sema::Type;
using sema::TypeKind;

namespace {

// What the one assignment of a variable assigns; null when there are several, or other changes.
class OneAssignment {
 public:
  explicit OneAssignment(const sema::Variable& variable) : variable_(variable) {}

  Expr* find_in(BlockExpr& body) {
    visit(body);
    return changes_ == 1 ? value_ : nullptr;
  }

 private:
  bool is_it(const Node* node) const {
    const auto* ref = as<VariableRef>(node);
    return ref && ref->variable == &variable_;
  }
  void change(Expr* value) {
    ++changes_;
    value_ = value;
  }
  void visit(Node& node) {
    if (auto* assign = as<Assign>(&node); assign && is_it(assign->target))
      change(assign->op ? nullptr : assign->value);
    if (auto* let = as<Let>(&node); let && is_it(let->variable) && let->value) change(let->value);
    if (auto* step = as<IncDec>(&node); step && is_it(step->target)) change(nullptr);
    if (auto* unary = as<Unary>(&node);
        unary && unary->op == UnaryOp::address_of && is_it(unary->operand))
      change(nullptr);
    if (auto* loop = as<ForRange>(&node); loop && is_it(loop->variable)) change(nullptr);
    if (auto* loop = as<ForMap>(&node); loop && is_it(loop->variable)) change(nullptr);
    const auto* call = as<Call>(&node);
    if (call && call->builtin == Builtin::find && call->args.size() == 3 && is_it(call->args[2]))
      change(nullptr);
    for_each_child(node, [this](auto* child) { visit(*child); });
  }

  const sema::Variable& variable_;
  Expr* value_ = nullptr;
  unsigned changes_ = 0;
};

// Through what hands a pointer on as it is: variables with one assignment, casts between pointers
// to structs, parentheses, `*`.
Expr* origin_of(Expr* expr, BlockExpr& body) {
  const auto points_to_struct = [](const Type* type) {
    return type->is(TypeKind::pointer) && type->element && type->element->is(TypeKind::c_struct);
  };
  for (;;) {
    Expr* next = nullptr;
    if (const auto* ref = as<VariableRef>(expr))
      next = OneAssignment(*ref->variable).find_in(body);
    else if (const auto* cast = as<Cast>(expr); cast && points_to_struct(cast->operand->type))
      next = cast->operand;
    else if (const auto* block = as<BlockExpr>(expr); block && block->stmts.empty())
      next = block->value;
    else if (const auto* unary = as<Unary>(expr); unary && unary->op == UnaryOp::dereference)
      next = unary->operand;
    if (!next) return expr;
    expr = next;
  }
}

}  // namespace

// What the context itself holds, or the helper that knows the current task; null for all others.
llvm::Value* Lowering::typed_start(Expr* expr) {
  const auto* call_node = as<Call>(expr);
  if (call_node && call_node->builtin == Builtin::curtask)
    return call_for_pointer(Helper::get_current_task_btf, {});
  if (callback_depth_ > 0) return nullptr;  // which has no context
  const auto slot = [&](std::uint64_t index) {
    return ir.CreateLoad(pointer_type(), offset(ctx, index * 8));
  };
  if (call_node && call_node->builtin == Builtin::retval && probe.by_trampoline)
    return slot(result_slot());
  const auto* field = as<FieldRef>(expr);
  if (!field || !field->access) return nullptr;
  switch (field->access->source) {
    case FieldAccess::Source::trampoline_argument: return slot(field->access->index);
    case FieldAccess::Source::raw_argument:
      return probe.typed_context ? slot(field->access->index) : nullptr;
    case FieldAccess::Source::memory: break;
    default: return nullptr;
  }
  const auto* object = as<Call>(field->object);
  const bool of_iterator = object && object->builtin == Builtin::ctx &&
                           lang::row(probe.kind).context == lang::Context::iterator;
  return of_iterator && field->type->is(TypeKind::pointer)
             ? ir.CreateLoad(pointer_type(), offset(ctx, field->access->offset_bytes))
             : nullptr;
}

bool Lowering::with_typed_pointer(Expr* expr, const UsePointer& use) {
  expr = origin_of(expr, *probe.body);
  const auto unless_null = [&](llvm::Value* pointer) {
    when(ir.CreateIsNotNull(pointer), "there", [&] { use(pointer); });
  };
  if (llvm::Value* start = typed_start(expr)) {
    unless_null(start);
    return true;
  }
  const auto* field = as<FieldRef>(expr);
  if (!field || !field->access || field->access->source != FieldAccess::Source::memory ||
      field->access->bit_size != 0)
    return false;
  return with_typed_pointer(field->object, [&](llvm::Value* object) {
    llvm::Value* at = offset(object, field->access->offset_bytes);
    if (field->type->is(TypeKind::pointer))
      unless_null(ir.CreateLoad(pointer_type(), at));
    else
      use(at);
  });
}

void Lowering::report_untyped(const Expr& expr, std::string_view who) {
  m.diagnostics
      .error(diag::DiagId::cannot_compile, expr.span,
             "{}() needs a pointer of which the kernel's verifier knows where it comes from", who)
      .hint(
          "an argument of the probe or its fields: `args.…`, `ctx.…` in iterators; or a variable "
          "to which nothing else is assigned");
}

}  // namespace sonde::codegen
