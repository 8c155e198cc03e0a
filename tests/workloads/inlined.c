// SPDX-License-Identifier: Apache-2.0
// inlined [N]: N times outer_function, into which middle and inner are inlined; inner calls
// called_function, and that getppid, as thread `sonde_inlined`. Built with debug information.
#include "raw_call.h"
#include "workload.h"

static __attribute__((noinline, noclone)) long called_function(long i) {
  const long result = raw_getppid() + i;
  KEEP_FRAME;
  return result;
}

static inline __attribute__((always_inline)) long inner(long i) {
  const long result = called_function(i + 1) + i;
  KEEP_FRAME;
  return result;
}

static inline __attribute__((always_inline)) long middle(long i) { return inner(i + 1) + 1; }

static __attribute__((noinline, noclone)) long outer_function(long i) {
  const long result = middle(i + 1) + 1;
  KEEP_FRAME;
  return result;
}

int main(int argc, char** argv) {
  const long count = number_argument(argc, argv, 1, 1);
  begin("sonde_inlined");
  long sum = 0;
  for (long i = 1; i <= count; i++) sum += outer_function(i);
  end();
  return sum == 0;
}
