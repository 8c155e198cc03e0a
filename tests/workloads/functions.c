// SPDX-License-Identifier: Apache-2.0
// functions [N]: calls outer_function N times, as thread `sonde_functions`. It calls
// middle_function, which calls target_function(i, "call i") with i from 1; each passes on what
// target_function returns, 10 * i. For user-space probes, arguments, return values and stacks.
#include "workload.h"

#define PROBED __attribute__((noinline, noclone, used, visibility("default")))

// The empty assembly after each call keeps it from becoming a jump, which leaves no frame.
#define KEEP_FRAME __asm__ volatile("")

PROBED int target_function(int a, const char* s) {
  __asm__ volatile("" : : "r"(s) : "memory");
  return a * 10;
}

PROBED int middle_function(int a, const char* s) {
  const int result = target_function(a, s);
  KEEP_FRAME;
  return result;
}

PROBED int outer_function(int a, const char* s) {
  const int result = middle_function(a, s);
  KEEP_FRAME;
  return result;
}

int main(int argc, char** argv) {
  const long count = number_argument(argc, argv, 1, 1);
  begin("sonde_functions");
  for (long i = 1; i <= count; i++) {
    char text[32];
    snprintf(text, sizeof text, "call %ld", i);
    if (outer_function((int)i, text) != i * 10) return 1;
  }
  end();
  return 0;
}
