// SPDX-License-Identifier: Apache-2.0
// Where the bytes are that an argument means: what it points to, or what it is itself.
// Private to this folder.
#pragma once

#include "codegen/lowering.h"

namespace sonde::codegen {

struct Source {
  llvm::Value* address = nullptr;  // i64
  bool user = false;
  std::uint32_t bytes = 0;  // how many there are; 0: nobody knows
  Memory memory{};          // where it is our own
};

// Of a string, an array, a pointer or an address. A literal string is there with all its bytes.
Source source_of(Lowering& l, ast::Expr* expr);
// A part of it.
Source source_at(Lowering& l, const Source& source, llvm::Value* offset_bytes);

// Copies bytes; zeros where they cannot be read, which is counted.
void read_source(Lowering& l, const Memory& to, llvm::Value* bytes, const Source& source,
                 diag::Span span);
void read_source(Lowering& l, const Memory& to, std::uint32_t bytes, const Source& source,
                 diag::Span span);
// Copies text up to its NUL, at most `bytes` with the NUL that is put behind it. Gives how many
// were written, or a negative number.
llvm::Value* read_text(Lowering& l, const Memory& to, llvm::Value* bytes, const Source& source,
                       diag::Span span);

// The value of a length, cut to `most`, as the verifier must see it tested (i32).
llvm::Value* length_up_to(Lowering& l, ast::Expr* length, std::uint32_t most);

}  // namespace sonde::codegen
