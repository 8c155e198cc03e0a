// SPDX-License-Identifier: Apache-2.0
#include "codegen/lowering.h"

namespace sonde::codegen {

using namespace ast;
using sema::Type;
using sema::TypeKind;

// A word takes eight bytes whatever its type, extended as its type says.
Memory Lowering::storage_of(const sema::Variable& variable) {
  if (const auto known = variables_.find(&variable); known != variables_.end()) {
    // Memory in the scratch frame is reached through the frame's pointer.
    return known->second;
  }
  const std::uint32_t bytes = variable.type->in_memory() ? variable.type->size_bytes : 8;
  Memory memory;
  if (variable.type->in_memory()) {
    memory = pinned(bytes);
  } else {
    memory = {stack_slot(i64(), variable.name.c_str()), 8};
  }
  return variables_[&variable] = memory;
}

void Lowering::lower_block(BlockExpr& body) {
  for (Stmt* stmt : body.stmts) {
    lower_statement(stmt);
    release_temporaries();
  }
}

void Lowering::lower_assign(Assign& assign) {
  if (auto* ref = as<MapRef>(assign.target)) {
    auto* call = as<Call>(assign.value);
    if (assign.op)
      change_map(*ref, *assign.op, assign.value, assign.span, false);
    else if (call && call->builtin && lang::row(*call->builtin).aggregation)
      aggregate(*ref, *call);
    else
      assign_map(*ref, assign.value);
    return;
  }
  const sema::Variable& variable = *as<VariableRef>(assign.target)->variable;
  const Memory storage = storage_of(variable);
  if (!assign.op) {
    if (variable.type->in_memory())
      store(assign.value, storage, *variable.type);
    else
      ir.CreateStore(value_as(assign.value, *variable.type), storage.pointer);
    return;
  }
  llvm::Value* before = ir.CreateLoad(i64(), storage.pointer);
  llvm::Value* operand = value(assign.value);
  llvm::Value* after =
      variable.type->is(TypeKind::pointer)
          ? lower_pointer_offset(before, *variable.type, operand, *assign.op == BinaryOp::sub)
          : arithmetic(*assign.op, before, operand, assign.value, assign.span);
  ir.CreateStore(convert_word(after, *m.script.types.int64(), *variable.type), storage.pointer);
}

llvm::Value* Lowering::lower_variable_change(IncDec& node) {
  const sema::Variable& variable = *as<VariableRef>(node.target)->variable;
  const Memory storage = storage_of(variable);
  llvm::Value* before = ir.CreateLoad(i64(), storage.pointer);
  llvm::Value* after =
      variable.type->is(TypeKind::pointer)
          ? lower_pointer_offset(before, *variable.type, word(1), !node.increment)
          : ir.CreateAdd(before, word(node.increment ? 1 : UINT64_MAX));
  after = convert_word(after, *m.script.types.int64(), *variable.type);
  ir.CreateStore(after, storage.pointer);
  return node.prefix ? after : before;
}

void Lowering::lower_statement(Stmt* stmt) {
  place(stmt->span);
  match(
      *stmt,
      [&](Let& n) {
        const sema::Variable& variable = *n.variable->variable;
        if (!variable.type) return;
        const Memory storage = storage_of(variable);
        if (variable.type->in_memory() && n.value)
          store(n.value, storage, *variable.type);
        else if (variable.type->in_memory())
          zero(storage, 0, variable.type->size_bytes);
        else
          ir.CreateStore(n.value ? value_as(n.value, *variable.type) : word(0), storage.pointer);
      },
      [&](Assign& n) { lower_assign(n); },
      [&](ExprStmt& n) { lower_void(n.expr); },
      [&](Discard& n) { lower_void(n.expr); },
      [&](Return& n) {
        if (n.value) ir.CreateStore(value(n.value), result_);
        leave_probe();
      },
      [&](Break&) {
        ir.CreateBr(loops_.back().done);
        ir.SetInsertPoint(block("dead"));
      },
      [&](Continue&) {
        ir.CreateBr(loops_.back().next);
        ir.SetInsertPoint(block("dead"));
      },
      [&](While& n) {
        lower_loop(*n.body, n.span, [&] { return condition(n.condition); }, [] {});
      },
      [&](ForRange& n) {
        const Type& type = *n.variable->variable->type;
        const Memory counter = storage_of(*n.variable->variable);
        // A copy counts, so that the body cannot change how often it runs.
        llvm::AllocaInst* next = stack_slot(i64(), "next");
        ir.CreateStore(loop_start(value_as(n.begin, type)), next);
        llvm::AllocaInst* limit = stack_slot(i64(), "limit");
        ir.CreateStore(value_as(n.end, type), limit);
        lower_loop(
            *n.body, n.span,
            [&]() -> llvm::Value* {
              llvm::Value* now = ir.CreateLoad(i64(), next);
              ir.CreateStore(now, counter.pointer);
              llvm::Value* end = ir.CreateLoad(i64(), limit);
              return type.is_signed ? ir.CreateICmpSLT(now, end) : ir.CreateICmpULT(now, end);
            },
            [&] {
              ir.CreateStore(ir.CreateAdd(ir.CreateLoad(i64(), next), word(1)), next);
            });
      },
      [&](Unroll& n) {
        const std::uint64_t count = as<IntegerLiteral>(n.count)->value;
        for (std::uint64_t i = 0; i < count; ++i) {
          lower_block(*n.body);
          if (n.body->value) lower_void(n.body->value);
        }
      },
      [&](Stmt&) { SONDE_UNREACHABLE("a statement that sema rejects reached code generation"); });
}

}  // namespace sonde::codegen
