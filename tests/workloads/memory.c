// SPDX-License-Identifier: Apache-2.0
// memory [N]: N times, as thread `sonde_memory`, writes i from 1 to the 8 bytes at 0x10000000 and
// reads them. For watchpoints.
#include <stdint.h>
#include <sys/mman.h>

#include "workload.h"

int main(int argc, char** argv) {
  const long count = number_argument(argc, argv, 1, 1);
  void* page = mmap((void*)0x10000000, 4096, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (page == MAP_FAILED) die("mmap");
  volatile uint64_t* watched = page;
  begin("sonde_memory");
  for (long i = 1; i <= count; i++) {
    *watched = (uint64_t)i;
    if (*watched != (uint64_t)i) return 1;
  }
  end();
  return 0;
}
