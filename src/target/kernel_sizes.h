// SPDX-License-Identifier: Apache-2.0
// How long functions of the kernel are.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace sonde::target {

// That BPFTRACE_VMLINUX, where it is set, names an ELF file.
Status check_given_image();

// As the symbol of an uncompressed image of the kernel says: of the file BPFTRACE_VMLINUX, or of
// one of the running kernel where distributions put it. Nothing: there is none, or it does not know
// the function.
std::optional<std::uint64_t> size_in_kernel_image(std::string_view function,
                                                  std::string_view release);

// Up to the next symbol of code in /proc/kallsyms, padding included; of several functions with that
// name the longest. Nothing: it is not there, or addresses are hidden.
std::optional<std::uint64_t> size_in_kallsyms(std::string_view kallsyms, std::string_view function);

}  // namespace sonde::target
