// SPDX-License-Identifier: Apache-2.0
// semaphores [N]: N times the probe `guarded` as thread `sonde_semaphores`, only while somebody
// traces it: then its semaphore is not zero.
#include "workload.h"

#define _SDT_HAS_SEMAPHORES 1
#include <sys/sdt.h>

__attribute__((section(".probes"))) volatile unsigned short sonde_test_guarded_semaphore;

int main(int argc, char** argv) {
  const long count = number_argument(argc, argv, 1, 1);
  begin("sonde_semaphores");
  for (long i = 1; i <= count; i++)
    if (sonde_test_guarded_semaphore) DTRACE_PROBE1(sonde_test, guarded, i);
  end();
  return 0;
}
