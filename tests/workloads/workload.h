// SPDX-License-Identifier: Apache-2.0
// What the workloads share. A workload does a known thing a known number of times between
// begin() and end(). Only there is the thread called `sonde_NAME`, so that a script which
// filters by `comm` sees nothing of the program's start and end. What a script does see besides
// is the prctl by which end() takes the name away again: one more system call is entered.
#pragma once

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

static inline void begin(const char* name) { prctl(PR_SET_NAME, name); }
static inline void end(void) { prctl(PR_SET_NAME, "sonde_is_over"); }

static inline void die(const char* what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

// The number that a user gave as argument `index`, or `otherwise` when there are fewer.
static inline long number_argument(int argc, char** argv, int index, long otherwise) {
  if (index >= argc) return otherwise;
  char* rest;
  const long number = strtol(argv[index], &rest, 10);
  if (*rest == '\0' && number >= 0) return number;
  fprintf(stderr, "not a number: %s\n", argv[index]);
  exit(2);
}
