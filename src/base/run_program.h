// SPDX-License-Identifier: Apache-2.0
// Runs another program and waits for it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace sonde {

struct Finished {
  int exit_code = 0;   // of one that ended by itself
  int signal = 0;      // else the one that ended it
  std::string output;  // both streams where they were to be one
  std::string errors;
};

enum class Streams : unsigned char { separate, together };

// `arguments` begin with the program, which is looked up in $PATH. Fails when it cannot be started.
// Its standard input is ours. We may block signals; the program has none blocked.
Result<Finished> run_program(const std::vector<std::string>& arguments, Streams streams);

}  // namespace sonde
