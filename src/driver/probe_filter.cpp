// SPDX-License-Identifier: Apache-2.0
#include "driver/probe_filter.h"

#include <regex>

namespace sonde::driver {

bool check_probe_filter(const CommandLine& line, diag::Diagnostics& diagnostics) {
  try {
    (void)probe_filter(line);
    return true;
  } catch (const std::regex_error& error) {
    diagnostics.error(diag::DiagId::command_line, {}, "Invalid --probe-filter regex '{}': {}",
                      *line.probe_filter, error.what());
    return false;
  }
}

std::function<bool(const std::string& name)> probe_filter(const CommandLine& line) {
  if (!line.probe_filter) return {};
  return [regex = std::regex(*line.probe_filter)](const std::string& name) {
    return std::regex_search(name, regex);
  };
}

}  // namespace sonde::driver
