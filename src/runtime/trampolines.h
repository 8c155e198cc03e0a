// SPDX-License-Identifier: Apache-2.0
// Programs of fentry and fexit name the function that they are for when they are loaded. libbpf
// would look for it in the whole BTF of the kernel, which it parses for that (10 ms, 11 MB).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "image/image.h"

struct bpf_prog_load_opts;
struct bpf_program;

namespace sonde::runtime {

class Reporter;

// While this lives, libbpf loads the trampoline programs of the image as it is told here. One at a
// time: what libbpf is told holds for the process.
class Trampolines {
 public:
  Trampolines() = default;
  ~Trampolines();
  Trampolines(const Trampolines&) = delete;
  Trampolines& operator=(const Trampolines&) = delete;

  // Before the object is opened. False when a function is not there, which has been reported.
  bool find(const image::Image& image, Reporter& reporter);

 private:
  struct Target {
    std::uint32_t type = 0;  // of the function, in BTF
    int module = 0;          // its BTF; 0: the kernel's own
    bool at_return = false;
  };
  bool find_in(const std::string& module, const std::vector<const image::ProbeDesc*>& probes,
               Reporter& reporter);
  static int prepare(bpf_program* program, bpf_prog_load_opts* options, long self);

  std::map<std::string, Target, std::less<>> targets_;  // by program
  std::vector<UniqueFd> modules_;
  int handlers_[2] = {-1, -1};
};

}  // namespace sonde::runtime
