// SPDX-License-Identifier: Apache-2.0
struct shape {
  int sides;
  char name[8];
};
#define FEWEST_SIDES 3
