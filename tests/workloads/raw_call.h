// SPDX-License-Identifier: Apache-2.0
// A system call that its caller makes itself, not a function of the C library: the stack then
// begins with the caller.
#pragma once

#include <sys/syscall.h>

static inline __attribute__((always_inline)) long raw_getppid(void) {
  // A function that calls no other one has a frame only when it asks for its address.
  __asm__ volatile("" : : "r"(__builtin_frame_address(0)));
#if defined(__x86_64__)
  long result = SYS_getppid;
  __asm__ volatile("syscall" : "+a"(result) : : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long result __asm__("x0");
  register long number __asm__("x8") = SYS_getppid;
  __asm__ volatile("svc #0" : "=r"(result) : "r"(number) : "memory");
  return result;
#else
#error "no raw system call for this architecture"
#endif
}

// Behind a call: keeps it from becoming a jump, which leaves no frame.
#define KEEP_FRAME __asm__ volatile("")
