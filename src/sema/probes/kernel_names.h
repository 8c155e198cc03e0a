// SPDX-License-Identifier: Apache-2.0
// How attach points name functions of the kernel: kprobe, kretprobe, fentry, fexit.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sema/probes/resolution.h"

namespace sonde::sema {

// Whether it is the kernel itself or a module that is loaded, or a pattern; else it is missing, as
// `missing_probes` says.
bool check_module(Resolution& r, const std::string& module);

// What the function's type is in the BTF of its module, or nothing.
std::optional<KernelFunctionType> find_function_type(target::Target& target,
                                                     std::string_view module,
                                                     std::string_view function);

// Takes functions that must not be traced together out of what a pattern has found, with a warning.
void leave_out_functions(Resolution& r);

// The functions that can be traced, each name once: for suggestions.
std::vector<std::string> traceable_names(target::Target& target);

}  // namespace sonde::sema
