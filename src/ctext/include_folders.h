// SPDX-License-Identifier: Apache-2.0
// Where headers are looked for.
#pragma once

#include <string>
#include <vector>

#include "ctext/ctext.h"

namespace sonde::ctext {

// The options for libclang. `clang_version` tells which compiler's own headers fit; 0: any.
struct FrontEndOptions {
  std::vector<std::string> arguments;
  bool has_own_headers = false;     // stddef.h and the like were found
  bool has_kernel_headers = false;  // those of the kernel itself, not what it has for programs
};
FrontEndOptions front_end_options(const Options& options, int clang_version, bool have_btf);

}  // namespace sonde::ctext
