// SPDX-License-Identifier: Apache-2.0
// Joins the image with the BPF objects that a script imports.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sonde::link {

struct Object {
  std::string_view name;   // for messages
  std::string_view bytes;  // of the ELF file
};

// One object of all. Fails when they do not fit together: a function is missing or defined twice,
// their licenses differ.
Result<std::string> link_objects(std::span<const Object> objects);

}  // namespace sonde::link
