// SPDX-License-Identifier: Apache-2.0
// paths N [ROUNDS]: calls getppid with N different stacks, up to 65536, as thread `sonde_paths`,
// and all that ROUNDS times: at each of 16 levels it goes on to the left or to the right.
#include "raw_call.h"
#include "workload.h"

#define PATH __attribute__((noinline, noclone, used))

enum { levels = 16 };

long go_left(unsigned path, int level);
long go_right(unsigned path, int level);

static inline __attribute__((always_inline)) long go_on(unsigned path, int level) {
  if (level == levels) return raw_getppid();
  const long result = path & 1 ? go_right(path >> 1, level + 1) : go_left(path >> 1, level + 1);
  KEEP_FRAME;
  return result;
}

// They differ, so that they do not become one.
PATH long go_left(unsigned path, int level) { return go_on(path, level) + 1; }
PATH long go_right(unsigned path, int level) { return go_on(path, level) + 2; }

int main(int argc, char** argv) {
  const long count = number_argument(argc, argv, 1, 1);
  const long rounds = number_argument(argc, argv, 2, 1);
  begin("sonde_paths");
  long sum = 0;
  for (long round = 0; round < rounds; round++)
    for (long i = 0; i < count; i++) sum += go_on((unsigned)i, 0);
  end();
  return sum == 0;
}
