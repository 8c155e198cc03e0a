// SPDX-License-Identifier: Apache-2.0
#include "codegen/lowering.h"

namespace sonde::codegen {

using namespace ast;
using sema::Type;
using sema::TypeKind;

namespace {

// Registers that are in use across a call are spilled to the stack, eight bytes each; more
// variables than these live in the scratch frame.
constexpr unsigned most_words = 12;
constexpr unsigned most_words_when_spare = 3;

bool mentions(const Node& node, const sema::Variable& variable) {
  const auto* ref = as<VariableRef>(&node);
  bool found = ref && ref->variable == &variable;
  for_each_child(const_cast<Node&>(node),
                 [&](auto* child) { found = found || mentions(*child, variable); });
  return found;
}

}  // namespace

// A word takes eight bytes whatever its type, extended as its type says.
Memory Lowering::storage_of(const sema::Variable& variable) {
  if (const auto known = variables_.find(&variable); known != variables_.end()) {
    const Storage& storage = known->second;
    return storage.word ? Memory{storage.word, 8} : memory_of(*storage.memory);
  }
  const bool is_word = !variable.type->in_memory();
  // In the frame the verifier takes bytes for unknown; on the stack it would tell texts apart.
  const bool is_shared = shared_variables_.contains(&variable) ||
                         (has_many_branches_ && variable.type->is(TypeKind::string));
  if (is_word && !is_shared && word_count_ < (m.spare_stack ? most_words_when_spare : most_words)) {
    ++word_count_;
    return {variables_[&variable].word = stack_slot(i64(), variable.name.c_str()), 8};
  }
  Temporary& memory = allocate(is_word ? 8 : variable.type->size_bytes, is_word || is_shared);
  memory.scope = block_scope_;
  memory.owner = &variable;
  variables_[&variable].memory = &memory;
  return memory_of(memory);
}

void Lowering::lower_unused(Expr* expr) {
  unused_ = expr;
  lower_void(expr);
}

void Lowering::lower_block(BlockExpr& body) {
  in_block(body, [&] {
    if (body.value) lower_unused(body.value);
  });
}

// `@x = count()`, `@x = { …; count() }`
void Lowering::lower_aggregation(MapRef& ref, Expr* value) {
  if (auto* body = as<BlockExpr>(value))
    in_block(*body, [&] { lower_aggregation(ref, body->value); });
  else
    aggregate(ref, *as<Call>(value));
}

void Lowering::lower_assign(Assign& assign) {
  if (auto* ref = as<MapRef>(assign.target)) {
    if (assign.op)
      change_map(*ref, *assign.op, assign.value, assign.span, false);
    else if (ref->map->value->is_aggregation())
      lower_aggregation(*ref, assign.value);
    else
      assign_map(*ref, assign.value);
    return;
  }
  const sema::Variable& variable = *as<VariableRef>(assign.target)->variable;
  const Memory storage = storage_of(variable);
  if (!assign.op) {
    if (variable.type->is(TypeKind::tuple) && mentions(*assign.value, variable)) {
      // `$t = ($t.1, $t.0)`: written element by element, while the old ones are read.
      const Memory whole = temporary(variable.type->size_bytes);
      store(assign.value, whole, *variable.type);
      copy(storage, whole, variable.type->size_bytes);
    } else if (variable.type->in_memory())
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
  llvm::Value* after = variable.type->is(TypeKind::pointer)
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
      [&](Assign& n) { lower_assign(n); }, [&](ExprStmt& n) { lower_unused(n.expr); },
      [&](Discard& n) { lower_void(n.expr); },
      [&](Return& n) {
        if (n.value) ir.CreateStore(value(n.value), result_);
        leave_probe();
      },
      [&](FunctionBody& n) {
        llvm::BasicBlock* around = function_end_;
        llvm::BasicBlock* end = function_end_ = block("function_end");
        lower_block(*n.body);
        function_end_ = around;
        ir.CreateBr(end);
        ir.SetInsertPoint(end);
      },
      [&](Leave&) {
        ir.CreateBr(function_end_);
        ir.SetInsertPoint(block("dead"));
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
        lower_loop(&n, n.span,
                   {.test = [&] { return condition(n.condition); },
                    .body = [&] { lower_block(*n.body); },
                    .step = [] {}});
      },
      [&](ForRange& n) {
        const Type& type = *n.variable->variable->type;
        // A copy counts, so that the body cannot change how often it runs.
        const Temporary &next = loop_word(), &limit = loop_word();
        ir.CreateStore(loop_start(value_as(n.begin, type)), memory_of(next).pointer);
        ir.CreateStore(value_as(n.end, type), memory_of(limit).pointer);
        lower_loop(
            n.body, n.span,
            {.test = [&]() -> llvm::Value* {
               llvm::Value* now = ir.CreateLoad(i64(), memory_of(next).pointer);
               ir.CreateStore(now, storage_of(*n.variable->variable).pointer);
               llvm::Value* end = ir.CreateLoad(i64(), memory_of(limit).pointer);
               return type.is_signed ? ir.CreateICmpSLT(now, end) : ir.CreateICmpULT(now, end);
             },
             .body = [&] { lower_block(*n.body); },
             // Unknown again: in a turn, tests may have told the verifier what it is.
             .step =
                 [&] {
                   llvm::Value* place = memory_of(next).pointer;
                   llvm::Value* following = ir.CreateAdd(ir.CreateLoad(i64(), place), word(1));
                   ir.CreateStore(loop_start(following), place);
                 }});
      },
      [&](ForMap& n) { lower_map_loop(n); },
      [&](Unroll& n) {
        const std::uint64_t count = as<IntegerLiteral>(n.count)->value;
        for (std::uint64_t i = 0; i < count; ++i) lower_block(*n.body);
      },
      [&](Stmt&) { SONDE_UNREACHABLE("a statement that sema rejects reached code generation"); });
}

}  // namespace sonde::codegen
