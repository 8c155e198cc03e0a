// SPDX-License-Identifier: Apache-2.0
// Functions that take a map: delete, has_key, find, len, clear, zero.
#include <cerrno>

#include "codegen/builtins/builtins.h"
#include "codegen/percpu.h"

namespace sonde::codegen {

using image::Action;
using image::Failure;

namespace {

// Hidden from LLVM, which would test two of them at once by an `|` of the pointers; the verifier
// refuses that.
llvm::Value* is_there(Lowering& l, llvm::Value* slot) {
  return l.opaque(l.ir.CreateZExt(l.ir.CreateIsNotNull(slot), l.i64()));
}

const sema::Map& map_of(const ast::Call& call) { return *ast::as<ast::MapRef>(call.args[0])->map; }

std::uint32_t slot_bytes(Lowering& l, const sema::Map& map) {
  const image::ValueType& value = l.m.image.types[l.m.type_index(map.value)];
  return static_cast<std::uint32_t>(sizeof(image::ScalarHeader)) +
         image::align_up(image::stored_size(value), 8);
}

// An aggregation has a slot on every CPU.
llvm::Value* delete_aggregation(Lowering& l, const sema::Map& map) {
  auto& ir = l.ir;
  llvm::AllocaInst* present = l.stack_slot(l.i64(), "present");
  ir.CreateStore(l.word(0), present);
  for_each_cpu(l, map, l.array_key(0), [&](const Memory& slot) {
    llvm::Value* before = ir.CreateLoad(l.i64(), present);
    ir.CreateStore(ir.CreateOr(before, ir.CreateLoad(l.i64(), slot.pointer)), present);
    l.zero(slot, 0, slot_bytes(l, map));
  });
  return ir.CreateLoad(l.i64(), present);
}

// A scalar map's slot stays; it is emptied. True when it held something.
llvm::Value* delete_scalar(Lowering& l, const sema::Map& map) {
  if (map.value->is_aggregation()) return delete_aggregation(l, map);
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
  if (l.taken_maps().is_done(call)) return nullptr;
  image::EventDesc event{.action = action};
  event.map = l.m.map_index(map_of(call));
  event.is_last = l.taken_maps().is_last(call);
  l.send(std::move(event), {}, call.span, Lowering::Wake::batched);
  return nullptr;
}

}  // namespace

llvm::Value* lower_delete_(Lowering& l, ast::Call& call, const Into*) {
  auto& ir = l.ir;
  const sema::Map& map = map_of(call);
  llvm::Value* status = nullptr;
  llvm::Value* deleted = nullptr;  // i1
  if (map.key) {
    llvm::Value* key = l.key_of(map, call.args[1]);
    status = l.with_map(map, [&](llvm::Value* kernel_map) {
      return l.call(Helper::map_delete_elem, {kernel_map, key});
    });
    deleted = ir.CreateICmpSGE(status, l.word(0));
  } else {
    status = l.word(static_cast<std::uint64_t>(-ENOENT));  // as a map without it would say
    deleted = ir.CreateICmpNE(delete_scalar(l, map), l.word(0));
  }
  // Whoever takes the result knows.
  if (l.is_unused(call))
    l.when(ir.CreateNot(deleted), "missing",
           [&] { l.count_failure(Failure::delete_missing, call.span, status); });
  return ir.CreateZExt(deleted, l.i64());
}

llvm::Value* lower_has_key(Lowering& l, ast::Call& call, const Into*) {
  const sema::Map& map = map_of(call);
  llvm::Value* known = l.lookup(map, l.key_of(map, call.args[1]));
  return is_there(l, known);
}

llvm::Value* lower_find(Lowering& l, ast::Call& call, const Into*) {
  auto& ir = l.ir;
  const sema::Map& map = map_of(call);
  const sema::Variable& to = *ast::as<ast::VariableRef>(call.args[2])->variable;
  llvm::Value* key = l.key_of(map, call.args[1]);
  const Memory storage = l.storage_of(to);
  return l.with_map(map, [&](llvm::Value* kernel_map) {
    llvm::Value* known = l.call_for_pointer(Helper::map_lookup_elem, {kernel_map, key});
    l.when(ir.CreateIsNotNull(known), "found", [&] {
      if (map.value->is_aggregation()) {
        const sema::Type* number = l.m.script.types.integer(8, map.value->is_signed);
        llvm::Value* value = read_aggregation(l, map, key, call.span, kernel_map);
        ir.CreateStore(l.convert_word(value, *number, *to.type), storage.pointer);
      } else if (to.type->in_memory()) {
        l.convert({known, 8}, *map.value, storage, *to.type, Fill::zero);
      } else {
        llvm::Value* value = ir.CreateLoad(l.i64(), known);
        ir.CreateStore(l.convert_word(value, *map.value, *to.type), storage.pointer);
      }
    });
    return is_there(l, known);
  });
}

// bpf_for_each_map_elem says how many entries it has walked over.
llvm::Value* lower_len(Lowering& l, ast::Call& call, const Into*) {
  if (auto* stack = ast::as<ast::Call>(call.args[0])) return count_frames(l, *stack);
  auto* pointer = l.pointer_type();
  llvm::Function* walk = l.m.add_callback("entry", {pointer, pointer, pointer, pointer}, call.span);
  llvm::IRBuilder<>(llvm::BasicBlock::Create(l.m.context, "entry", walk)).CreateRet(l.word(0));
  return l.with_map(map_of(call), [&](llvm::Value* kernel_map) {
    return l.call(Helper::for_each_map_elem,
                  {kernel_map, walk, llvm::ConstantPointerNull::get(l.ir.getPtrTy()), l.word(0)});
  });
}

llvm::Value* lower_is_scalar(Lowering& l, ast::Call& call, const Into*) {
  return l.word(map_of(call).key ? 0 : 1);  // where it was not folded
}

llvm::Value* lower_clear(Lowering& l, ast::Call& call, const Into*) {
  return send_for_map(l, call, Action::clear_map);
}

llvm::Value* lower_zero(Lowering& l, ast::Call& call, const Into*) {
  return send_for_map(l, call, Action::zero_map);
}

}  // namespace sonde::codegen
