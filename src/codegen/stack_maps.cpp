// SPDX-License-Identifier: Apache-2.0
// The maps that stacks are kept in, and those by which they are unwound.
#include <algorithm>

#include "codegen/module_builder.h"
#include "image/scratch_frame.h"
#include "image/unwinding.h"

namespace sonde::codegen {

namespace {

// Stack maps are allocated by the kernel at their full size: 1 KiB an entry with 127 frames. What
// finds its place taken goes to hashes, which grow.
constexpr std::uint32_t stack_entries = 4096;
constexpr std::uint32_t more_stack_entries = 1U << 15;

}  // namespace

const ModuleBuilder::StackMaps& ModuleBuilder::stacks(std::uint32_t limit, bool build_ids,
                                                      ByHash by_hash) {
  // UAPI: include/uapi/linux/bpf.h, struct bpf_stack_build_id
  constexpr std::uint32_t build_id_bytes = 32, address_bytes = 8, number_bytes = 8;
  StackMaps& maps = stacks_[{limit, build_ids}];
  const std::uint32_t frame_bytes = build_ids ? build_id_bytes : address_bytes;
  // As many as fit a scratch frame, of which build ids are the only ones to be too many, beside
  // what is needed to unwind them.
  constexpr std::uint32_t most_bytes = image::most_value_bytes - 256;
  maps.bytes = std::min(limit, most_bytes / frame_bytes) * frame_bytes;
  const std::string suffix = (build_ids ? "_ids" : "") + std::to_string(limit);
  const std::string name = "sonde_stack" + suffix, more = "sonde_more" + suffix;
  if (by_hash == ByHash::used && !maps.by_hash)
    maps.by_hash = add_map({.elf_name = name,
                            .type = BpfMapType::stack_trace,
                            .key_bytes = 4,
                            .value_bytes = maps.bytes,
                            .max_entries = stack_entries,
                            .flags = build_ids ? map_stack_build_id : 0})
                       .variable;
  if (maps.numbers) return maps;
  maps.numbers = add_map({.elf_name = "sonde_number" + suffix,
                          .type = BpfMapType::hash,
                          .key_bytes = maps.bytes,
                          .value_bytes = number_bytes,
                          .max_entries = more_stack_entries,
                          .flags = map_no_prealloc})
                     .variable;
  maps.by_number = add_map({.elf_name = more,
                            .type = BpfMapType::hash,
                            .key_bytes = number_bytes,
                            .value_bytes = maps.bytes,
                            .max_entries = more_stack_entries,
                            .flags = map_no_prealloc})
                       .variable;
  image.stack_maps.push_back({name, more, limit, build_ids});
  return maps;
}

const ModuleBuilder::UnwindMaps& ModuleBuilder::unwinding() {
  if (unwinding_.processes) return unwinding_;
  image.unwinds = true;
  const auto add = [&](std::string_view name, BpfMapType type, std::size_t value_bytes) {
    return add_map({.elf_name = std::string(name),
                    .type = type,
                    .key_bytes = 4,
                    .value_bytes = static_cast<std::uint32_t>(value_bytes),
                    .max_entries = 2})
        .variable;
  };
  using namespace image;
  unwinding_.processes = add(unwound_map, BpfMapType::hash, sizeof(UnwoundProcess));
  unwinding_.ranges = add(unwind_ranges_map, BpfMapType::array, sizeof(UnwindRanges));
  unwinding_.rows = add(unwind_rows_map, BpfMapType::array, sizeof(UnwindChunk));
  return unwinding_;
}

llvm::GlobalVariable* ModuleBuilder::stack_count() {
  if (!stack_count_)
    stack_count_ =
        add_variable("sonde_stack_count", ".bss.stacks",
                     llvm::ConstantInt::get(llvm::Type::getInt64Ty(context), 0), u64_, false);
  return stack_count_;
}

}  // namespace sonde::codegen
