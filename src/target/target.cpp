// SPDX-License-Identifier: Apache-2.0
#include "target/target.h"

namespace sonde::target {

std::pair<std::string_view, std::string_view> split_tracepoint(std::string_view name) {
  const std::size_t colon = name.find(':');
  return {name.substr(0, colon), name.substr(colon + 1)};
}

std::vector<std::string> Target::tracepoint_categories() {
  std::vector<std::string> categories;
  for (const std::string& name : tracepoints())
    if (const auto [category, event] = split_tracepoint(name);
        categories.empty() || categories.back() != category)
      categories.emplace_back(category);
  return categories;
}

std::vector<std::string> Target::tracepoint_events(std::string_view category) {
  std::vector<std::string> events;
  for (const std::string& name : tracepoints())
    if (const auto [of_category, event] = split_tracepoint(name); of_category == category)
      events.emplace_back(event);
  return events;
}

}  // namespace sonde::target
