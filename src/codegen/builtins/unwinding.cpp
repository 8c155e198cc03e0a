// SPDX-License-Identifier: Apache-2.0
// dw_ustack: user stacks by the unwinding tables of the program's files (image/unwinding.h), for
// code without frame pointers. A callback of bpf_loop goes one frame further with each turn. What
// the turns share lies in the scratch frame, where the verifier takes all values for unknown, so it
// walks a turn once. Searches have a fixed number of steps without branches: in a loop, or with a
// branch in each step, it would follow every path.
#include <bit>

#include "codegen/arch/registers.h"
#include "codegen/builtins/stacks.h"
#include "image/unwinding.h"

namespace sonde::codegen {

namespace {

using image::CfaRule;
using image::FrameRule;
using image::UnwindRange;

constexpr std::uint32_t word_bytes = 8;
constexpr std::uint32_t build_id_frame_bytes = sizeof(image::BuildIdHead) + word_bytes;

// The registers that the kernel saves for a signal, in the order of memory (UAPI:
// arch/x86/include/uapi/asm/sigcontext.h, behind the five words of struct ucontext): eight, di, si,
// then from bp on bx, dx, ax, cx, sp, ip.
constexpr std::uint32_t signal_frame_word = 15, signal_words = 7;

// In front of the frames.
enum StateWord : std::uint8_t {
  place_word,   // the instruction pointer of this frame
  stack_word,   // its stack pointer
  frame_word,   // its frame pointer
  called_word,  // 1: it stands behind a call; 0: the instruction that was stopped
  ranges_word,  // which ranges are the process's
  count_word,   // frames that are there
  read_word,    // what is read of the process
  state_words = read_word + signal_words
};

class Unwinding {
 public:
  Unwinding(Lowering& lowering, const ast::Call& stack)
      : l_(lowering),
        ir_(lowering.ir),
        call_(stack),
        tables_(lowering.m.unwinding()),
        build_ids_(stack.type->stack_mode == image::StackMode::build_id),
        frame_bytes_(build_ids_ ? build_id_frame_bytes : word_bytes),
        maps_(
            lowering.m.stacks(stack.type->stack_limit, build_ids_, ModuleBuilder::ByHash::unused)),
        limit_(maps_.bytes / frame_bytes_),
        shared_(lowering.loop_bytes(state_words * word_bytes + maps_.bytes)) {}

  // Nothing happens in processes of which there are no tables. `then` is told whether the tables
  // stayed the same meanwhile.
  template <typename Then>
  void run(Then then);

  const ModuleBuilder::StackMaps& maps() const { return maps_; }
  llvm::Value* frames() { return l_.offset(state(), state_words * word_bytes); }
  llvm::Value* count() { return load(state(), count_word); }

 private:
  llvm::Value* state() { return l_.memory_of(shared_).pointer; }
  llvm::Value* at(llvm::Value* state, StateWord word) {
    return l_.offset(state, std::uint64_t{word} * word_bytes);
  }
  llvm::Value* load(llvm::Value* state, StateWord word) {
    return ir_.CreateLoad(l_.i64(), at(state, word));
  }
  void store(llvm::Value* value, llvm::Value* state, StateWord word) {
    ir_.CreateStore(value, at(state, word));
  }
  llvm::Value* field(llvm::Value* range, std::size_t offset_bytes, llvm::Type* type) {
    return ir_.CreateZExt(ir_.CreateLoad(type, l_.offset(range, offset_bytes)), l_.i64());
  }
  llvm::Value* element(llvm::Value* array, llvm::Value* index, std::size_t bytes) {
    return ir_.CreateGEP(ir_.getInt8Ty(), array, {ir_.CreateMul(index, l_.word(bytes))});
  }
  // All bits, or none.
  llvm::Value* mask_of_negative(llvm::Value* number) { return ir_.CreateAShr(number, 63); }

  void read_registers();
  void turn(llvm::Value* index);
  void leave_if(llvm::Value* condition, llvm::BasicBlock* to);
  void read_user(llvm::Value* to, std::uint64_t bytes, llvm::Value* from);
  llvm::Value* further(llvm::Value* found, llvm::Value* mask, std::uint32_t step);
  llvm::Value* find_range(llvm::Value* ranges, llvm::Value* place);
  llvm::Value* find_row(llvm::Value* range, llvm::Value* place);
  llvm::Value* find_cfa(llvm::Value* row, llvm::BasicBlock* signal);
  llvm::Value* find_frame(llvm::Value* row, llvm::Value* cfa);
  void go_to_interrupted();
  void mark_failure(llvm::Value* number);

