// SPDX-License-Identifier: Apache-2.0
struct sonde_part {
  char text[4];
  unsigned bits : 5;
};
#define SONDE_PART_VALUE 0x10UL
