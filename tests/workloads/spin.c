// SPDX-License-Identifier: Apache-2.0
// spin [MILLISECONDS]: uses that much CPU time (300 by default) in spin_function, as thread
// `sonde_spin`. For profiles.
#include <time.h>

#include "workload.h"

static long cpu_time_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

__attribute__((noinline, noclone, used, visibility("default"))) unsigned spin_function(
    unsigned value) {
  for (int i = 0; i < 100000; i++) {
    value = value * 1664525u + 1013904223u;
    __asm__ volatile("" : "+r"(value));
  }
  return value;
}

int main(int argc, char** argv) {
  const long until_ms = cpu_time_ms() + number_argument(argc, argv, 1, 300);
  unsigned value = 1;
  begin("sonde_spin");
  while (cpu_time_ms() < until_ms) value = spin_function(value);
  end();
  return value == 0;
}
