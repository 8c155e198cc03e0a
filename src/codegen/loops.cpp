// SPDX-License-Identifier: Apache-2.0
// Loops that the verifier accepts whatever their condition: by `may_goto` (Linux 6.9) where the
// target has it, else by `bpf_loop` (Linux 5.17), else with a bound that is part of the condition.
// A loop that is cut off by any of these is counted as a failure. may_goto counts the turns of all
// loops of a program together, or from Linux 6.15 on takes their time ("bpf, x86: Add x86
// JIT support for timed may_goto"; seen on 6.18), and says nothing.
#include <llvm/IR/InlineAsm.h>

#include <set>

#include "codegen/lowering.h"

namespace sonde::codegen {

using namespace ast;
using image::Failure;
using sema::Type;
using sema::TypeKind;

namespace {

// BPF_MAX_LOOPS (include/linux/bpf.h): how often bpf_loop calls at most.
constexpr std::uint64_t most_iterations = 8 * 1024 * 1024;

// Without either every iteration is verified. A branch in the body doubles the verifier's
// states, of which it keeps 8192; so many plain iterations load.
constexpr std::uint64_t bounded_iterations = 1000;

void collect_assigned(const Node& node, std::set<const sema::Variable*>& assigned) {
  const auto note = [&](const Node* target) {
    if (const auto* ref = as<VariableRef>(target)) assigned.insert(ref->variable);
  };
  if (const auto* assign = as<Assign>(&node)) note(assign->target);
  if (const auto* change = as<IncDec>(&node)) note(change->target);
  if (const auto* call = as<Call>(&node); call && call->builtin == lang::Builtin::find)
    note(call->args[2]);
  for_each_child(const_cast<Node&>(node), [&](auto* child) { collect_assigned(*child, assigned); });
}

bool is_pointer(const Expr* expr) { return expr->type && expr->type->is(TypeKind::pointer); }

// Whether it gives a pointer that was calculated from another, as in `$p++`.
bool moves_pointers(const Node& node) {
  const auto* assign = as<Assign>(&node);
  const auto* change = as<IncDec>(&node);
  const auto* binary = as<Binary>(&node);
  const auto* cast = as<Cast>(&node);
  bool moves = (assign && assign->op && is_pointer(assign->target)) ||
               (change && is_pointer(change->target)) || (binary && is_pointer(binary)) ||
               (cast && is_pointer(cast) && as<Binary>(cast->operand));
  for_each_child(const_cast<Node&>(node),
                 [&](auto* child) { moves = moves || moves_pointers(*child); });
  return moves;
}

void hide_numbers(Lowering& l, const Memory& memory, const Type& type, llvm::Value* zeros) {
  if (type.is_integer())
    l.store_word(l.ir.CreateXor(l.load_word(memory, type), zeros), memory, type);
  if (!type.is(TypeKind::tuple)) return;
  const auto offsets = sema::tuple_layout(type.elements).offsets;
  for (std::size_t i = 0; i < type.elements.size(); ++i)
    hide_numbers(l, l.at(memory, offsets[i]), *type.elements[i], zeros);
}

}  // namespace

// The verifier follows a loop until it meets, at may_goto, a state that it has seen there. A
// variable with a known value gives a new state every time that it has another; so what a turn
// changes is made unknown, before the loop and at the end of each turn: numbers, also those of
// tuples on the stack (the scratch frame is unknown anyway). Pointers may be such that the verifier
// knows, with which it refuses to calculate; where a turn calculates, they are read back.
void Lowering::hide_changes(const Node& changed_in) {
  std::set<const sema::Variable*> assigned;
  collect_assigned(changed_in, assigned);
  const bool moves = moves_pointers(changed_in);
  llvm::Value* zeros = nullptr;
  for (const sema::Variable& variable : probe.variables) {  // in the order of the script
    const auto known = variables_.find(&variable);
    if (!assigned.contains(&variable) || known == variables_.end()) continue;
    const auto [word, memory] = known->second;
    if (word && variable.type->is(TypeKind::pointer)) {
      if (!moves) continue;
      scoped([&] { ir.CreateStore(number_of_pointer(ir.CreateLoad(i64(), word)), word); });
      continue;
    }
    if (!word && !memory->slot) continue;
    if (!zeros) zeros = unknown_zero();
    if (word)
      ir.CreateStore(ir.CreateXor(ir.CreateLoad(i64(), word), zeros), word);
    else
      hide_numbers(*this, memory_of(*memory), *variable.type, zeros);
  }
}

// A zero, of which the verifier thinks that every bit can be set.
llvm::Value* Lowering::unknown_zero() {
  return ir.CreateLoad(i64(), offset(m.reader_state(), offsetof(image::ReaderState, zero)), true);
}

llvm::Value* Lowering::loop_start(llvm::Value* value) {
  if (!m.script.target.has(target::Feature::may_goto)) return value;
  return ir.CreateXor(value, unknown_zero());
}

const Lowering::Temporary& Lowering::loop_word() { return allocate(8, loops_by_callback()); }

// The test, the body and the step; goes on behind the step.
void Lowering::lower_turn(diag::Span span, const LoopParts& parts, llvm::BasicBlock* inside,
                          const Loop& exits) {
  ir.CreateCondBr(parts.test(), inside, exits.done);
  loops_.push_back(exits);
  ir.SetInsertPoint(inside);
  parts.body();
  ir.CreateBr(exits.next);
  loops_.pop_back();
  ir.SetInsertPoint(exits.next);
  place(span);
  parts.step();
}

void Lowering::lower_loop_by_callback(diag::Span span, const LoopParts& parts) {
  const auto turn = [&](llvm::ArrayRef<llvm::Value*>) {
    llvm::BasicBlock* inside = block("loop_body");
    llvm::BasicBlock* next = block("loop_next");
    llvm::BasicBlock* done = loops_.back().done;
    lower_turn(span, parts, inside, {next, done});
  };
  llvm::Value* capped = by_turns(
      "loop", {ir.getInt32Ty()}, span, turn, [&](llvm::Value* callback, llvm::Value* context) {
        call(Helper::loop, {word(most_iterations), callback, context, word(0)});
      });
  when(capped, "loop_capped",
       [&] { count_failure(Failure::loop_cap, span, word(most_iterations)); });
}

void Lowering::lower_loop(const Node* changed_in, diag::Span span, const LoopParts& parts) {
  if (loops_by_callback()) return lower_loop_by_callback(span, parts);
  const bool may_goto = m.script.target.has(target::Feature::may_goto);
  llvm::BasicBlock* head = block("loop");
  llvm::BasicBlock* inside = block("loop_body");
  llvm::BasicBlock* next = block("loop_next");
  llvm::BasicBlock* capped = block("loop_capped");
  llvm::BasicBlock* done = block("loop_done");
  llvm::AllocaInst* count = nullptr;
  if (may_goto) {
    if (changed_in) hide_changes(*changed_in);
  } else {
    count = stack_slot(i64(), "iterations");
    ir.CreateStore(word(0), count);
  }
  ir.CreateBr(head);
  ir.SetInsertPoint(head);
  lower_turn(span, parts, inside, {next, done});
  if (may_goto && changed_in) hide_changes(*changed_in);
  if (may_goto) {
    auto* type = llvm::FunctionType::get(ir.getVoidTy(), false);
    ir.CreateCallBr(type, llvm::InlineAsm::get(type, "may_goto ${0:l}", "!i", true), head, {capped},
                    {});
  } else {
    llvm::Value* so_far = ir.CreateAdd(ir.CreateLoad(i64(), count), word(1));
    ir.CreateStore(so_far, count);
    ir.CreateCondBr(ir.CreateICmpULT(so_far, word(bounded_iterations)), head, capped);
  }
  // may_goto leaves without a word; only the loop's own condition tells whether it was at its end.
  ir.SetInsertPoint(capped);
  llvm::Value* limit = may_goto ? nullptr : word(bounded_iterations);
  when(parts.test(), "not_at_end", [&] { count_failure(Failure::loop_cap, span, limit); });
  ir.CreateBr(done);
  ir.SetInsertPoint(done);
}

}  // namespace sonde::codegen
