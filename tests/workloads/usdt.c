// SPDX-License-Identifier: Apache-2.0
// usdt [N]: N times the probes of <sys/sdt.h> below, as thread `sonde_usdt`, for arguments in every
// place that the assembler can name.
#include "workload.h"

#include <stdint.h>
#include <sys/sdt.h>

struct counter {
  int64_t ignored;
  int32_t values[4];
};
// Of external linkage, so that notes can name them.
int32_t usdt_number = -5;
struct counter usdt_counter = {.values = {10, -20, 30, -40}};

// Inlined, so that it is two places with the argument elsewhere.
static inline __attribute__((always_inline)) void tick(long number) {
  DTRACE_PROBE1(sonde_test, tick, number);
}

static __attribute__((noinline)) void widths(long i) {
  DTRACE_PROBE8(sonde_test, widths, (int8_t)-i, (uint8_t)-i, (int16_t)-i, (uint16_t)-i, (int32_t)-i,
                (uint32_t)-i, (int64_t)-i, (uint64_t)i);
}

// What is for the assembler is no C.
// clang-format off

// The parts of registers that the compiler does not choose by itself.
static __attribute__((noinline)) void registers(void) {
#if defined(__x86_64__)
  __asm__ volatile(
      "mov $0x1122334455667788, %%rbx\n"
      "mov %%rbx, %%r9\n"
      STAP_PROBE_ASM(sonde_test, registers,
                     8@%%rbx 4@%%ebx 2@%%bx 1@%%bl 1@%%bh 4@%%r9d -2@%%r9w -1@%%r9b)
      :
      :
      : "rbx", "r9");
#endif
}

// Constants, and memory by all that x86 adds up to an address.
static __attribute__((noinline)) void places(long i) {
#if defined(__x86_64__)
  const struct counter* counter = &usdt_counter;
  __asm__ volatile(STAP_PROBE_ASM(sonde_test, places,
                                  -4@$-9 4@$-9 8@$42 -4@usdt_number(%%rip)
                                  -4@usdt_counter+12(%%rip) -4@8(%%rax) -4@8(%%rax,%%rdx,2)
                                  -4@(%%rcx,%%rdx) 8f@%%xmm0 -4@-4(%%rcx))
                   :
                   : "a"(counter), "d"(4 * (i % 2)), "c"(&counter->values[1])
                   : "memory");
#endif
}

// clang-format on

int main(int argc, char** argv) {
  const long count = number_argument(argc, argv, 1, 1);
  begin("sonde_usdt");
  for (long i = 1; i <= count; i++) {
    char text[32];
    snprintf(text, sizeof text, "turn %ld", i);
    DTRACE_PROBE2(sonde_test, turn, i, text);
    DTRACE_PROBE(sonde_other, turn);
    tick(i);
    widths(i);
    registers();
    places(i);
    tick(i + 100);
  }
  end();
  return 0;
}
