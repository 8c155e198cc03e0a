// SPDX-License-Identifier: Apache-2.0
// What a program writes into the file that its iterator is read through.
#pragma once

#include "codegen/builtins/builtins.h"

namespace sonde::codegen {

// The iterator's `struct seq_file *`.
llvm::Value* iterator_stream(Lowering& l);

// Of a conversion, what is in front of its length: `%-08`.
std::string kernel_flags(const image::FormatPiece& piece);
std::string quoted_for_kernel(std::string_view literal);

// A printf, formatted by the kernel.
void print_to_stream(Lowering& l, ast::Call& call);

}  // namespace sonde::codegen
