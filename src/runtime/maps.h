// SPDX-License-Identifier: Apache-2.0
// The script's maps as user space sees them: read completely, cleared, set to zero.
#pragma once

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
  Status clear(const image::MapDesc& map) const;
  // Keeps the keys.
  Status zero(const image::MapDesc& map) const;

 private:
  const image::Image& image_;
  const Object& object_;
};

}  // namespace sonde::runtime
