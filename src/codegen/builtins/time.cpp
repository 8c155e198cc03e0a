// SPDX-License-Identifier: Apache-2.0
// nsecs, elapsed, jiffies, strftime, time, rand.
#include <cstddef>

#include "codegen/builtins/builtins.h"
#include "codegen/clocks.h"

namespace sonde::codegen {

llvm::Value* tai_time(Lowering& l) {
  llvm::Value* distance = l.ir.CreateLoad(
      l.i64(), l.offset(l.m.run_constants(), offsetof(image::RunConstants, tai_offset_ns)), true);
  return l.ir.CreateAdd(l.call(Helper::ktime_get_boot_ns, {}), distance);
}

llvm::Value* lower_nsecs(Lowering& l, ast::Call& call, const Into*) {
  if (call.args.empty()) return l.call(Helper::ktime_get_boot_ns, {});
  const std::string& clock = ast::as<ast::Identifier>(call.args[0])->name;
  if (clock == "monotonic") return l.call(Helper::ktime_get_ns, {});
  if (clock == "tai" && l.m.script.target.has(target::Feature::tai_clock))
    return l.call(Helper::ktime_get_tai_ns, {});
  return tai_time(l);
}

// The format is a text of the image; the reader writes the time.
llvm::Value* lower_strftime(Lowering& l, ast::Call& call, const Into* into) {
  const sema::Type& number = *l.m.script.types.integer(4, false);
  const std::string& format = ast::as<ast::StringLiteral>(call.args[0])->value;
  l.store_word(l.value(call.args[1]), into->memory, *l.m.script.types.uint64());
  l.store_word(l.word(l.m.text_index(format)), l.at(into->memory, 8), number);
  const auto clock = static_cast<std::uint64_t>(call.args[1]->type->clock);
  l.store_word(l.word(clock), l.at(into->memory, 12), number);
  return nullptr;
}

llvm::Value* lower_elapsed(Lowering& l, ast::Call&, const Into*) {
  llvm::Value* start = l.ir.CreateLoad(
      l.i64(), l.offset(l.m.run_constants(), offsetof(image::RunConstants, start_boot_ns)), true);
  return l.ir.CreateSub(l.call(Helper::ktime_get_boot_ns, {}), start);
}

// Since Linux 5.5 (commit 5576b991e9c1, "bpf: Add BPF_FUNC_jiffies64").
llvm::Value* lower_jiffies(Lowering& l, ast::Call&, const Into*) {
  return l.call(Helper::jiffies64, {});
}

// The reader writes the time at which it comes to the record.
llvm::Value* lower_time(Lowering& l, ast::Call& call, const Into*) {
  image::FormatPiece text;
  text.literal =
      call.args.empty() ? "%H:%M:%S\n" : ast::as<ast::StringLiteral>(call.args[0])->value;
  image::EventDesc event{.action = image::Action::print_time};
  event.format.push_back(std::move(text));
  l.send(std::move(event), {}, call.span, Lowering::Wake::batched);
  return nullptr;
}

llvm::Value* lower_rand(Lowering& l, ast::Call&, const Into*) {
  return l.ir.CreateAnd(l.call(Helper::get_prandom_u32, {}), l.word(UINT32_MAX));
}

}  // namespace sonde::codegen
