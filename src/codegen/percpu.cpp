// SPDX-License-Identifier: Apache-2.0
#include "codegen/percpu.h"

namespace sonde::codegen {

using image::Failure;
using sema::Type;
using sema::TypeKind;

namespace {

// A word of the function that is being emitted. What is read again behind the loop is in no
// register: the verifier is to forget what it was.
struct Word {
  Lowering& l;
  llvm::AllocaInst* slot;

  Word(Lowering& lowering, const char* name, std::uint64_t start)
      : l(lowering), slot(lowering.stack_slot(lowering.i64(), name)) {
    set(l.word(start));
  }
  llvm::Value* get() { return l.ir.CreateLoad(l.i64(), slot); }
  void set(llvm::Value* value) { l.ir.CreateStore(value, slot); }
  void add(llvm::Value* value) { set(l.ir.CreateAdd(get(), value)); }
};

// The part's value, behind the header of a scalar map's slot.
Memory value_of(Lowering& l, const sema::Map& map, const Memory& part) {
  return map.key ? part : l.at(part, sizeof(image::ScalarHeader));
}

void note_missing(Lowering& l, const sema::Map& map, llvm::Value* parts, diag::Span span) {
  if (!map.key || !l.m.options.runtime_warnings) return;
  l.when(l.ir.CreateICmpEQ(parts, l.word(0)), "missing",
         [&] { l.count_failure(Failure::lookup_missing, span, l.word(0)); });
}

// {value, is_set} of each CPU.
llvm::Value* read_extreme(Lowering& l, const sema::Map& map, llvm::Value* key, diag::Span span,
                          llvm::Value* kernel_map) {
  using P = llvm::CmpInst::Predicate;
  auto& ir = l.ir;
  const Type& type = *map.value;
  const bool min = type.is(TypeKind::min);
  const P better =
      type.is_signed ? (min ? P::ICMP_SLT : P::ICMP_SGT) : (min ? P::ICMP_ULT : P::ICMP_UGT);
  Word best(l, "best", 0), any(l, "any", 0);
  llvm::Value* parts = for_each_cpu(
      l, map, key,
      [&](const Memory& part) {
        const Memory at = value_of(l, map, part);
        llvm::Value* sample = ir.CreateLoad(l.i64(), at.pointer);
        llvm::Value* is_set = ir.CreateLoad(l.i64(), l.at(at, 8).pointer);
        l.when(ir.CreateICmpNE(is_set, l.word(0)), "set", [&] {
          llvm::Value* known = best.get();
          llvm::Value* take = ir.CreateOr(ir.CreateICmpEQ(any.get(), l.word(0)),
                                          ir.CreateICmp(better, sample, known));
          best.set(ir.CreateSelect(take, sample, known));
          any.set(is_set);
        });
      },
      kernel_map);
  note_missing(l, map, parts, span);
  return best.get();
}

struct Totals {
  llvm::Value *total, *count;
};

// {total, count} of each CPU, added up.
Totals add_up(Lowering& l, const sema::Map& map, llvm::Value* key, diag::Span span,
              llvm::Value* kernel_map) {
  Word total(l, "total", 0), count(l, "count", 0);
  llvm::Value* parts = for_each_cpu(
      l, map, key,
      [&](const Memory& part) {
        const Memory at = value_of(l, map, part);
        total.add(l.ir.CreateLoad(l.i64(), at.pointer));
        count.add(l.ir.CreateLoad(l.i64(), l.at(at, 8).pointer));
      },
      kernel_map);
  note_missing(l, map, parts, span);
  return {total.get(), count.get()};
}

// Truncated toward zero; of nothing it is 0. BPF divides signed numbers since Linux 6.6 only.
llvm::Value* average(Lowering& l, const Type& type, const Totals& totals) {
  auto& ir = l.ir;
  llvm::Value* divisor =
      ir.CreateSelect(ir.CreateICmpEQ(totals.count, l.word(0)), l.word(1), totals.count);
  if (!type.is_signed) return ir.CreateUDiv(totals.total, divisor);
  llvm::Value* sign = ir.CreateAShr(totals.total, 63);  // 0 or -1
  llvm::Value* magnitude = ir.CreateSub(ir.CreateXor(totals.total, sign), sign);
  llvm::Value* quotient = ir.CreateUDiv(magnitude, divisor);
  return ir.CreateSub(ir.CreateXor(quotient, sign), sign);
}

}  // namespace

// The verifier takes the number of CPUs for the constant that it is and follows the loop to its
// end, which needs nothing that bounds loops. What the body adds up has no known value, so states
// differ in the CPU alone. The test is at the end: Linux 6.1 refuses a way back to the start
// of a loop that is no jump (kernel/bpf/verifier.c, visit_insn), and there is always a first CPU.
llvm::Value* for_each_cpu(Lowering& l, const sema::Map& map, llvm::Value* key,
                          const std::function<void(const Memory& part)>& body,
                          llvm::Value* kernel_map) {
  auto& ir = l.ir;
  Word cpu(l, "cpu", 0);
  const auto walk = [&](llvm::Value* walked) -> llvm::Value* {
    llvm::BasicBlock* each = l.block("each_cpu");
    llvm::BasicBlock* inside = l.block("cpu_found");
    llvm::BasicBlock* done = l.block("all_cpus");
    ir.CreateBr(each);
    ir.SetInsertPoint(each);
    llvm::Value* part =
        l.call_for_pointer(Helper::map_lookup_percpu_elem, {walked, key, cpu.get()});
    ir.CreateCondBr(ir.CreateIsNotNull(part), inside, done);
    ir.SetInsertPoint(inside);
    body({part, 8});
    cpu.add(l.word(1));
    llvm::Value* cpus = ir.CreateZExt(
        ir.CreateLoad(ir.getInt32Ty(),
                      l.offset(l.m.run_constants(), offsetof(image::RunConstants, possible_cpus)),
                      true),
        l.i64());
    ir.CreateCondBr(ir.CreateICmpULT(cpu.get(), cpus), each, done);
    ir.SetInsertPoint(done);
    return cpu.get();
  };
  return kernel_map ? walk(kernel_map) : l.with_map(map, walk);
}

llvm::Value* read_aggregation(Lowering& l, const sema::Map& map, llvm::Value* key, diag::Span span,
                              llvm::Value* kernel_map) {
  switch (map.value->kind) {
    case TypeKind::min:
    case TypeKind::max: return read_extreme(l, map, key, span, kernel_map);
    case TypeKind::avg: return average(l, *map.value, add_up(l, map, key, span, kernel_map));
    default: break;
  }
  Word total(l, "total", 0);
  llvm::Value* parts = for_each_cpu(
      l, map, key,
      [&](const Memory& part) {
        total.add(l.ir.CreateLoad(l.i64(), value_of(l, map, part).pointer));
      },
      kernel_map);
  note_missing(l, map, parts, span);
  return total.get();
}

void read_stats(Lowering& l, const sema::Map& map, llvm::Value* key, const Memory& to,
                diag::Span span) {
  const Totals totals = add_up(l, map, key, span, nullptr);
  l.ir.CreateStore(totals.total, to.pointer);
  l.ir.CreateStore(totals.count, l.at(to, 8).pointer);
}

}  // namespace sonde::codegen
