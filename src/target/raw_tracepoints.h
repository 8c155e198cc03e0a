// SPDX-License-Identifier: Apache-2.0
// Tracepoints as BTF knows them. The kernel's build makes a typedef `btf_trace_NAME` of each,
// a pointer to its prototype (include/trace/bpf_probe.h, since Linux 5.5).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "target/btf.h"

namespace sonde::target {

// The name of the typedef, which has the types of the arguments.
std::string raw_tracepoint_typedef(std::string_view tracepoint);

// A function of the kernel that has the arguments of the tracepoint, with their names, behind a
// `void *__data`. Nothing: BTF has no names.
std::optional<BtfId> find_raw_tracepoint_function(const Btf& btf, std::string_view tracepoint);

// The func_proto of that function, or of the typedef; 0 when there is no such tracepoint.
BtfId raw_tracepoint_prototype(const Btf& btf, std::string_view tracepoint);

// `btf` may be null: then there are none.
std::optional<BtfId> find_raw_tracepoint(const Btf* btf, std::string_view name);
std::vector<std::string> raw_tracepoint_names(const Btf* btf);  // sorted

}  // namespace sonde::target
