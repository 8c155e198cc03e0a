// SPDX-License-Identifier: Apache-2.0
// Integer constant expressions of C, in 64 bits.
#pragma once

#include <functional>
#include <span>

#include "ctext/tokens.h"

namespace sonde::ctext {

// What an expression may ask of its surroundings. A cursor is an index into the tokens.
struct ConstantScope {
  // The value behind a word; nothing when there is none.
  std::function<std::optional<std::int64_t>(std::string_view)> word;
  // At a type's name: its size, and the cursor behind it. Nothing when no type stands there.
  struct TypeSize {
    std::uint64_t bytes = 0;
    std::size_t behind = 0;
    bool is_signed = false;
  };
  std::function<Parsed<std::optional<TypeSize>>(std::size_t)> type;
};

struct Constant {
  std::int64_t value = 0;
  bool is_unsigned = false;
};

// Reads the longest expression at `at` and moves behind it. `end` is a place for what is missing.
Parsed<Constant> read_constant(std::span<const Token> tokens, std::size_t& at, diag::Span end,
                               const ConstantScope& scope);

}  // namespace sonde::ctext
