// SPDX-License-Identifier: Apache-2.0
// burst COUNT RATE: makes exactly COUNT calls of getppid, at RATE calls a second (0: as fast as it
// can). Waits for a line on standard input first; prints the seconds that the calls took.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const long count = atol(argv[1]);
  const double rate = atof(argv[2]);
  if (getchar() == EOF) return 1;
  const double start = now();
  for (long i = 0; i < count; ++i) {
    if (rate > 0)
      while (now() < start + (double)i / rate) continue;
    syscall(SYS_getppid);
  }
  printf("%.6f\n", now() - start);
  return 0;
}
