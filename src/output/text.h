// SPDX-License-Identifier: Apache-2.0
// Values and maps as text. Formats: the language's reference, "output".
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "image/image.h"

namespace sonde::output {

// Turns what only the running system knows into text. Implemented by the runtime.
class Resolver {
 public:
  virtual ~Resolver() = default;
  // The frames of a kstack or ustack value, outermost last, each on a line of its own with its
  // newline. Nothing for a lost or empty stack.
  virtual void append_stack(std::string& out, const image::ValueType& type,
                            std::uint64_t value) = 0;
  virtual void append_kernel_symbol(std::string& out, std::uint64_t address) = 0;
  virtual void append_user_symbol(std::string& out, std::uint64_t address, std::uint32_t tgid) = 0;
  // Nothing for a user that has no name.
  virtual void append_user_name(std::string& out, std::uint64_t uid) = 0;
  // A time as strftime() of C writes it, with `%f`, `%l` and `%k` for parts of the second.
  virtual void append_time(std::string& out, std::uint64_t ns, image::Clock clock,
                           const std::string& format) = 0;
  virtual void append_cgroup_path(std::string& out, std::uint64_t id,
                                  const std::string& filter) = 0;
};

struct TextContext {
  const image::Image& image;
  Resolver& resolver;
};

// How the bytes of a buffer are written.
enum class Bytes : std::uint8_t {
  readable,  // text where it is ASCII, the others as \xHH
  escaped,   // all as \xHH
  hex,       // "61 62"
};
void append_buffer(std::string& out, const image::ValueType& type, const std::byte* data,
                   Bytes bytes);

// A value of a record or a key, as print() shows it; no newline.
void append_value(std::string& out, const TextContext& context, image::TypeIndex type,
                  const std::byte* data);

// printf: `record` starts with its header.
void append_formatted(std::string& out, const TextContext& context, const image::EventDesc& event,
                      const std::byte* record);

// An entry of a map, read completely: the parts of all CPUs are already combined (combine.h).
// `value` holds what one CPU's part would (layout.h); of a long series, the points that there are.
struct MapEntry {
  std::vector<std::byte> key;  // empty: scalar
  std::vector<std::byte> value;
};

// How much of a map is printed: print(@m, top, divisor).
struct MapCut {
  std::uint64_t top = 0;  // 0: all
  std::uint64_t divisor = 1;
  // print(@m) shows the zero value of a scalar map without an entry, the dump at the end nothing.
  bool show_empty_scalar = false;
};

// print(@m) and the dump at the end. Sorts `entries`.
void append_map(std::string& out, const TextContext& context, const image::MapDesc& map,
                std::vector<MapEntry>& entries, const MapCut& cut);

// Combines the parts of all CPUs (`parts`: cpu_count times stored_size rounded up to 8).
std::vector<std::byte> combine(const image::ValueType& type, std::span<const std::byte> parts,
                               unsigned cpu_count);

}  // namespace sonde::output
