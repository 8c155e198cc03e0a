// SPDX-License-Identifier: Apache-2.0
#include "target/raw_tracepoints.h"

#include <algorithm>

namespace sonde::target {

namespace {
constexpr std::string_view prefix = "btf_trace_";
}

std::string raw_tracepoint_typedef(std::string_view tracepoint) {
  return std::string(prefix).append(tracepoint);
}

// include/trace/bpf_probe.h: __bpf_trace_##template, one for each class of events.
std::string raw_tracepoint_function(std::string_view tracepoint) {
  return std::string("__bpf_trace_").append(tracepoint);
}

std::optional<BtfId> find_raw_tracepoint(const Btf* btf, std::string_view name) {
  if (!btf) return std::nullopt;
  return btf->find(BtfKind::typedef_, raw_tracepoint_typedef(name));
}

std::vector<std::string> raw_tracepoint_names(const Btf* btf) {
  std::vector<std::string> names;
  if (!btf) return names;
  for (const std::string_view name : btf->names(BtfKind::typedef_))
    if (name.starts_with(prefix)) names.emplace_back(name.substr(prefix.size()));
  std::ranges::sort(names);
  return names;
}

}  // namespace sonde::target
