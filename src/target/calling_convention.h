// SPDX-License-Identifier: Apache-2.0
// Which register an argument of a C function is in.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "target/btf.h"

namespace sonde::target {

struct ArgumentType {
  BtfId type = 0;
  bool by_reference = false;  // its address is passed
};

struct ArgumentPlace {
  std::optional<unsigned> integer_register;  // its number, when it is there as one number
  std::string_view elsewhere;                // else where it is, in words
};

// Of arguments of these types, in order.
std::vector<ArgumentPlace> argument_places(const Btf& btf, const std::vector<ArgumentType>& types,
                                           ArgumentType result, std::string_view architecture);

}  // namespace sonde::target
