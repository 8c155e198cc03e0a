// SPDX-License-Identifier: Apache-2.0
// The script's maps as user space sees them: read completely, taken, cleared, set to zero. What a
// program adds meanwhile is in what is taken or stays in the map; nothing is lost while the
// programs go on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "image/image.h"
#include "output/text.h"

namespace sonde::runtime {

class Object;

class Maps {
 public:
  // Both outlive this.
  Maps(const image::Image& image, const Object& object) : image_(image), object_(object) {}

  // All entries, with the parts of all CPUs combined, in the kernel's order. None for a scalar
  // that was never assigned or was deleted.
  Result<std::vector<output::MapEntry>> read(const image::MapDesc& map) const;
  // `are_ending`: a map with a swap_name is read and emptied at once, where it is; what a program
  // adds at that very moment may be lost.
  enum class Programs : std::uint8_t { go_on, are_ending };
  // Reads and clears, or sets to zero and keeps the keys, in one step:
  // - a map with a swap_name gets another one in its place, and is read when no program uses it any
  //   more, which takes 8 to 20 ms, or nothing once the programs have ended;
  // - others are sums without key: they go on counting, and what was taken is subtracted when they
  //   are read again.
  Result<std::vector<output::MapEntry>> take(const image::MapDesc& map, image::Taking what,
                                             Programs programs);
  // Whether it has waited for programs since this was asked last.
  bool has_waited() { return std::exchange(has_waited_, false); }
  // Everything is detached.
  void programs_have_ended() { programs_have_ended_ = true; }

 private:
  using Bytes = std::vector<std::byte>;
  // What the parts of a scalar were when they were taken, and how.
  struct Taken {
    Bytes parts;
    image::Taking what{};
  };

  // The map of the object and another one, which take turns.
  struct Pair {
    UniqueFd second;
    bool is_second_used = false;
  };

  int fd_of(const image::MapDesc& map) const;  // of what programs use
  Result<std::vector<output::MapEntry>> read_scalar(int fd, const image::MapDesc& map,
                                                    Bytes& parts) const;
  Result<std::vector<output::MapEntry>> take_scalar(const image::MapDesc& map, image::Taking what,
                                                    bool in_place);
  Result<std::vector<output::MapEntry>> take_entries(const image::MapDesc& map, image::Taking what,
                                                     bool in_place);
  Result<int> unused(const image::MapDesc& map);
  Result<int> swap(const image::MapDesc& map);

  const image::Image& image_;
  const Object& object_;
  std::unordered_map<const image::MapDesc*, Taken> taken_;
  std::unordered_map<const image::MapDesc*, Pair> pairs_;
  bool programs_have_ended_ = false;
  bool has_waited_ = false;
};

}  // namespace sonde::runtime
