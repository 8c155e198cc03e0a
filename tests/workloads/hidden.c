// SPDX-License-Identifier: Apache-2.0
// hidden [N]: N times first_function → second_function → third_function, which calls getppid, as
// thread `sonde_hidden`. They are static, so only .symtab and debug information know their names.
#include "raw_call.h"
#include "workload.h"

#define HIDDEN static __attribute__((noinline, noclone))

HIDDEN long third_function(long i) {
  const long result = raw_getppid() + i;
  KEEP_FRAME;
  return result;
}

HIDDEN long second_function(long i) {
  const long result = third_function(i + 1);
  KEEP_FRAME;
  return result;
}

HIDDEN long first_function(long i) {
  const long result = second_function(i + 1);
  KEEP_FRAME;
  return result;
}

int main(int argc, char** argv) {
  const long count = number_argument(argc, argv, 1, 1);
  begin("sonde_hidden");
  long sum = 0;
  for (long i = 1; i <= count; i++) sum += first_function(i);
  end();
  return sum == 0;
}
