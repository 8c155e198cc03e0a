// SPDX-License-Identifier: Apache-2.0
// Room for the verifier's log of whichever program is refused.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

struct bpf_object;
struct bpf_program;

namespace sonde::runtime {

// The programs' buffers overlap, each one step behind the one before: only the first program that
// is refused has its log written, so where the text begins tells which one it was. Memory is only
// used for what is written.
class VerifierLog {
 public:
  // Before the load. The log is kept up to `wanted_bytes`, or more.
  VerifierLog(bpf_object* object, std::size_t wanted_bytes);
  VerifierLog(const VerifierLog&) = delete;
  VerifierLog& operator=(const VerifierLog&) = delete;
  ~VerifierLog();

  struct Text {
    std::string_view program;
    std::string_view text;
  };
  // After a load that failed; nothing when it was not the verifier who refused.
  std::optional<Text> find() const;

 private:
  std::size_t size() const;

  std::size_t log_bytes_;
  std::vector<bpf_program*> programs_;
  char* memory_ = nullptr;
};

}  // namespace sonde::runtime
