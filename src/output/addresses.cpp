// SPDX-License-Identifier: Apache-2.0
#include "output/addresses.h"

#include <arpa/inet.h>

#include "output/numbers.h"

namespace sonde::output {

// A family that is neither has no text: the kernel has dozens.
void append_internet_address(std::string& out, const std::byte* data) {
  constexpr std::size_t family_bytes = 8;
  const std::uint64_t family = load_u64(data);
  if (family != AF_INET && family != AF_INET6) return;
  char text[INET6_ADDRSTRLEN];
  if (::inet_ntop(static_cast<int>(family), data + family_bytes, text, sizeof text)) out += text;
}

void append_hardware_address(std::string& out, const std::byte* data) {
  constexpr char digits[] = "0123456789ABCDEF";
  for (std::size_t i = 0; i < 6; ++i) {
    const auto byte = static_cast<unsigned char>(data[i]);
    if (i != 0) out += ':';
    out.append({digits[byte >> 4], digits[byte & 15]});
  }
}

}  // namespace sonde::output
