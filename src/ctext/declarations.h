// SPDX-License-Identifier: Apache-2.0
// Definitions of structs, unions, enums and typedefs, token by token.
#pragma once

#include "ctext/tokens.h"
#include "ctext/types.h"

namespace sonde::ctext {

// A struct, union or enum that the text defines by name.
struct Definition {
  BtfKind kind{};
  std::string name;
  BtfId id = 0;
  diag::Span span;  // of the name
};

struct Declarations {
  CTypes& types;
  std::map<std::string, std::int64_t, std::less<>> enumerators;
  std::vector<Definition> definitions;
};

// Reads all declarations; a `;` at the end of the last may be missing.
Parsed<bool> read_declarations(std::span<const Token> tokens, Declarations& declarations);

}  // namespace sonde::ctext
