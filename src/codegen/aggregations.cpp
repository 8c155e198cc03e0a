// SPDX-License-Identifier: Apache-2.0
#include "codegen/aggregations.h"

#include "codegen/clocks.h"

namespace sonde::codegen {

using sema::Type;
using sema::TypeKind;

namespace {

// No other CPU writes here, so a plain addition does.
void add(Lowering& l, const Memory& at, llvm::Value* n) {
  llvm::Value* before = l.ir.CreateLoad(l.i64(), at.pointer);
  l.ir.CreateStore(l.ir.CreateAdd(before, n), at.pointer);
}

// {value, is_set}
void keep_extreme(Lowering& l, const Type& type, const Memory& part, llvm::Value* sample) {
  using P = llvm::CmpInst::Predicate;
  const bool min = type.is(TypeKind::min);
  const P better =
      type.is_signed ? (min ? P::ICMP_SLT : P::ICMP_SGT) : (min ? P::ICMP_ULT : P::ICMP_UGT);
  llvm::Value* known = l.ir.CreateLoad(l.i64(), part.pointer);
  llvm::Value* is_set = l.ir.CreateLoad(l.i64(), l.at(part, 8).pointer);
  llvm::Value* keep =
      l.ir.CreateOr(l.ir.CreateICmpEQ(is_set, l.word(0)), l.ir.CreateICmp(better, sample, known));
  l.when(keep, "keep", [&] {
    l.ir.CreateStore(sample, part.pointer);
    l.ir.CreateStore(l.word(1), l.at(part, 8).pointer);
  });
}

// floor(log2(n)) of n > 0: which half has the highest bit, six times. BPF has no instruction that
// compares and goes on, so a comparison would be a branch: badly predicted (20 ns with values that
// vary, 1 without), and the verifier would follow the 64 ways through six of them, which with a
// second histogram or in a loop is more than it takes.
llvm::Value* log2(Lowering& l, llvm::Value* n) {
  llvm::Value* result = l.word(0);
  for (const unsigned bit : {5U, 4U, 3U, 2U, 1U, 0U}) {
    const std::uint64_t width = 1ULL << bit;
    // With a bit set, the upper half carries into the next.
    llvm::Value* carried = l.ir.CreateAdd(l.ir.CreateLShr(n, width), l.word((1ULL << width) - 1));
    llvm::Value* shift = l.ir.CreateShl(l.ir.CreateLShr(carried, width), bit);
    n = l.ir.CreateLShr(n, shift);
    result = l.ir.CreateOr(result, shift);
  }
  return result;
}

// The bucket of a value that is not negative:
//   n < 2^k: n + 1, else with e = floor(log2 n) - k: ((e + 1) << k) + ((n >> e) & (2^k - 1)) + 1
llvm::Value* hist_bucket(Lowering& l, llvm::Value* n, unsigned bits) {
  auto& ir = l.ir;
  const std::uint64_t steps = 1ULL << bits;
  llvm::Value* exponent = ir.CreateSub(log2(l, n), l.word(bits));
  llvm::Value* row = ir.CreateShl(ir.CreateAdd(exponent, l.word(1)), bits);
  llvm::Value* step = ir.CreateAnd(ir.CreateLShr(n, exponent), l.word(steps - 1));
  llvm::Value* large = ir.CreateAdd(ir.CreateAdd(row, step), l.word(1));
  llvm::Value* is_small = ir.CreateICmpULT(n, l.word(steps));
  return ir.CreateSelect(is_small, ir.CreateAdd(n, l.word(1)), large);
}

llvm::Value* lhist_bucket(Lowering& l, llvm::Value* n, const Type& type) {
  auto& ir = l.ir;
  llvm::Value* above = ir.CreateSub(n, l.word(type.lhist_min));
  llvm::Value* inside = ir.CreateAdd(ir.CreateUDiv(above, l.word(type.lhist_step)), l.word(1));
  const std::uint64_t overflow = 1 + (type.lhist_max - type.lhist_min) / type.lhist_step;
  llvm::Value* beyond = ir.CreateICmpUGT(n, l.word(type.lhist_max));
  return ir.CreateSelect(beyond, l.word(overflow), inside);
}

void add_to_bucket(Lowering& l, const ast::Call& call, const Type& type, const Memory& part,
                   llvm::Value* sample) {
  auto& ir = l.ir;
  const bool linear = type.is(TypeKind::lhist);
  llvm::Value* bucket =
      linear ? lhist_bucket(l, sample, type) : hist_bucket(l, sample, type.hist_bits);
  llvm::Value* below = nullptr;
  const bool is_signed = call.args[0]->type->is_integer() && call.args[0]->type->is_signed;
  if (is_signed)
    below = ir.CreateICmpSLT(sample, l.word(linear ? type.lhist_min : 0));
  else if (linear)
    below = ir.CreateICmpULT(sample, l.word(type.lhist_min));
  if (below) bucket = ir.CreateSelect(below, l.word(0), bucket);
  // The verifier must see the bound tested; LLVM, which can prove it, must not take it away.
  const std::uint32_t count = image::bucket_count(l.m.image.types[l.m.type_index(&type)]);
  bucket = l.opaque(bucket);
  l.when(ir.CreateICmpULT(bucket, l.word(count)), "bucket", [&] {
    llvm::Value* address = ir.CreateGEP(ir.getInt8Ty(), part.pointer, {ir.CreateShl(bucket, 3)});
    add(l, {address, 8}, l.word(1));
  });
}

void add_to_series(Lowering& l, const Type& type, const Memory& part, llvm::Value* sample) {
  auto& ir = l.ir;
  SeriesTime time = series_time(l, type);
  // As in add_to_bucket.
  time.slot = l.opaque(time.slot);
  l.when(ir.CreateICmpULT(time.slot, l.word(type.series_points)), "point", [&] {
    llvm::Value* offset = ir.CreateMul(time.slot, l.word(image::point_bytes(type.reduction)));
    const Memory point{ir.CreateGEP(ir.getInt8Ty(), part.pointer, {offset}), 8};
    add_to_point(l, type, point, time, sample);
  });
}

}  // namespace

SeriesTime series_time(Lowering& l, const Type& type) {
  SeriesTime time;
  llvm::Value* interval = l.word(type.series_interval_ns);
  time.now = tai_time(l);
  llvm::Value* number = l.ir.CreateUDiv(time.now, interval);
  time.start = l.ir.CreateMul(number, interval);
  time.slot = l.ir.CreateURem(number, l.word(type.series_points));
  return time;
}

// The last sample's time says which interval the point is of: its slot was another one's before.
void add_to_point(Lowering& l, const Type& type, const Memory& point, const SeriesTime& time,
                  llvm::Value* sample) {
  using P = llvm::CmpInst::Predicate;
  using image::Reduction;
  auto& ir = l.ir;
  const Memory value = l.at(point, 8);
  llvm::Value* last = ir.CreateLoad(l.i64(), point.pointer);
  llvm::Value* is_new = ir.CreateICmpULT(last, time.start);
  llvm::Value* known = ir.CreateLoad(l.i64(), value.pointer);
  llvm::Value* both = sample;
  const bool sums = type.reduction == Reduction::sum || type.reduction == Reduction::avg;
  if (sums) {
    both = ir.CreateAdd(known, sample);
  } else if (type.reduction != Reduction::last) {
    const bool min = type.reduction == Reduction::min;
    const P better =
        type.is_signed ? (min ? P::ICMP_SLT : P::ICMP_SGT) : (min ? P::ICMP_ULT : P::ICMP_UGT);
    both = ir.CreateSelect(ir.CreateICmp(better, sample, known), sample, known);
  }
  ir.CreateStore(time.now, point.pointer);
  ir.CreateStore(ir.CreateSelect(is_new, sample, both), value.pointer);
  if (type.reduction != Reduction::avg) return;
  const Memory count = l.at(point, 16);
  llvm::Value* more = ir.CreateAdd(ir.CreateLoad(l.i64(), count.pointer), l.word(1));
  ir.CreateStore(ir.CreateSelect(is_new, l.word(1), more), count.pointer);
}

void add_to_aggregation(Lowering& l, const ast::Call& aggregation, const Type& type,
                        const Memory& part, llvm::Value* sample) {
  switch (type.kind) {
    case TypeKind::count: add(l, part, l.word(1)); break;
    case TypeKind::sum: add(l, part, sample); break;
    case TypeKind::min:
    case TypeKind::max: keep_extreme(l, type, part, sample); break;
    case TypeKind::avg:
    case TypeKind::stats:
      add(l, part, sample);
      add(l, l.at(part, 8), l.word(1));
      break;
    case TypeKind::tseries: add_to_series(l, type, part, sample); break;
    default: add_to_bucket(l, aggregation, type, part, sample); break;
  }
}

}  // namespace sonde::codegen
