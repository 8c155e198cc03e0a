// SPDX-License-Identifier: Apache-2.0
#include "runtime/verifier_log.h"

#include <bpf/libbpf.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>

namespace sonde::runtime {

namespace {

constexpr std::size_t step = 8;
// The reason stands at the end, and old kernels (6.1 was seen to) keep the start of a log that is
// too long. The largest size that all kernels take is a little less than 16 MiB.
constexpr std::size_t smallest_log = 15 << 20;

}  // namespace

VerifierLog::VerifierLog(bpf_object* object, std::size_t wanted_bytes)
    : log_bytes_(std::max(wanted_bytes, smallest_log)) {
  for (bpf_program* program = nullptr;
       (program = bpf_object__next_program(object, program)) != nullptr;)
    programs_.push_back(program);
  void* memory = ::mmap(nullptr, size(), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return;  // then a failure has no log
  memory_ = static_cast<char*>(memory);
  for (std::size_t i = 0; i < programs_.size(); ++i) {
    // Level 0: libbpf asks for a log only when it repeats a load that failed.
    bpf_program__set_log_level(programs_[i], 0);
    bpf_program__set_log_buf(programs_[i], memory_ + i * step, log_bytes_);
  }
}

VerifierLog::~VerifierLog() {
  if (memory_ != nullptr) ::munmap(memory_, size());
}

std::size_t VerifierLog::size() const { return log_bytes_ + programs_.size() * step; }

std::optional<VerifierLog::Text> VerifierLog::find() const {
  for (std::size_t i = 0; memory_ != nullptr && i < programs_.size(); ++i) {
    const char* text = memory_ + i * step;
    if (*text != 0)
      return Text{bpf_program__name(programs_[i]), {text, ::strnlen(text, log_bytes_)}};
  }
  return std::nullopt;
}

}  // namespace sonde::runtime
