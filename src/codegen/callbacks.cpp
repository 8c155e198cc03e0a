// SPDX-License-Identifier: Apache-2.0
// Parts of a probe's body that are functions of their own, since a helper calls them for each turn
// (bpf_loop, bpf_for_each_map_elem). The helper hands them one pointer to the probe's stack, where
// a few words lead to all that they share with the rest of the body.
//
// Variables that are used on both sides of such a border live in the scratch frame. There the
// verifier takes every value for unknown. On the stack it would follow them from turn to turn; and
// before Linux 6.7 (commit ab5cfac139ab, "bpf: verify callbacks as if they are called unknown
// number of times") it walks a callback once, believes that what it finds then is so after all
// turns, and takes out code that it finds to be dead.
#include "codegen/lowering.h"

namespace sonde::codegen {

using namespace ast;

namespace {

// The words that a callback is given.
enum SharedWord : std::uint8_t {
  context_word,
  frame_word,
  state_word,
  result_word,
  place_word,
  shared_words
};

// What the last turn leaves in state_word.
constexpr std::uint64_t went_on = 0, ended = 1, left_probe = 2, left_function = 3;

// MAX_CALL_FRAMES (include/linux/bpf_verifier.h): the probe's function and its callbacks.
constexpr unsigned most_call_frames = 8;

constexpr std::uint64_t offset_of(SharedWord word) { return std::uint64_t{word} * 8; }

}  // namespace

bool Lowering::loops_by_callback() const {
  return !m.script.target.has(target::Feature::may_goto) &&
         m.script.target.has(target::Feature::bpf_loop);
}

bool Lowering::by_callback(const Node& loop) const {
  if (as<ForMap>(&loop)) return true;  // by bpf_for_each_map_elem
  return (as<While>(&loop) || as<ForRange>(&loop)) && loops_by_callback();
}

// --- what is shared --------------------------------------------------------------------------

// `first` tells in which callback (null: in none) a variable was met first.
void Lowering::find_shared(const Node& node, const Node* inside, FirstUses& first) {
  if (const auto* ref = as<VariableRef>(&node)) {
    const auto [known, is_new] = first.try_emplace(ref->variable, inside);
    if (!is_new && known->second != inside) shared_variables_.insert(ref->variable);
    return;
  }
  const Node* around = inside;
  if (by_callback(node)) inside = &node;
  const auto* range = as<ForRange>(&node);
  for_each_child(const_cast<Node&>(node), [&](auto* child) {
    const Node* part = child;
    const bool outside = range && (part == range->begin || part == range->end);
    find_shared(*part, outside ? around : inside, first);
  });
}

void Lowering::find_shared_variables() {
  FirstUses first;
  if (probe.predicate) find_shared(*probe.predicate, nullptr, first);
  find_shared(*probe.body, nullptr, first);
}

void Lowering::make_shared() {
  shared_ = stack_slot(llvm::ArrayType::get(i64(), shared_words), "shared");
  result_ = offset(shared_, offset_of(result_word));
}

llvm::Value* Lowering::place_slot() { return offset(shared_, offset_of(place_word)); }

// When the body is done, and it is known whether it has a frame.
void Lowering::fill_shared() {
  if (!has_callbacks_) return;
  llvm::IRBuilder<> at(body_, body_->getFirstInsertionPt());
  at.SetCurrentDebugLocation(body_->getFirstInsertionPt()->getDebugLoc());
  const auto fill = [&](SharedWord word, llvm::Value* value) {
    at.CreateStore(value, at.CreateConstInBoundsGEP1_64(at.getInt8Ty(), shared_, offset_of(word)));
  };
  fill(context_word, ctx);
  if (frame_) fill(frame_word, frame_);
}

llvm::Instruction* Lowering::load_shared_frame() {
  llvm::BasicBlock& entry = function->getEntryBlock();
  llvm::IRBuilder<> at(&entry, entry.getFirstInsertionPt());
  auto* place =
      at.CreateConstInBoundsGEP1_64(at.getInt8Ty(), shared_, offset_of(frame_word), "frame_word");
  return at.CreateLoad(pointer_type(), place, "frame");
}

// --- callbacks -------------------------------------------------------------------------------

// A body that is lowered again, as in `unroll`, is another function.
void Lowering::forget_variables_of(const llvm::Function* callback) {
  for (Temporary& t : temporaries_)
    if (t.slot && t.slot->getFunction() == callback) t.owner = nullptr;
  std::erase_if(variables_, [&](const auto& known) {
    const auto [word, memory] = known.second;
    const llvm::AllocaInst* slot = word ? word : memory->slot;
    return slot && slot->getFunction() == callback;
  });
}

llvm::Value* Lowering::by_turns(const char* name, std::initializer_list<llvm::Type*> arguments,
                                diag::Span span, const Turn& turn, const HelperCall& call_helper) {
  has_callbacks_ = true;
  const bool in_function = function_end_ != nullptr;
  std::vector<llvm::Type*> types(arguments);
  types.push_back(pointer_type());
  llvm::Function* callback = m.add_callback(name, types, span);
  {
    const llvm::IRBuilderBase::InsertPointGuard guard(ir);
    const FunctionState around = *this;
    const unsigned depth = callback_depth_ + 1;
    static_cast<FunctionState&>(*this) = {};
    function = callback;
    callback_depth_ = depth;
    if (depth == most_call_frames)
      m.diagnostics.error(diag::DiagId::cannot_compile, span,
                          "this loop is inside {} others; this kernel takes {}", depth - 1,
                          most_call_frames - 2);
    shared_ = callback->getArg(static_cast<unsigned>(types.size()) - 1);
    shared_->setName("shared");
    llvm::BasicBlock* entry = block("entry");
    llvm::BasicBlock* next = block("next_turn");
    llvm::BasicBlock* done = block("last_turn");
    exit_ = block("leave_probe");
    llvm::BasicBlock* leave_function = in_function ? block("leave_function") : nullptr;
    function_end_ = leave_function;
    ir.SetInsertPoint(entry);
    place(span);
    result_ = offset(shared_, offset_of(result_word));
    ctx = ir.CreateLoad(pointer_type(), offset(shared_, offset_of(context_word)), "ctx");
    loops_.push_back({next, done});
    llvm::SmallVector<llvm::Value*, 4> given;
    for (std::size_t i = 0; i + 1 < types.size(); ++i)
      given.push_back(callback->getArg(static_cast<unsigned>(i)));
    turn(given);
    ir.CreateBr(next);
    const auto end = [&](llvm::BasicBlock* at, std::uint64_t state) {
      ir.SetInsertPoint(at);
      place(span);
      ir.CreateStore(word(state), offset(shared_, offset_of(state_word)));
      ir.CreateRet(word(state == went_on ? 0 : 1));
    };
    end(next, went_on);
    end(done, ended);
    end(exit_, left_probe);
    if (leave_function) end(leave_function, left_function);
    forget_variables_of(callback);
    static_cast<FunctionState&>(*this) = around;
  }
  llvm::Value* state = offset(shared_, offset_of(state_word));
  ir.CreateStore(word(went_on), state);
  call_helper(callback, shared_);
  llvm::Value* last = ir.CreateLoad(i64(), state);
  const auto leave_when = [&](std::uint64_t left, llvm::BasicBlock* to) {
    llvm::BasicBlock* go_on = block("behind_turns");
    ir.CreateCondBr(ir.CreateICmpEQ(last, word(left)), to, go_on);
    ir.SetInsertPoint(go_on);
  };
  leave_when(left_probe, exit_);
  if (in_function) leave_when(left_function, function_end_);
  return ir.CreateICmpEQ(last, word(went_on));
}

}  // namespace sonde::codegen
