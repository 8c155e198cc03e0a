// SPDX-License-Identifier: Apache-2.0
// How much stack a program takes together with the callbacks that it reaches.
#pragma once

#include <llvm/IR/Module.h>

#include <cstdint>
#include <map>
#include <string>

namespace sonde::codegen {

// Of a program and all that it calls (MAX_BPF_STACK, include/linux/filter.h).
inline constexpr std::uint32_t most_stack_bytes = 512;

// By the names of functions, as LLVM counted them.
using StackSizes = std::map<std::string, std::uint64_t, std::less<>>;

// The bytes of the deepest way through callbacks, as the verifier counts them.
std::uint64_t stack_depth(const llvm::Function& function, const StackSizes& sizes);

}  // namespace sonde::codegen
