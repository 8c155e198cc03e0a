// SPDX-License-Identifier: Apache-2.0
// realigned N: N times outer_function → aligned_function → realigned_function → called_function,
// which calls getppid through the PLT, as thread `sonde_realigned`, built without frame pointers.
// The two in the middle align the stack beyond what the ABI says; the frame of the second has a
// variable size.
#include <unistd.h>

#include "workload.h"

#define FUNCTION __attribute__((noinline, noclone))
#define USE(pointer) asm volatile("" : : "r"(pointer) : "memory")

FUNCTION long called_function(const char* room) { return room[0] + getppid(); }

FUNCTION long realigned_function(long size) {
  _Alignas(64) char fixed[64] = {1};
  char variable[size];
  variable[0] = 1;
  USE(fixed);
  return called_function(variable) + fixed[size & 63];
}

FUNCTION long aligned_function(long size) {
  _Alignas(32) char fixed[64] = {1};
  USE(fixed);
  return realigned_function(size) + fixed[size & 63];
}

FUNCTION long outer_function(long size) { return aligned_function(size) + size; }

int main(int argc, char** argv) {
  const long count = number_argument(argc, argv, 1, 1);
  begin("sonde_realigned");
  long sum = 0;
  for (long i = 1; i <= count; i++) sum += outer_function(100 + i);
  end();
  return sum == 0;
}
