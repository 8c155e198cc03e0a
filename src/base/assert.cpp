// SPDX-License-Identifier: Apache-2.0
#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace sonde {

void assertion_failed(const char* file, int line, const char* what) {
  std::fprintf(stderr,
               "sonde: internal error at %s:%d: %s\n"
               "This is a bug in sonde. Please report it with the script that caused it.\n",
               file, line, what);
  std::abort();
}

}  // namespace sonde
