// SPDX-License-Identifier: Apache-2.0
// Maps that are emptied by putting another one in their place: a map of maps holds the one that
// programs use (image::MapDesc::swap_name).
#pragma once

#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "image/image.h"

struct bpf_object;

namespace sonde::runtime {

// The kernel makes a map of maps by the example of a map that it may hold.
class SwapExamples {
 public:
  // Gives the maps of maps of an object that is not loaded yet theirs, which must live until it
  // is. What cannot be made the load will tell of.
  SwapExamples(bpf_object* object, const image::Image& image);

 private:
  std::vector<UniqueFd> examples_;
};

// An empty map that may take the place of that one.
Result<UniqueFd> make_map_like(int map_fd);

// Puts a map in the place of the one that programs use, which none does any more when this returns:
// the kernel waits for those that run (kernel/bpf/syscall.c, maybe_wait_bpf_programs; Linux 5.0).
Status put_in_place(int swap_fd, int map_fd);

}  // namespace sonde::runtime
