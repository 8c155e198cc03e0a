// SPDX-License-Identifier: Apache-2.0
#include "runtime/resolver.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "image/layout.h"
#include "image/unwinding.h"
#include "runtime/object.h"
#include "runtime/time_text.h"

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

void append_named(std::string& out, const std::optional<symbols::Symbol>& symbol,
                  std::uint64_t address) {
  append_name(out, symbol, address);
  if (!symbol) return;
  out += '+';
  append_number(out, symbol->offset, 10);
}

// A frame of a stack with build ids.
struct BuildIdFrame {
  image::BuildIdHead head;
  std::uint64_t offset;  // or the address
};
static_assert(sizeof(BuildIdFrame) == 32);

// Where unwinding came to an end too soon.
constexpr std::string_view failure_text = "<unwind failure>\n";

}  // namespace

// Frames, then zeros.
bool Resolver::read_stack(const image::ValueType& type, std::uint32_t id) {
  const bool build_ids = type.stack_mode == image::StackMode::build_id;
  const auto map = std::ranges::find_if(image_.stack_maps, [&](const image::StackMap& each) {
    return each.limit == type.stack_limit && each.build_ids == build_ids;
  });
  if (map == image_.stack_maps.end()) return false;
  const bool has_number = id >= image::first_stack_number;
  const std::string& name = has_number ? map->more_name : map->elf_name;
  const std::size_t slots = object_.map_sizes(name).value_bytes / sizeof(std::uint64_t);
  frames_.assign(slots, 0);
  const std::uint64_t key = id;  // of the other map the lower half is taken
  return bpf_map_lookup_elem(object_.map_fd(name), &key, frames_.data()) == 0;
}

void Resolver::append_build_ids(std::string& out) const {
  constexpr char digits[] = "0123456789abcdef";
  constexpr std::size_t words = sizeof(BuildIdFrame) / sizeof(std::uint64_t);
  for (std::size_t at = 0; at + words <= frames_.size(); at += words) {
    BuildIdFrame frame{};
    std::memcpy(static_cast<void*>(&frame), &frames_[at], sizeof frame);
    using image::BuildIdHead;
    const std::int32_t status = frame.head.status;
    if (status == BuildIdHead::failure) out += failure_text;
    if (status != BuildIdHead::valid && status != BuildIdHead::address_only) return;
    if (status == BuildIdHead::valid) {
      for (const unsigned char byte : frame.head.build_id)
        out.append({digits[byte >> 4], digits[byte & 15]});
      out += frame.offset < 16 ? " 0x0" : " 0x";
    }
    append_number(out, frame.offset, 16);
    out += '\n';
  }
}

namespace {

void append_line(std::string& out, const symbols::SourcePlace& place) {
  if (place.file.empty()) return;
  out += '@';
  out += place.file;
  out += ':';
  append_number(out, place.line, 10);
}

// Functions that were inlined have a line each, but no address of their own.
void append_inlined(std::string& out, bool perf, std::uint64_t address,
                    const symbols::SourcePlace& place) {
  if (perf) {
    out += '\t';
    append_number(out, address, 16);
    out += ' ' + place.function + " (inlined)\n";
    return;
  }
  out += "        [inlined] " + place.function;
  append_line(out, place);
  out += '\n';
}

}  // namespace

void Resolver::append_frame(std::string& out, const image::ValueType& type, std::uint64_t address,
                            const std::optional<symbols::Symbol>& symbol) const {
  const bool perf = type.stack_mode == image::StackMode::perf;
  if (symbol)
    for (const symbols::SourcePlace& place : symbol->places)
      if (!place.function.empty()) append_inlined(out, perf, address, place);
  if (perf) {
    out += '\t';
    append_number(out, address, 16);
    out += ' ';
  } else {
    out += "        ";
  }
  append_named(out, symbol, address);
  if (!perf && symbol && !symbol->places.empty()) append_line(out, symbol->places.back());
  if (perf && type.kind == image::ValueKind::ustack) {
    out += " (";
    out += symbol ? symbol->module : "[unknown]";
    out += ')';
  }
  out += '\n';
}

void Resolver::append_stack(std::string& out, const image::ValueType& type, std::uint64_t value) {
  using symbols::AddressKind;
  const auto id = static_cast<std::uint32_t>(value);
  const auto tgid = static_cast<std::uint32_t>(value >> 32);
  if (id == image::lost_stack || !read_stack(type, id)) return;
  if (type.stack_mode == image::StackMode::build_id) return append_build_ids(out);
  const bool user = type.kind == image::ValueKind::ustack;
  if (user) watch_.read();
  for (std::size_t i = 0; i < frames_.size() && frames_[i] != 0; ++i) {
    const std::uint64_t address = frames_[i];
    if (user && address == image::unwind_failure) {
      out += type.stack_mode == image::StackMode::bpftrace ? "        "
             : type.stack_mode == image::StackMode::perf   ? "\t"
                                                           : "";
      out += failure_text;
      return;
    }
    if (type.stack_mode == image::StackMode::raw) {
      append_number(out, address, 16);
      out += '\n';
    } else if (user) {
      const auto kind = i == 0 ? AddressKind::place : AddressKind::return_address;
      append_frame(out, type, address, user_.find(tgid, address, kind));
    } else {
      append_frame(out, type, address, kernel_.find(address));
    }
  }
}

void Resolver::append_kernel_symbol(std::string& out, std::uint64_t address) {
  if (address == 0)
    out += '0';
  else
    append_name(out, kernel_.find(address), address);
}

void Resolver::append_user_symbol(std::string& out, std::uint64_t address, std::uint32_t tgid) {
  watch_.read();
  append_name(out, user_.find(tgid, address), address);
}

void Resolver::append_user_name(std::string& out, std::uint64_t uid) {
  out += user_names_.find(uid);
}

void Resolver::append_time(std::string& out, std::uint64_t ns, image::Clock clock,
                           const std::string& format) {
  runtime::append_time(out, ns, clock, format);
}

void Resolver::append_cgroup_path(std::string& out, std::uint64_t id, const std::string& filter) {
  out += cgroups_.paths(id, filter);
}

}  // namespace sonde::runtime
