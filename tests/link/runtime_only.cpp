// SPDX-License-Identifier: Apache-2.0
// Linked with the runtime's libraries alone: a built script starts like this, on machines that
// have no LLVM. Never run for what it does.
#include "runtime/run.h"

int main() { return sonde::runtime::run({}, {}); }
