// SPDX-License-Identifier: Apache-2.0
// The programs of a script: the bodies as they are attached, and those in front of several bodies
// that cost less together.
#pragma once

#include <vector>

#include "codegen/attachment.h"

namespace sonde::codegen {

struct PlannedProgram {
  enum class Role : std::uint8_t {
    body,
    // On all system calls: calls the bodies of kind `system_call` that name its map, by the number.
    dispatcher,
    // At entry and return of functions: calls the first of `parts` or the second.
    session,
  };
  Role role = Role::body;
  sema::ResolvedProbe* probe = nullptr;  // whose messages it is in: one of those that it serves
  Attachment how;
  std::vector<PlannedProgram> parts;
};

// In the order in which they are attached.
std::vector<PlannedProgram> plan_programs(const sema::Script& script);

}  // namespace sonde::codegen
