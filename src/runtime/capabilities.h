// SPDX-License-Identifier: Apache-2.0
// Which capability is missing when the kernel says "operation not permitted".
#pragma once

#include <cstdint>
#include <string>

namespace sonde::runtime {

// What this process lacks for loading and attaching: "CAP_BPF", "CAP_PERFMON",
// "CAP_BPF and CAP_PERFMON", or nothing.
std::string missing_capabilities();

// The same for a set of effective capabilities, one bit each.
std::string missing_capabilities(std::uint64_t effective);

// A sentence for a call that failed with EPERM or EACCES; empty for other values of errno.
std::string permission_hint(int errno_value);

}  // namespace sonde::runtime
