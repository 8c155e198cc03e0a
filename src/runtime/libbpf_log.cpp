// SPDX-License-Identifier: Apache-2.0
#include "runtime/libbpf_log.h"

#include <bpf/libbpf.h>

#include <array>
#include <cstdarg>
#include <cstdio>

namespace sonde::runtime {

namespace {

// The only mutable global of the runtime: libbpf_set_print takes a function without a context.
LibbpfLog* current = nullptr;

__attribute__((format(printf, 2, 0))) int keep(libbpf_print_level level, const char* format,
                                               std::va_list arguments) {
  if (level != LIBBPF_WARN || current == nullptr) return 0;
  std::array<char, 1024> line;  // longer ones are the verifier's log, which we have ourselves
  std::vsnprintf(line.data(), line.size(), format, arguments);
  current->append(line.data());
  return 0;
}

}  // namespace

LibbpfLog::LibbpfLog() {
  current = this;
  libbpf_set_print(keep);
}

LibbpfLog::~LibbpfLog() { current = nullptr; }

bool LibbpfLog::btf_was_refused() const {
  return text_.find("BTF is optional, ignoring") != std::string::npos;
}

}  // namespace sonde::runtime
