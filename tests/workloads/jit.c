// SPDX-License-Identifier: Apache-2.0
// jit [N]: makes a function while it runs, tells its name in /tmp/perf-PID.map, and calls it N
// times as thread `sonde_jit`; it calls called_function, which calls getppid.
#include <sys/mman.h>
#include <unistd.h>

#include "raw_call.h"
#include "workload.h"

// Keeps a frame and calls what it is given.
#if defined(__x86_64__)
static const unsigned char code[] = {0x55, 0x48, 0x89, 0xe5, 0xff, 0xd7, 0x5d, 0xc3};
#elif defined(__aarch64__)
static const unsigned int code[] = {0xa9bf7bfd, 0x910003fd, 0xd63f0000, 0xa8c17bfd, 0xd65f03c0};
#else
#error "no code for this architecture"
#endif

static __attribute__((noinline)) void called_function(void) {
  raw_getppid();
  KEEP_FRAME;
}

int main(int argc, char** argv) {
  const long count = number_argument(argc, argv, 1, 1);
  char* made = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (made == MAP_FAILED) die("mmap");
  memcpy(made, code, sizeof code);
  if (mprotect(made, 4096, PROT_READ | PROT_EXEC) != 0) die("mprotect");
  __builtin___clear_cache(made, made + sizeof code);
  char path[64];
  snprintf(path, sizeof path, "/tmp/perf-%d.map", (int)getpid());
  FILE* names = fopen(path, "w");
  if (!names) die(path);
  fprintf(names, "%lx %zx made_function(int)\n", (unsigned long)made, sizeof code);
  fclose(names);
  void (*made_function)(void (*)(void)) = (void (*)(void (*)(void)))(unsigned long)made;
  begin("sonde_jit");
  for (long i = 0; i < count; i++) {
    made_function(called_function);
    KEEP_FRAME;
  }
  end();
  return 0;
}
