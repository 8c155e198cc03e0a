// SPDX-License-Identifier: Apache-2.0
// The image's programs and maps in the kernel.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "image/image.h"
#include "runtime/btf_targets.h"

struct bpf_object;
struct bpf_program;

namespace sonde::runtime {

class Reporter;
class Unwinding;

class Object {
 public:
  // Nothing when the kernel or libbpf does not take it; the reason has been reported.
  static std::optional<Object> load(std::string_view elf, const image::Image& image,
                                    const Unwinding& unwinding, Reporter& reporter);

  // Null when there is none of this name (the full one, as in the object).
  bpf_program* program(const std::string& name) const;
  // Why it was not loaded, while the others were; null: it was.
  const Error* refusal(std::string_view program) const {
    const auto found = refusals_.find(program);
    return found == refusals_.end() ? nullptr : &found->second;
  }
  // -1 when there is none.
  int map_fd(std::string_view name) const;
  // Of a map that is there.
  struct MapSizes {
    std::uint32_t max_entries = 0;
    std::uint32_t key_bytes = 0;
    std::uint32_t value_bytes = 0;  // of one CPU's part
  };
  MapSizes map_sizes(std::string_view name) const;

 private:
  struct Close {
    void operator()(bpf_object* object) const;
  };
  using Handle = std::unique_ptr<bpf_object, Close>;
  Object(Handle handle, Refusals refusals)
      : handle_(std::move(handle)), refusals_(std::move(refusals)) {}
  static Handle open(std::string_view elf, Reporter& reporter);

  Handle handle_;
  Refusals refusals_;
};

}  // namespace sonde::runtime
