// SPDX-License-Identifier: Apache-2.0
// Checks for our own bugs. Active in every build: a tracer that goes on after a broken
// invariant prints wrong numbers, which is worse than ending.
#pragma once

namespace sonde {

[[noreturn]] void assertion_failed(const char* file, int line, const char* what);

}  // namespace sonde

// `SONDE_ASSERT(map.key != nullptr, "keyed maps have a key type after check_types");`
#define SONDE_ASSERT(condition, sentence)                      \
  do {                                                         \
    if (!(condition)) [[unlikely]]                             \
      ::sonde::assertion_failed(__FILE__, __LINE__, sentence); \
  } while (false)
#define SONDE_UNREACHABLE(sentence) ::sonde::assertion_failed(__FILE__, __LINE__, sentence)
