// SPDX-License-Identifier: Apache-2.0
// What libbpf would print, kept instead.
#pragma once

#include <string>

namespace sonde::runtime {

// Collects libbpf's warnings while it lives; after it libbpf says nothing. One at a time: libbpf's
// callback has no context.
class LibbpfLog {
 public:
  LibbpfLog();
  LibbpfLog(const LibbpfLog&) = delete;
  LibbpfLog& operator=(const LibbpfLog&) = delete;
  ~LibbpfLog();

  // All warnings, each with its newline.
  const std::string& text() const { return text_; }
  // Without BTF there are no lines in the verifier's log and no callbacks; libbpf only warns.
  bool btf_was_refused() const;
  void append(const char* text) { text_ += text; }

 private:
  std::string text_;
};

}  // namespace sonde::runtime
