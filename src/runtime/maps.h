// SPDX-License-Identifier: Apache-2.0
// The script's maps as user space sees them: read completely, taken, cleared, set to zero.
#pragma once

#include <cstddef>
#include <unordered_map>
#include <vector>

#include "base/result.h"
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
  // Reads and clears (or zeroes) in one step. What happens to what is being counted is the same
  // for clear() and zero():
  // - a sum without key (count, sum, avg, stats, hist, lhist) that no program reads goes on
  //   counting, and what was taken is subtracted when it is read again: nothing is lost;
  // - entries of a hash are removed as they are read; lost is what a program was adding to an entry
  //   at that very moment;
  // - everything else is read, then written.
  Result<std::vector<output::MapEntry>> take(const image::MapDesc& map, image::Taking what);
  Status clear(const image::MapDesc& map);
  // Keeps the keys.
  Status zero(const image::MapDesc& map);

 private:
  using Bytes = std::vector<std::byte>;
  // What the parts of a scalar were when they were taken, and how.
  struct Taken {
    Bytes parts;
    image::Taking what{};
  };

  Result<std::vector<output::MapEntry>> read_scalar(const image::MapDesc& map, Bytes& parts) const;

  const image::Image& image_;
  const Object& object_;
  std::unordered_map<const image::MapDesc*, Taken> taken_;
};

}  // namespace sonde::runtime
