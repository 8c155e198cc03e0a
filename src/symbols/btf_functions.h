// SPDX-License-Identifier: Apache-2.0
// The numbers by which BPF knows the kernel's functions and raw tracepoints: those of their types
// in BTF.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sonde::symbols {

// Of `vmlinux` or of a module that is loaded, in the order of the names; 0 for those that are
// unknown, and all 0 where there is no BTF. Of several functions of one name the first is taken.
// One walk over the types: libbpf would copy and sort them all (10 ms, 11 MB).
std::vector<std::uint32_t> find_btf_functions(const std::string& module,
                                              const std::vector<std::string_view>& names,
                                              const std::string& folder = "/sys/kernel/btf");

// Of raw tracepoints of the kernel itself in the same way: the typedefs `btf_trace_NAME`.
std::vector<std::uint32_t> find_btf_tracepoints(const std::vector<std::string_view>& names,
                                                const std::string& folder = "/sys/kernel/btf");

}  // namespace sonde::symbols
