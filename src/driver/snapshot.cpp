// SPDX-License-Identifier: Apache-2.0
#include "driver/snapshot.h"

#include "target/target.h"

namespace sonde::driver {

using diag::DiagId;

namespace {

// `tracepoint:CATEGORY:EVENT`, `rawtracepoint:EVENT`, `struct NAME`, `kprobe:FUNCTION`,
// `uprobe:FILE`, `kfunc:FUNCTION`
bool add_selection(std::string_view what, target::SnapshotSelection& selection) {
  const std::pair<std::string_view, std::vector<std::string>*> kinds[] = {
      {"tracepoint:", &selection.tracepoints}, {"rawtracepoint:", &selection.raw_tracepoints},
      {"struct ", &selection.structs},         {"kprobe:", &selection.kernel_functions},
      {"uprobe:", &selection.files},           {"kfunc:", &selection.callable},
  };
  for (const auto& [prefix, list] : kinds) {
    if (!what.starts_with(prefix)) continue;
    list->emplace_back(what.substr(prefix.size()));
    return true;
  }
  return false;
}

}  // namespace

bool write_snapshot(const CommandLine& line, diag::Diagnostics& diagnostics) {
  target::SnapshotSelection selection;
  for (const std::string& what : line.keep) {
    if (add_selection(what, selection)) continue;
    diagnostics.error(DiagId::command_line, {}, "--keep does not know what `{}` is", what)
        .hint(
            "write `tracepoint:CATEGORY:EVENT`, `rawtracepoint:EVENT`, `struct NAME`, "
            "`kprobe:FUNCTION`, `uprobe:FILE` or `kfunc:FUNCTION`");
    return false;
  }
  const Status written = target::write_snapshot(line.output, selection);
  if (!written) diagnostics.error(DiagId::command_line, {}, "{}", written.error().message);
  return written.has_value();
}

}  // namespace sonde::driver
