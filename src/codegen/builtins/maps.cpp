// SPDX-License-Identifier: Apache-2.0
// The aggregations, which are lowered where they are assigned, and delete, clear, zero.
#include "codegen/builtins/builtins.h"

namespace sonde::codegen {

using image::Action;
using image::Failure;

#define AGGREGATION(NAME)                                                   \
  llvm::Value* lower_##NAME(Lowering&, ast::Call&, const Into*) {           \
    SONDE_UNREACHABLE("an aggregation is lowered with the map it goes to"); \
  }
AGGREGATION(count)
AGGREGATION(sum)
AGGREGATION(min)
AGGREGATION(max)
AGGREGATION(avg)
AGGREGATION(stats)
AGGREGATION(hist)
AGGREGATION(lhist)
#undef AGGREGATION

namespace {

std::uint32_t slot_bytes(Lowering& l, const sema::Map& map) {
  const image::ValueType& value = l.m.image.types[l.m.type_index(map.value)];
  return static_cast<std::uint32_t>(sizeof(image::ScalarHeader)) +
         image::align_up(image::stored_size(value), 8);
}

// An aggregation has a slot on every CPU (bpf_map_lookup_percpu_elem, Linux 5.19).
llvm::Value* delete_aggregation(Lowering& l, const sema::Map& map, diag::Span span) {
  auto& ir = l.ir;
  const auto &cpu_word = l.loop_word(), &present_word = l.loop_word();
  const auto cpu = [&] { return l.memory_of(cpu_word).pointer; };
  const auto present = [&] { return l.memory_of(present_word).pointer; };
  ir.CreateStore(l.loop_start(l.word(0)), cpu());
  ir.CreateStore(l.word(0), present());
  llvm::Value* slot = nullptr;
  const auto test = [&] {
    llvm::Value* number = ir.CreateLoad(l.i64(), cpu());
    slot = l.call_for_pointer(Helper::map_lookup_percpu_elem,
                              {l.m.script_map(map), l.array_key(0), number});
    return ir.CreateIsNotNull(slot);  // null behind the last CPU
  };
  const auto body = [&] {
    llvm::Value* before = ir.CreateLoad(l.i64(), present());
    ir.CreateStore(ir.CreateOr(before, ir.CreateLoad(l.i64(), slot)), present());
    l.zero({slot, 8}, 0, slot_bytes(l, map));
  };
  const auto step = [&] {
    ir.CreateStore(ir.CreateAdd(ir.CreateLoad(l.i64(), cpu()), l.word(1)), cpu());
  };
  l.lower_loop(nullptr, span, {.test = test, .body = body, .step = step});
  return ir.CreateLoad(l.i64(), present());
}

// A scalar map's slot stays; it is emptied. True when it held something.
llvm::Value* delete_scalar(Lowering& l, const sema::Map& map, diag::Span span) {
  if (map.value->is_aggregation()) return delete_aggregation(l, map, span);
  auto& ir = l.ir;
  llvm::Value* slot = l.lookup(map, l.array_key(0));
  llvm::Value* present = nullptr;
  llvm::BasicBlock *there = nullptr, *missing = nullptr;
  l.when(
      ir.CreateIsNotNull(slot), "slot",
      [&] {
        present = ir.CreateLoad(l.i64(), slot);
        l.zero({slot, 8}, 0, slot_bytes(l, map));
        there = ir.GetInsertBlock();
      },
      [&] { missing = ir.GetInsertBlock(); });
  auto* phi = ir.CreatePHI(l.i64(), 2);
  phi->addIncoming(present, there);
  phi->addIncoming(l.word(0), missing);
  return phi;
}

llvm::Value* send_for_map(Lowering& l, ast::Call& call, Action action) {
  image::EventDesc event{.action = action};
  event.map = l.m.map_index(*ast::as<ast::MapRef>(call.args[0])->map);
  l.send(std::move(event), {}, call.span, Lowering::Wake::batched);
  return nullptr;
}

}  // namespace

llvm::Value* lower_delete_(Lowering& l, ast::Call& call, const Into*) {
  auto& ir = l.ir;
  const sema::Map& map = *ast::as<ast::MapRef>(call.args[0])->map;
  if (!map.key) return delete_scalar(l, map, call.span);
  llvm::Value* key = l.key_of(map, call.args[1]);
  llvm::Value* status = l.call(Helper::map_delete_elem, {l.m.script_map(map), key});
  llvm::Value* failed = ir.CreateICmpSLT(status, l.word(0));
  if (l.m.options.runtime_warnings)
    l.when(failed, "missing", [&] { l.count_failure(Failure::delete_missing, call.span, status); });
  return ir.CreateZExt(ir.CreateNot(failed), l.i64());
}

llvm::Value* lower_clear(Lowering& l, ast::Call& call, const Into*) {
  return send_for_map(l, call, Action::clear_map);
}

llvm::Value* lower_zero(Lowering& l, ast::Call& call, const Into*) {
  return send_for_map(l, call, Action::zero_map);
}

}  // namespace sonde::codegen
