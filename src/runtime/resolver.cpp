// SPDX-License-Identifier: Apache-2.0
#include "runtime/resolver.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <charconv>

#include "image/layout.h"
#include "runtime/object.h"

namespace sonde::runtime {

namespace {

void append_number(std::string& out, std::uint64_t value, int base) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, base).ptr;
  out.append(digits, end);
}

void append_name(std::string& out, const std::optional<symbols::Symbol>& symbol,
                 std::uint64_t address) {
  if (symbol) {
    out += symbol->name;
  } else {
    out += "0x";
    append_number(out, address, 16);
  }
}

void append_frame(std::string& out, const std::optional<symbols::Symbol>& symbol,
                  std::uint64_t address) {
  out += "        ";
  append_name(out, symbol, address);
  if (symbol) {
    out += '+';
    append_number(out, symbol->offset, 10);
  }
  out += '\n';
}

}  // namespace

// A value of BPF_MAP_TYPE_STACK_TRACE: addresses, then zeros.
std::size_t Resolver::read_frames(std::uint32_t limit, std::uint32_t id) {
  const auto map = std::ranges::find(image_.stack_maps, limit, &image::StackMap::limit);
  if (map == image_.stack_maps.end()) return 0;
  const std::size_t slots = object_.map_sizes(map->elf_name).value_bytes / sizeof(std::uint64_t);
  frames_.assign(slots, 0);
  if (bpf_map_lookup_elem(object_.map_fd(map->elf_name), &id, frames_.data()) != 0) return 0;
  const auto end = std::ranges::find(frames_, std::uint64_t{0});
  return static_cast<std::size_t>(end - frames_.begin());
}

void Resolver::append_stack(std::string& out, const image::ValueType& type, std::uint64_t value) {
  const auto id = static_cast<std::uint32_t>(value);
  const auto tgid = static_cast<std::uint32_t>(value >> 32);
  if (id == image::lost_stack) return;
  const std::size_t count = read_frames(type.stack_limit, id);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t address = frames_[i];
    if (type.kind == image::ValueKind::kstack)
      append_frame(out, kernel_.find(address), address);
    else
      append_frame(out, user_.find(tgid, address), address);
  }
}

void Resolver::append_kernel_symbol(std::string& out, std::uint64_t address) {
  append_name(out, kernel_.find(address), address);
}

void Resolver::append_user_symbol(std::string& out, std::uint64_t address, std::uint32_t tgid) {
  append_name(out, user_.find(tgid, address), address);
}

}  // namespace sonde::runtime
