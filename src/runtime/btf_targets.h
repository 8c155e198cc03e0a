// SPDX-License-Identifier: Apache-2.0
// Programs of fentry, fexit and iterators name the function that they are for when they are loaded:
// of the kernel, of a module, or of another BPF program; those of typed raw tracepoints their
// tracepoint. libbpf would look for it in the whole BTF of the kernel, which it parses for that
// (10 ms, 11 MB).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "image/image.h"

struct bpf_prog_load_opts;
struct bpf_program;

namespace sonde::runtime {

// Why programs of the image cannot be loaded, by their names.
using Refusals = std::map<std::string, Error, std::less<>>;

// While this lives, libbpf loads such programs of the image as it is told here. One at a time: what
// libbpf is told holds for the process.
class BtfTargets {
 public:
  // Before the object is opened. `missing`: programs whose function is not there.
  BtfTargets(const image::Image& image, Refusals& missing);
  ~BtfTargets();
  BtfTargets(const BtfTargets&) = delete;
  BtfTargets& operator=(const BtfTargets&) = delete;

 private:
  struct Target {
    std::uint32_t type = 0;         // of the function or tracepoint, in BTF
    int module = 0;                 // its BTF; 0: the kernel's own
    int program = 0;                // the BPF program that it is in; 0: none
    std::uint32_t attach_type = 0;  // bpf_attach_type
  };
  using Probes = std::vector<const image::ProbeDesc*>;
  void find(const image::Image& image, Refusals& missing);
  void find_in(const std::string& module, const Probes& probes, Refusals& missing);
  void find_tracepoints(const Probes& probes, Refusals& missing);
  void find_in_program(const image::ProbeDesc& probe, Refusals& missing);
  static int prepare(bpf_program* program, bpf_prog_load_opts* options, long self);

  std::map<std::string, Target, std::less<>> targets_;  // by program
  std::vector<UniqueFd> fds_;
  int handlers_[4] = {-1, -1, -1, -1};
};

}  // namespace sonde::runtime
