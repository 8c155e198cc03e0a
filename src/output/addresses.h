// SPDX-License-Identifier: Apache-2.0
// Addresses of networks as text. Private to this folder.
#pragma once

#include <cstddef>
#include <string>

namespace sonde::output {

// A u64 family, then the address in network order.
void append_internet_address(std::string& out, const std::byte* data);
// Six bytes.
void append_hardware_address(std::string& out, const std::byte* data);

}  // namespace sonde::output
