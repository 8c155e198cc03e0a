// SPDX-License-Identifier: Apache-2.0
#include "runtime/attach/cpus.h"

#include "base/file.h"
#include "base/text.h"

namespace sonde::runtime {

std::vector<int> parse_cpu_list(std::string_view list) {
  std::vector<int> cpus;
  for (const std::string_view range : split(trim(list), ',')) {
    const std::size_t dash = range.find('-');
    const auto first = parse_u64(range.substr(0, dash));
    const auto last = dash == range.npos ? first : parse_u64(range.substr(dash + 1));
    if (!first || !last) continue;
    for (std::uint64_t cpu = *first; cpu <= *last; ++cpu) cpus.push_back(static_cast<int>(cpu));
  }
  return cpus;
}

Result<std::vector<int>> online_cpus() {
  const std::string path = "/sys/devices/system/cpu/online";
  SONDE_TRY(const std::string list, read_file(path));
  std::vector<int> cpus = parse_cpu_list(list);
  if (cpus.empty()) return fail(path + " names no CPU");
  return cpus;
}

}  // namespace sonde::runtime
