// SPDX-License-Identifier: Apache-2.0
// The functions of a running kernel, from the texts in which it lists them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "target/target.h"

namespace sonde::target {

// Lines `function` or `function [module]`: available_filter_functions of tracefs.
std::vector<KernelFunction> parse_filter_functions(std::string_view text);
// The code symbols of lines `ffffffff81000000 T function` with `[module]` behind a tab.
std::vector<KernelFunction> parse_kallsyms(std::string_view text);
// The names in lines `0xffffffff81000000-0xffffffff81000010 function`, sorted: kprobes/blacklist of
// debugfs, what the kernel refuses to put kprobes on.
std::vector<std::string> parse_kprobe_blacklist(std::string_view text);

// The modules of that function in lines `function` or `function [module]`, sorted, without reading
// them all.
std::vector<std::string> modules_listing(std::string_view filter_functions, std::string_view name);

// Sorts, and takes out duplicates, what is in the sorted `blacklist` and what the compiler has
// split off a function (`f.part.0`).
std::vector<KernelFunction> choose_functions(std::vector<KernelFunction> functions,
                                             const std::vector<std::string>& blacklist);

}  // namespace sonde::target
