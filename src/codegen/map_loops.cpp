// SPDX-License-Identifier: Apache-2.0
// `for ($kv : @m)`: the body is a function that bpf_for_each_map_elem (Linux 5.13) calls for each
// entry, with the map, the key, the value and what it shares with the rest of the probe.
#include "codegen/lowering.h"
#include "codegen/percpu.h"

namespace sonde::codegen {

using namespace ast;
using sema::Type;

namespace {

// `$kv` is a copy: entries may be changed or removed meanwhile.
void copy_entry(Lowering& l, const sema::Map& map, llvm::Value* kernel_map, llvm::Value* key,
                llvm::Value* value, const Memory& to, const Type& type, diag::Span span) {
  const auto layout = sema::tuple_layout(type.elements);
  l.zero(to, 0, type.size_bytes);
  l.convert({key, 8}, *map.key, l.at(to, layout.offsets[0]), *type.elements[0], Fill::zero);
  const Memory place = l.at(to, layout.offsets[1]);
  const Type& read = *type.elements[1];
  if (map.value->is_aggregation())
    l.store_word(read_aggregation(l, map, key, span, kernel_map), place, read);  // of all CPUs
  else if (read.in_memory())
    l.convert({value, 8}, *map.value, place, read, Fill::zero);
  else  // words take eight bytes
    l.store_word(l.ir.CreateLoad(l.i64(), value), place, read);
}

}  // namespace

void Lowering::lower_map_loop(ForMap& loop) {
  const sema::Map& map = *loop.map->map;
  const sema::Variable& entry = *loop.variable->variable;
  const auto turn = [&](llvm::ArrayRef<llvm::Value*> arguments) {
    // The map that is walked, which may not be the one that programs use by now.
    llvm::Value* walked = m.swap_of(map) ? arguments[0] : nullptr;
    copy_entry(*this, map, walked, arguments[1], arguments[2], storage_of(entry), *entry.type,
               loop.map->span);
    lower_block(*loop.body);
  };
  const auto call_helper = [&](llvm::Value* callback, llvm::Value* context) {
    with_map(map, [&](llvm::Value* kernel_map) {
      return call(Helper::for_each_map_elem, {kernel_map, callback, context, word(0)});
    });
  };
  by_turns("entry", {pointer_type(), pointer_type(), pointer_type()}, loop.span, turn, call_helper);
}

}  // namespace sonde::codegen
