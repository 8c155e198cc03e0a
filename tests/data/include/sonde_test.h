// SPDX-License-Identifier: Apache-2.0
// For tests of #include, -I and --include.
#include "sonde_test_part.h"
typedef struct {
  int number;
  struct sonde_part part;
} sonde_whole;
enum sonde_state { SONDE_OFF, SONDE_ON = 3 };
#define SONDE_VALUE (SONDE_PART_VALUE + 1UL)
