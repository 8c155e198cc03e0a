// SPDX-License-Identifier: Apache-2.0
// Maps. A scalar map is one slot of an array; a keyed one is a hash. Aggregations are per CPU.
// What is changed is looked up once and changed in place; only a new key costs an update.
#include <optional>

#include "codegen/aggregations.h"
#include "codegen/lowering.h"
#include "codegen/percpu.h"

namespace sonde::codegen {

using namespace ast;
using image::Failure;
using sema::Type;
using sema::TypeKind;

namespace {

// The type under which a value is kept: words take eight bytes.
const Type& stored_type(Lowering& l, const Type& type) {
  if (type.in_memory()) return type;
  return type.is_integer() && !type.is_signed ? *l.m.script.types.uint64()
                                              : *l.m.script.types.int64();
}

// Behind the header of a scalar map's slot.
Memory slot_value(Lowering& l, const sema::Map& map, llvm::Value* place) {
  return map.key ? Memory{place, 8} : Memory{l.offset(place, sizeof(image::ScalarHeader)), 8};
}

// What reading a key that is not there gives.
std::uint64_t missing_value(const Type& type) {
  const bool stack = type.is(TypeKind::kstack) || type.is(TypeKind::ustack);
  return stack ? image::lost_stack : 0;
}

// Operators that BPF has as atomic instructions beside addition (Linux 5.12). Bits stay inside the
// width of their type, so there is nothing to convert.
std::optional<llvm::AtomicRMWInst::BinOp> atomic_bits(BinaryOp op) {
  switch (op) {
    case BinaryOp::bit_and: return llvm::AtomicRMWInst::And;
    case BinaryOp::bit_or: return llvm::AtomicRMWInst::Or;
    case BinaryOp::bit_xor: return llvm::AtomicRMWInst::Xor;
    default: return std::nullopt;
  }
}

void mark_present(Lowering& l, const sema::Map& map, llvm::Value* place) {
  if (!map.key) l.ir.CreateStore(l.word(1), place);
}

}  // namespace

llvm::Value* Lowering::key_of(const sema::Map& map, Expr* key) {
  if (!map.key) return array_key(0);
  const Memory memory = temporary(map.key->size_bytes);
  store(key, memory, *map.key);
  return memory.pointer;
}

llvm::Value* Lowering::with_map(const sema::Map& map, const UseMap& use) {
  llvm::GlobalVariable* first = m.script_map(map);
  llvm::GlobalVariable* swap = m.swap_of(map);
  if (!swap) return use(first);
  llvm::Value* put = call_for_pointer(Helper::map_lookup_elem, {swap, array_key(0)});
  llvm::Value *with_put = nullptr, *with_first = nullptr;
  llvm::BasicBlock *behind_put = nullptr, *behind_first = nullptr;
  when(
      ir.CreateIsNotNull(put), "swapped",
      [&] {
        with_put = opaque(use(put), "# swapped");
        behind_put = ir.GetInsertBlock();
      },
      [&] {
        with_first = opaque(use(first), "# first");
        behind_first = ir.GetInsertBlock();
      });
  auto* phi = ir.CreatePHI(with_put->getType(), 2);
  phi->addIncoming(with_put, behind_put);
  phi->addIncoming(with_first, behind_first);
  return phi;
}

llvm::Value* Lowering::lookup(const sema::Map& map, llvm::Value* key) {
  return with_map(map, [&](llvm::Value* kernel_map) {
    return call_for_pointer(Helper::map_lookup_elem, {kernel_map, key});
  });
}

template <typename Update>
void Lowering::update_in_place(const sema::Map& map, Expr* key_expr, diag::Span span,
                               Update update) {
  llvm::Value* key = key_of(map, key_expr);
  place(span);
  if (map.key) return update_entry(map, key, span, update);
  llvm::Value* known = lookup(map, key);
  // An array's slot is always there; the verifier wants it tested all the same.
  when(ir.CreateIsNotNull(known), "slot", [&] {
    mark_present(*this, map, known);
    update(slot_value(*this, map, known));
  });
}

template <typename Update>
void Lowering::update_entry(const sema::Map& map, llvm::Value* key, diag::Span span,
                            Update update) {
  llvm::Value* known = lookup(map, key);
  llvm::BasicBlock* insert = block("insert");
  llvm::BasicBlock* missing = block("no_room");
  llvm::BasicBlock* found = block("found");
  llvm::BasicBlock* behind = block("behind");
  llvm::BasicBlock* looked_up = ir.GetInsertBlock();
  ir.CreateCondBr(ir.CreateIsNotNull(known), found, insert);

  ir.SetInsertPoint(insert);
  const std::uint32_t bytes =
      image::align_up(image::entry_size(m.image.types[m.type_index(map.value)]), 8);
  llvm::AllocaInst* status = stack_slot(i64(), "status");
  llvm::Value* fresh = with_map(map, [&](llvm::Value* kernel_map) {
    ir.CreateStore(
        call(Helper::map_update_elem, {kernel_map, key, m.zeros(bytes), word(bpf_noexist)}),
        status);
    return call_for_pointer(Helper::map_lookup_elem, {kernel_map, key});
  });
  llvm::BasicBlock* inserted = ir.GetInsertBlock();
  ir.CreateCondBr(ir.CreateIsNotNull(fresh), found, missing);

  ir.SetInsertPoint(missing);
  count_failure(Failure::map_full, span, ir.CreateLoad(i64(), status));
  ir.CreateBr(behind);

  ir.SetInsertPoint(found);
  auto* memory = ir.CreatePHI(pointer_type(), 2);
  memory->addIncoming(known, looked_up);
  memory->addIncoming(fresh, inserted);
  update(Memory{memory, 8});
  ir.CreateBr(behind);
  ir.SetInsertPoint(behind);
}

// --- reading ---------------------------------------------------------------------------------

llvm::Value* Lowering::read_map(MapRef& ref) {
  const sema::Map& map = *ref.map;
  llvm::Value* key = key_of(map, ref.key);
  place(ref.span);
  if (map.value->is_aggregation()) return read_aggregation(*this, map, key, ref.span);
  llvm::Value* known = lookup(map, key);
  llvm::Value* loaded = nullptr;
  llvm::BasicBlock *there = nullptr, *missing = nullptr;
  when(
      ir.CreateIsNotNull(known), "found",
      [&] {
        loaded = ir.CreateLoad(i64(), slot_value(*this, map, known).pointer);
        there = ir.GetInsertBlock();
      },
      [&] {
        if (m.options.runtime_warnings) count_failure(Failure::lookup_missing, ref.span, word(0));
        missing = ir.GetInsertBlock();
      });
  auto* phi = ir.CreatePHI(i64(), 2);
  phi->addIncoming(loaded, there);
  phi->addIncoming(word(missing_value(*map.value)), missing);
  return convert_word(chosen(phi), *m.script.types.int64(), *ref.type);
}

void Lowering::read_map_into(MapRef& ref, const Memory& to, const Type& type, Fill fill) {
  const sema::Map& map = *ref.map;
  llvm::Value* known = lookup(map, key_of(map, ref.key));
  when(
      ir.CreateIsNotNull(known), "found",
      [&] { convert(slot_value(*this, map, known), *map.value, to, type, fill); },
      [&] {
        if (m.options.runtime_warnings) count_failure(Failure::lookup_missing, ref.span, word(0));
        zero(to, 0, type.size_bytes);
      });
}

// --- writing ---------------------------------------------------------------------------------

void Lowering::assign_map(MapRef& ref, Expr* assigned) {
  const sema::Map& map = *ref.map;
  const Type& type = stored_type(*this, *map.value);
  if (!map.key) {
    // The value first: it may read the same map.
    if (type.in_memory()) {
      const Memory memory = temporary(type.size_bytes);
      store(assigned, memory, type);
      update_in_place(map, nullptr, ref.span,
                      [&](const Memory& slot) { copy(slot, memory, type.size_bytes); });
    } else {
      llvm::Value* converted = value_as(assigned, *map.value);
      update_in_place(map, nullptr, ref.span,
                      [&](const Memory& slot) { store_word(converted, slot, type); });
    }
    return;
  }
  const Memory memory = temporary(image::align_up(type.size_bytes, 8));
  if (type.in_memory()) {
    store(assigned, memory, type);
    if (type.size_bytes % 8 != 0)
      zero(memory, type.size_bytes, image::align_up(type.size_bytes, 8));
  } else {
    store_word(value_as(assigned, *map.value), memory, type);
  }
  llvm::Value* key = key_of(map, ref.key);
  place(ref.span);
  llvm::Value* status = with_map(map, [&](llvm::Value* kernel_map) {
    return call(Helper::map_update_elem, {kernel_map, key, memory.pointer, word(bpf_any)});
  });
  when(ir.CreateICmpSLT(status, word(0)), "no_room",
       [&] { count_failure(Failure::map_full, ref.span, status); });
}

// Other CPUs see the slot of a plain map: additions are atomic, and cost no more than they must.
llvm::Value* Lowering::change_map(MapRef& ref, BinaryOp op, Expr* operand, diag::Span span,
                                  bool want_new) {
  const sema::Map& map = *ref.map;
  llvm::Value* by = operand ? value(operand) : word(1);
  llvm::AllocaInst* seen = stack_slot(i64(), "seen");
  ir.CreateStore(word(0), seen);
  // The sum of two truths is one: more than an addition.
  const bool adds =
      (op == BinaryOp::add || op == BinaryOp::sub) && !map.value->is(TypeKind::boolean);
  update_in_place(map, ref.key, span, [&](const Memory& slot) {
    llvm::Value *before = nullptr, *after = nullptr;
    if (adds) {
      llvm::Value* delta = op == BinaryOp::sub ? ir.CreateNeg(by) : by;
      if (map.value->is(TypeKind::pointer))
        delta = lower_pointer_offset(word(0), *map.value, delta, false);
      before = ir.CreateAtomicRMW(llvm::AtomicRMWInst::Add, slot.pointer, delta,
                                  llvm::MaybeAlign(8), llvm::AtomicOrdering::Monotonic);
      // Only a result that somebody wants makes it a fetch-and-add.
      if (operand) return;
      after = ir.CreateAdd(before, delta);
    } else if (const auto bits = atomic_bits(op)) {
      ir.CreateAtomicRMW(*bits, slot.pointer, by, llvm::MaybeAlign(8),
                         llvm::AtomicOrdering::Monotonic);
      return;
    } else {
      before = ir.CreateLoad(i64(), slot.pointer);
      after = convert_word(arithmetic(op, before, by, operand, span), *m.script.types.int64(),
                           *map.value);
      ir.CreateStore(after, slot.pointer);
    }
    ir.CreateStore(want_new ? after : before, seen);
  });
  return ir.CreateLoad(i64(), seen);
}

void Lowering::aggregate(MapRef& ref, Call& aggregation) {
  std::vector<llvm::Value*> args;
  // The bounds of a histogram are in the type.
  if (!aggregation.args.empty()) args.push_back(value(aggregation.args[0]));
  if (image::is_long_series(m.image.types[m.type_index(ref.map->value)]))
    return add_to_long_series(ref, args[0], aggregation.span);
  update_in_place(*ref.map, ref.key, aggregation.span, [&](const Memory& slot) {
    add_to_aggregation(*this, aggregation, *ref.map->value, slot, args.empty() ? nullptr : args[0]);
  });
}

// Each point is an entry of its own.
void Lowering::add_to_long_series(MapRef& ref, llvm::Value* sample, diag::Span span) {
  const sema::Map& map = *ref.map;
  const SeriesTime time = series_time(*this, *map.value);
  const Memory key = temporary(sizeof(image::PointKey) + (map.key ? map.key->size_bytes : 0));
  ir.CreateStore(time.slot, at(key, offsetof(image::PointKey, slot)).pointer);
  if (map.key) store(ref.key, at(key, sizeof(image::PointKey)), *map.key);
  place(span);
  update_entry(map, key.pointer, span,
               [&](const Memory& point) { add_to_point(*this, *map.value, point, time, sample); });
}

}  // namespace sonde::codegen
