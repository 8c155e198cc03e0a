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

// What calls BPF programs is there for each class of events (include/trace/bpf_probe.h), so under
// the name of one event. What calls all is there for each event (include/linux/tracepoint.h, since
// Linux 5.10), and so is what is called where there is nobody (since 6.6), which more builds
// describe.
std::optional<BtfId> find_raw_tracepoint_function(const Btf& btf, std::string_view tracepoint) {
  for (const char* prefix_of_function : {"__bpf_trace_", "__probestub_", "__traceiter_"})
    if (const auto found =
            btf.find(BtfKind::func, std::string(prefix_of_function).append(tracepoint)))
      return found;
  return std::nullopt;
}

BtfId raw_tracepoint_prototype(const Btf& btf, std::string_view tracepoint) {
  if (const auto function = find_raw_tracepoint_function(btf, tracepoint))
    return btf.type(*function).type;
  const auto type = find_raw_tracepoint(&btf, tracepoint);
  const BtfType pointer = btf.type(btf.resolve(type.value_or(0)));
  return pointer.kind == BtfKind::pointer ? pointer.type : 0;
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
