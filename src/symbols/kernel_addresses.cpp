// SPDX-License-Identifier: Apache-2.0
#include "symbols/kernel_addresses.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/file.h"

namespace sonde::symbols {

// "ffffffff81000000 T name", of a module with a tab and its name behind.
std::vector<std::uint64_t> find_kernel_addresses(const std::vector<std::string>& names,
                                                 const std::string& path) {
  std::vector<std::uint64_t> addresses(names.size(), 0);
  const auto text = read_file(path);
  if (!text) return addresses;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t blank = line.find(' ');
    if (blank == std::string_view::npos || blank + 3 > line.size()) continue;
    std::string_view name = line.substr(blank + 3);
    name = name.substr(0, name.find('\t'));
    for (std::size_t i = 0; i < names.size(); ++i)
      if (addresses[i] == 0 && names[i] == name)
        std::from_chars(line.data(), line.data() + blank, addresses[i], 16);
  }
  return addresses;
}

}  // namespace sonde::symbols
