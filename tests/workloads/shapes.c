// SPDX-License-Identifier: Apache-2.0
// shapes [N]: calls measure() and its like N times, as thread `sonde_shapes`, with i from 1. Built
// with debug information: for arguments and types by name.
#include <stdbool.h>
#include <stdint.h>

#include "workload.h"

#define PROBED __attribute__((noinline, noclone, used, visibility("default")))
#define USE(x) __asm__ volatile("" : : "r"(x) : "memory")

enum colour { RED, GREEN = 5 };
struct point {
  int x, y;
};
struct large {
  long numbers[4];
};
typedef struct {
  short depth;
} settings;
struct shape {
  char name[16];
  struct point corners[2];
  enum colour colour;
  unsigned filled : 1, width : 7;
  signed char shift;
  union {
    uint32_t whole;
    uint8_t bytes[4];
  };
  settings* settings;
  struct shape* next;
  struct hidden* hidden;
  double area;
};

PROBED int measure(struct shape* shape, int8_t count, enum colour colour, bool closed) {
  USE(shape);
  USE(colour);
  USE((long)closed);
  return count;
}

// `scale` is in a register of its own kind, `at` in one as a whole, `big` on the stack.
PROBED long place(double scale, unsigned short id, struct point at, struct large big,
                  const char* label) {
  USE(label);
  USE(at.x);
  USE((long)scale);
  return id + big.numbers[0];
}

int main(int argc, char** argv) {
  const long count = number_argument(argc, argv, 1, 1);
  settings deep = {.depth = -3};
  struct shape inner = {.name = "inner", .settings = &deep};
  begin("sonde_shapes");
  for (long i = 1; i <= count; i++) {
    struct shape shape = {.name = "outer",
                          .corners = {{1, 2}, {3, (int)i}},
                          .colour = GREEN,
                          .filled = 1,
                          .width = 100,
                          .shift = -1,
                          .whole = 0x04030201,
                          .settings = &deep,
                          .next = &inner,
                          .area = 2.5};
    const struct point at = {7, 8};
    const struct large big = {{i}};
    if (measure(&shape, (int8_t)-i, GREEN, true) != -i) return 1;
    if (place(1.5, 65535, at, big, "here") != 65535 + i) return 1;
  }
  end();
  return 0;
}