  Lowering& l_;
  llvm::IRBuilder<>& ir_;
  const ast::Call& call_;
  const ModuleBuilder::UnwindMaps& tables_;
  bool build_ids_;
  std::uint32_t frame_bytes_;
  const ModuleBuilder::StackMaps& maps_;
  std::uint32_t limit_;
  const Lowering::Temporary& shared_;
  // Of the turn that is emitted.
  llvm::Value* state_ = nullptr;
  llvm::BasicBlock* failed_ = nullptr;
};

template <typename Then>
void Unwinding::run(Then then) {
  store(l_.word(0), state(), count_word);
  llvm::AllocaInst* key = l_.stack_slot(ir_.getInt32Ty(), "process");
  llvm::Value* tgid = ir_.CreateLShr(l_.visible_pid_tgid(), 32);
  ir_.CreateStore(ir_.CreateTrunc(tgid, ir_.getInt32Ty()), key);
  llvm::Value* process = l_.call_for_pointer(Helper::map_lookup_elem, {tables_.processes, key});
  l_.when(ir_.CreateIsNotNull(process), "unwound", [&] {
    const auto version = [&] {
      return ir_.CreateLoad(l_.i64(), l_.offset(process, offsetof(image::UnwoundProcess, version)),
                            true);
    };
    llvm::Value* before = version();
    llvm::Value* index = field(process, offsetof(image::UnwoundProcess, index), ir_.getInt32Ty());
    store(ir_.CreateAdd(ir_.CreateShl(index, 1), ir_.CreateAnd(before, l_.word(1))), state(),
          ranges_word);
    read_registers();
    l_.zero({frames(), word_bytes}, 0, maps_.bytes);
    const auto one_turn = [&](llvm::ArrayRef<llvm::Value*> arguments) { turn(arguments[0]); };
    l_.by_turns("unwind", {ir_.getInt32Ty()}, call_.span, one_turn,
                [&](llvm::Value* callback, llvm::Value* context) {
                  l_.call(Helper::loop, {l_.word(limit_), callback, context, l_.word(0)});
                });
    // The runtime writes the other ranges at its next change, and these at the one after that.
    then(ir_.CreateICmpULT(ir_.CreateSub(version(), before), l_.word(2)));
  });
}

// With whatever the task entered the kernel last: of a probe in its code that is the probe.
void Unwinding::read_registers() {
  llvm::Value* registers = l_.syscall_registers();
  const auto saved = [&](std::string_view name) {
    const auto offset = find_saved_register("x86_64", name);
    llvm::Value* at = ir_.CreateAdd(registers, l_.word(*offset));
    return ir_.CreateLoad(l_.i64(), ir_.CreateIntToPtr(at, l_.pointer_type()));
  };
  store(saved("ip"), state(), place_word);
  store(saved("sp"), state(), stack_word);
  store(saved("bp"), state(), frame_word);
  // The number of a system call, behind whose instruction it stands; of all else it is -1.
  llvm::Value* is_other = ir_.CreateLShr(saved("orig_ax"), 63);
  store(ir_.CreateXor(is_other, l_.word(1)), state(), called_word);
}

void Unwinding::leave_if(llvm::Value* condition, llvm::BasicBlock* to) {
  llvm::BasicBlock* go_on = l_.block("go_on");
  ir_.CreateCondBr(condition, to, go_on);
  ir_.SetInsertPoint(go_on);
}

void Unwinding::read_user(llvm::Value* to, std::uint64_t bytes, llvm::Value* from) {
  llvm::Value* status =
      l_.call(Helper::probe_read_user, {to, ir_.getInt32(static_cast<std::uint32_t>(bytes)),
                                        ir_.CreateIntToPtr(from, l_.pointer_type())});
  leave_if(ir_.CreateICmpNE(status, l_.word(0)), failed_);
}

void Unwinding::turn(llvm::Value* index) {
  failed_ = l_.block("failed");
  state_ = state();
  llvm::Value* number = l_.bounded(ir_.CreateZExt(index, l_.i64()), limit_);
  llvm::Value* place = load(state_, place_word);
  llvm::Value* frame = element(l_.offset(state_, state_words * word_bytes), number, frame_bytes_);
  if (build_ids_) ir_.CreateStore(ir_.getInt32(image::BuildIdHead::address_only), frame);
  llvm::Value* address = build_ids_ ? l_.offset(frame, sizeof(image::BuildIdHead)) : frame;
  ir_.CreateStore(place, address);
  store(ir_.CreateAdd(number, l_.word(1)), state_, count_word);

  // A call may be the last instruction of its function, and so may a system call.
  llvm::Value* inside = ir_.CreateSub(place, load(state_, called_word));
  llvm::Value* ranges =
      l_.call_for_pointer(Helper::map_lookup_elem, {tables_.ranges, at(state_, ranges_word)});
  leave_if(ir_.CreateIsNull(ranges), failed_);
  llvm::Value* range = find_range(ranges, inside);
  if (build_ids_) {
    for (std::uint32_t i = 0; i < sizeof(image::BuildIdHead); i += word_bytes) {
      llvm::Value* part =
          ir_.CreateLoad(l_.i64(), l_.offset(range, offsetof(UnwindRange, build_id) + i));
      ir_.CreateStore(part, l_.offset(frame, i));
    }
    llvm::Value* base = field(range, offsetof(UnwindRange, file_base), l_.i64());
    ir_.CreateStore(ir_.CreateSub(place, base), address);
  }
  llvm::Value* row = find_row(range, inside);
  llvm::BasicBlock* interrupted = l_.block("interrupted");
  llvm::BasicBlock* next = l_.block("next_frame");
  llvm::Value* cfa = find_cfa(row, interrupted);
  leave_if(ir_.CreateICmpULE(cfa, load(state_, stack_word)), failed_);
  llvm::Value* frame_pointer = find_frame(row, cfa);
  read_user(at(state_, read_word), word_bytes, ir_.CreateSub(cfa, l_.word(word_bytes)));
  llvm::Value* caller = load(state_, read_word);
  leave_if(ir_.CreateICmpEQ(caller, l_.word(0)), l_.behind_turns());
  store(caller, state_, place_word);
  store(cfa, state_, stack_word);
  store(frame_pointer, state_, frame_word);
  store(l_.word(1), state_, called_word);
  ir_.CreateBr(next);

  ir_.SetInsertPoint(interrupted);
  go_to_interrupted();
  ir_.CreateBr(next);

  ir_.SetInsertPoint(failed_);
  mark_failure(number);
  ir_.CreateBr(l_.behind_turns());
  ir_.SetInsertPoint(next);
}

// LLVM would make an `or` of an addition whose bits it knows, which Linux 6.1 does not follow
// (kernel/bpf/verifier.c, adjust_scalar_min_max_vals).
llvm::Value* Unwinding::further(llvm::Value* found, llvm::Value* mask, std::uint32_t step) {
  return ir_.CreateAdd(l_.opaque(found), ir_.CreateAnd(mask, l_.word(step)));
}

// The last one that begins at or before the place. All unused ones begin behind it.
llvm::Value* Unwinding::find_range(llvm::Value* ranges, llvm::Value* place) {
  llvm::Value* found = l_.word(0);
  for (std::uint32_t step = image::most_ranges / 2; step != 0; step /= 2) {
    llvm::Value* tried = ir_.CreateAdd(found, l_.word(step));
    llvm::Value* start =
        field(element(ranges, tried, sizeof(UnwindRange)), offsetof(UnwindRange, start), l_.i64());
    llvm::Value* behind = ir_.CreateSub(ir_.CreateSub(start, place), l_.word(1));
    found = further(found, mask_of_negative(behind), step);
  }
  llvm::Value* range = element(ranges, found, sizeof(UnwindRange));
  leave_if(ir_.CreateICmpULT(place, field(range, offsetof(UnwindRange, start), l_.i64())), failed_);
  leave_if(ir_.CreateICmpUGE(place, field(range, offsetof(UnwindRange, end), l_.i64())), failed_);
  return range;
}

// As one word.
llvm::Value* Unwinding::find_row(llvm::Value* range, llvm::Value* place) {
  llvm::Value* base = field(range, offsetof(UnwindRange, base), l_.i64());
  llvm::Value* first = field(range, offsetof(UnwindRange, first_row), ir_.getInt16Ty());
  llvm::Value* count = field(range, offsetof(UnwindRange, row_count), ir_.getInt16Ty());
  llvm::Value* chunk = l_.call_for_pointer(
      Helper::map_lookup_elem, {tables_.rows, l_.offset(range, offsetof(UnwindRange, chunk))});
  leave_if(ir_.CreateIsNull(chunk), failed_);
  place = ir_.CreateSub(place, base);
  const auto row_at = [&](llvm::Value* index) {
    llvm::Value* in_chunk =
        ir_.CreateAnd(ir_.CreateAdd(first, index), l_.word(image::chunk_rows - 1));
    return element(chunk, in_chunk, sizeof(image::UnwindRow));
  };
  llvm::Value* found = l_.word(0);
  for (std::uint32_t step = image::chunk_rows / 2; step != 0; step /= 2) {
    llvm::Value* tried = ir_.CreateAdd(found, l_.word(step));
    llvm::Value* start = field(row_at(tried), offsetof(image::UnwindRow, place), ir_.getInt32Ty());
    llvm::Value* behind = ir_.CreateSub(ir_.CreateSub(start, place), l_.word(1));
    llvm::Value* is_there = ir_.CreateSub(tried, count);
    found = further(found, mask_of_negative(ir_.CreateAnd(behind, is_there)), step);
  }
  return ir_.CreateLoad(l_.i64(), row_at(found));
}

// A part of a row, sign-extended.
llvm::Value* bits(llvm::IRBuilder<>& ir, llvm::Value* row, std::size_t offset_bytes,
                  unsigned count) {
  const auto begin = static_cast<unsigned>(offset_bytes * 8);
  return ir.CreateAShr(ir.CreateShl(row, 64 - begin - count), 64 - count);
}

llvm::Value* frame_offset(llvm::IRBuilder<>& ir, llvm::Value* row) {
  return ir.CreateShl(bits(ir, row, offsetof(image::UnwindRow, frame_words), 8), 3);
}

llvm::Value* rules_of(llvm::IRBuilder<>& ir, llvm::Value* row) { return ir.CreateLShr(row, 56); }
static_assert(offsetof(image::UnwindRow, rules) == 7);

llvm::Value* Unwinding::find_cfa(llvm::Value* row, llvm::BasicBlock* signal) {
  llvm::Value* rule = ir_.CreateAnd(rules_of(ir_, row), l_.word(image::cfa_rule_mask));
  llvm::Value* words = bits(ir_, row, offsetof(image::UnwindRow, cfa_words), 16);
  llvm::Value* offset = ir_.CreateShl(words, 3);
  llvm::BasicBlock* found = l_.block("cfa");
  auto* choice = ir_.CreateSwitch(rule, failed_);
  auto* cfa = llvm::PHINode::Create(l_.i64(), 4, "cfa", found);
  const auto leads_to = [&](CfaRule of, llvm::BasicBlock* to) {
    choice->addCase(ir_.getInt64(static_cast<std::uint64_t>(of)), to);
  };
  const auto gives = [&](CfaRule of, const char* name, auto value) {
    llvm::BasicBlock* block = l_.block(name);
    leads_to(of, block);
    ir_.SetInsertPoint(block);
    llvm::Value* result = value();
    cfa->addIncoming(result, ir_.GetInsertBlock());
    ir_.CreateBr(found);
  };
  leads_to(CfaRule::outermost, l_.behind_turns());
  leads_to(CfaRule::signal, signal);
  gives(CfaRule::stack, "from_stack",
        [&] { return ir_.CreateAdd(load(state_, stack_word), offset); });
  gives(CfaRule::frame, "from_frame",
        [&] { return ir_.CreateAdd(load(state_, frame_word), offset); });
  gives(CfaRule::at_frame, "at_frame", [&] {
    read_user(at(state_, read_word), word_bytes, ir_.CreateAdd(load(state_, frame_word), offset));
    return load(state_, read_word);
  });
  gives(CfaRule::linkage, "in_linkage", [&] {
    llvm::Value* byte = ir_.CreateAnd(load(state_, place_word), l_.word(15));
    llvm::Value* pushed =
        ir_.CreateICmpUGE(byte, bits(ir_, row, offsetof(image::UnwindRow, frame_words), 8));
    llvm::Value* more = ir_.CreateShl(ir_.CreateZExt(pushed, l_.i64()), 3);
    return ir_.CreateAdd(ir_.CreateAdd(load(state_, stack_word), l_.word(word_bytes)), more);
  });
  ir_.SetInsertPoint(found);
  return cfa;
}

llvm::Value* Unwinding::find_frame(llvm::Value* row, llvm::Value* cfa) {
  llvm::Value* rule = ir_.CreateLShr(rules_of(ir_, row), image::frame_rule_shift);
  llvm::AllocaInst* result = l_.stack_slot(l_.i64(), "frame_pointer");
  llvm::Value* current = load(state_, frame_word);
  ir_.CreateStore(current, result);
  const auto is = [&](FrameRule wanted) {
    return ir_.CreateICmpEQ(rule, l_.word(static_cast<std::uint64_t>(wanted)));
  };
  l_.when(ir_.CreateNot(is(FrameRule::same)), "saved", [&] {
    llvm::AllocaInst* base = l_.stack_slot(l_.i64(), "base");
    ir_.CreateStore(cfa, base);
    l_.when(is(FrameRule::at_frame), "saved_at_frame", [&] { ir_.CreateStore(current, base); });
    llvm::Value* from = ir_.CreateAdd(ir_.CreateLoad(l_.i64(), base), frame_offset(ir_, row));
    read_user(at(state_, read_word), word_bytes, from);
    ir_.CreateStore(load(state_, read_word), result);
  });
  return ir_.CreateLoad(l_.i64(), result);
}

void Unwinding::go_to_interrupted() {
  llvm::Value* saved =
      ir_.CreateAdd(load(state_, stack_word), l_.word(signal_frame_word * word_bytes));
  read_user(at(state_, read_word), signal_words * word_bytes, saved);
  const auto take = [&](std::uint8_t word, StateWord to) {
    store(load(state_, static_cast<StateWord>(read_word + word)), state_, to);
  };
  take(0, frame_word);
  take(5, stack_word);
  take(6, place_word);
  store(l_.word(0), state_, called_word);
}

// Behind the frames, where there is room.
void Unwinding::mark_failure(llvm::Value* number) {
  llvm::Value* next = ir_.CreateAdd(number, l_.word(1));
  l_.when(ir_.CreateICmpULT(next, l_.word(limit_)), "marked", [&] {
    llvm::Value* frame = element(l_.offset(state_, state_words * word_bytes),
                                 l_.bounded(next, limit_), frame_bytes_);
    if (build_ids_)
      ir_.CreateStore(ir_.getInt32(image::BuildIdHead::failure), frame);
    else
      ir_.CreateStore(l_.word(image::unwind_failure), frame);
  });
}

}  // namespace

// A process without tables has an empty stack.
llvm::Value* lower_dw_ustack(Lowering& l, ast::Call& call, const Into*) {
  if (call.type->stack_limit == 0) return user_stack(l, l.word(image::lost_stack));
  auto& ir = l.ir;
  llvm::AllocaInst* id = l.stack_slot(l.i64(), "id");
  ir.CreateStore(l.word(image::lost_stack), id);
  Unwinding unwinding(l, call);
  const auto fail = [&](llvm::Value* code) {
    l.count_failure(image::Failure::ustack_lost, call.span, code);
  };
  unwinding.run([&](llvm::Value* is_valid) {
    l.when(
        is_valid, "unwound",
        [&] {
          llvm::Value* kept = keep_stack(l, unwinding.maps(), unwinding.frames());
          l.when(
              ir.CreateICmpSGE(kept, l.word(0)), "kept", [&] { ir.CreateStore(kept, id); },
              [&] { fail(kept); });
        },
        [&] { fail(nullptr); });
  });
  return user_stack(l, ir.CreateLoad(l.i64(), id));
}

llvm::Value* count_unwound_frames(Lowering& l, const ast::Call& stack) {
  if (stack.type->stack_limit == 0) return l.word(0);
  Unwinding unwinding(l, stack);
  unwinding.run([](llvm::Value*) {});
  return unwinding.count();
}

}  // namespace sonde::codegen
