// SPDX-License-Identifier: Apache-2.0
// Loops that the verifier accepts whatever their condition: `may_goto` (Linux 6.9) where the
// target has it, else a bound that is part of the condition. A loop that is cut off by either is
// counted as a failure.
#include <llvm/IR/InlineAsm.h>

#include <set>

#include "codegen/lowering.h"

namespace sonde::codegen {

using namespace ast;
using image::Failure;

namespace {

// Without may_goto every iteration is verified. A branch in the body doubles the verifier's
// states, of which it keeps 8192; so many plain iterations load.
constexpr std::uint64_t bounded_iterations = 1000;

void collect_assigned(const Node& node, std::set<const sema::Variable*>& assigned) {
  const auto note = [&](const Node* target) {
    if (const auto* ref = as<VariableRef>(target)) assigned.insert(ref->variable);
  };
  if (const auto* assign = as<Assign>(&node)) note(assign->target);
  if (const auto* change = as<IncDec>(&node)) note(change->target);
  for_each_child(const_cast<Node&>(node), [&](auto* child) { collect_assigned(*child, assigned); });
}

}  // namespace

// The verifier follows a loop until it meets a state that it has seen. A variable that starts as
// a known constant and counts up gives a new state every time; one of unknown start does not.
void Lowering::hide_loop_starts(const Node& body) {
  std::set<const sema::Variable*> assigned;
  collect_assigned(body, assigned);
  for (const sema::Variable* variable : assigned) {
    const auto known = variables_.find(variable);
    if (known == variables_.end() || variable->type->in_memory()) continue;
    llvm::Value* slot = known->second.pointer;
    ir.CreateStore(loop_start(ir.CreateLoad(i64(), slot)), slot);
  }
}

llvm::Value* Lowering::loop_start(llvm::Value* value) {
  if (!m.script.target.has(target::Feature::may_goto)) return value;
  llvm::Value* zero_word = ir.CreateLoad(
      ir.getInt32Ty(), offset(m.reader_state(), offsetof(image::ReaderState, zero)), true);
  return ir.CreateAdd(value, ir.CreateZExt(zero_word, i64()));
}

void Lowering::lower_loop(BlockExpr& body, diag::Span span,
                          const std::function<llvm::Value*()>& test,
                          const std::function<void()>& step) {
  const bool may_goto = m.script.target.has(target::Feature::may_goto);
  llvm::BasicBlock* head = block("loop");
  llvm::BasicBlock* inside = block("loop_body");
  llvm::BasicBlock* next = block("loop_next");
  llvm::BasicBlock* capped = block("loop_capped");
  llvm::BasicBlock* done = block("loop_done");
  llvm::AllocaInst* count = nullptr;
  if (may_goto) {
    hide_loop_starts(body);
  } else {
    count = stack_slot(i64(), "iterations");
    ir.CreateStore(word(0), count);
  }
  ir.CreateBr(head);
  ir.SetInsertPoint(head);
  ir.CreateCondBr(test(), inside, done);
  release_temporaries();

  loops_.push_back({next, done});
  ir.SetInsertPoint(inside);
  lower_block(body);
  if (body.value) lower_void(body.value);
  ir.CreateBr(next);
  loops_.pop_back();

  ir.SetInsertPoint(next);
  place(span);
  step();
  if (may_goto) {
    auto* type = llvm::FunctionType::get(ir.getVoidTy(), false);
    ir.CreateCallBr(type, llvm::InlineAsm::get(type, "may_goto ${0:l}", "!i", true), head,
                    {capped}, {});
  } else {
    llvm::Value* so_far = ir.CreateAdd(ir.CreateLoad(i64(), count), word(1));
    ir.CreateStore(so_far, count);
    ir.CreateCondBr(ir.CreateICmpULT(so_far, word(bounded_iterations)), head, capped);
  }
  // may_goto leaves without a word; only the loop's own condition tells whether it was at its end.
  ir.SetInsertPoint(capped);
  when(test(), "not_at_end", [&] { count_failure(Failure::loop_cap, span); });
  ir.CreateBr(done);
  ir.SetInsertPoint(done);
}

}  // namespace sonde::codegen
