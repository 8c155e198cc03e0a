// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"

#include <algorithm>
#include <ranges>

namespace sonde {

Arena::~Arena() {
  for (Destructor& d : std::views::reverse(destructors_)) d.run(d.object);
}

void* Arena::allocate(std::size_t size, std::size_t alignment) {
  void* place = next_;
  if (!next_ || !std::align(alignment, size, place, left_)) {
    const std::size_t bytes = std::max(chunk_bytes, size + alignment);
    chunks_.push_back(std::make_unique<std::byte[]>(bytes));
    place = chunks_.back().get();
    left_ = bytes;
    std::align(alignment, size, place, left_);
  }
  next_ = static_cast<std::byte*>(place) + size;
  left_ -= size;
  return place;
}

}  // namespace sonde
