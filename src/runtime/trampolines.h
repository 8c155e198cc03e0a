// SPDX-License-Identifier: Apache-2.0
// Programs of fentry and fexit name the function that they are for when they are loaded, and those
// of typed raw tracepoints their tracepoint. libbpf would look for it in the whole BTF of the
// kernel, which it parses for that (10 ms, 11 MB).
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

// While this lives, libbpf loads these programs of the image as it is told here. One at a
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
    std::uint32_t type = 0;  // of the function or tracepoint, in BTF
    int module = 0;          // its BTF; 0: the kernel's own
    image::AttachKind attach{};
  };
  using Probes = std::vector<const image::ProbeDesc*>;
  bool find_functions(const std::string& module, const Probes& probes, Reporter& reporter);
  bool find_tracepoints(const Probes& probes, Reporter& reporter);
  // Number 0: it is not there, which is reported.
  bool add(const image::ProbeDesc& probe, std::uint32_t type, int module, Reporter& reporter);
  static int prepare(bpf_program* program, bpf_prog_load_opts* options, long self);

  std::map<std::string, Target, std::less<>> targets_;  // by program
  std::vector<UniqueFd> modules_;
  int handlers_[3] = {-1, -1, -1};
};

}  // namespace sonde::runtime
