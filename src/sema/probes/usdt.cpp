// SPDX-License-Identifier: Apache-2.0
// usdt.
#include "base/wildcard.h"
#include "sema/probes/resolution.h"
#include "sema/probes/user_files.h"

namespace sonde::sema {

using diag::DiagId;

namespace {

// What programs call themselves in assembler: an address becomes a distance from the probe, which
// is the same wherever the program was loaded to.
void resolve_symbol(target::Target& target, const std::string& path, const target::UsdtProbe& probe,
                    target::UsdtArgument& argument) {
  const auto symbol = target.user_symbol(path, argument.symbol);
  if (!symbol) {
    argument = {.problem =
                    fmt::format("it is at `{}`, of which {} has no symbol", argument.symbol, path)};
    return;
  }
  argument.number += static_cast<std::int64_t>(symbol->address - probe.address);
  argument.from_probe = true;
  argument.symbol.clear();
}

void add_probe(Resolution& r, const std::string& path, const target::UsdtProbe& probe) {
  target::Target& target = r.script.target;
  Match& match = r.add({.target = path, .value = probe.address, .detail = probe.semaphore_offset},
                       {path, probe.provider, probe.name});
  if (r.use.numbered_arguments == 0) return;
  match.usdt_arguments = target::parse_usdt_arguments(probe.arguments);
  for (target::UsdtArgument& argument : match.usdt_arguments)
    if (!argument.symbol.empty()) resolve_symbol(target, path, probe, argument);
}

}  // namespace

// FILE:NAME, FILE:NAMESPACE:NAME, and FILE::NAME for any namespace.
void resolve_usdt(Resolution& r) {
  if (!r.check_part_count()) return;
  if (r.parts.size() == 1) r.parts.insert(r.parts.begin(), "");
  // All that the process executes; of a command there is no more than its program yet.
  if (r.parts[0].empty() && r.script.process)
    r.parts[0] = r.script.process->pid ? "*" : r.script.process->executable;
  if (r.parts[0].empty()) {
    r.error(DiagId::attach_point_parts, "usdt must specify at least a path or a process to probe")
        .hint("write `{}`, with `*` as FILE for all that is executed now, or give `-p PID`",
              r.row().syntax);
    return;
  }
  const std::string& name = r.parts.back();
  const std::string provider = r.parts.size() == 3 ? r.parts[1] : "";
  const std::vector<std::string> files = find_user_files(r, r.parts[0]);
  if (files.empty()) return;
  target::Target& target = r.script.target;
  for (const std::string& path : files)
    for (const target::UsdtProbe& probe : target.usdt_probes(path))
      if ((provider.empty() || matches(provider, probe.provider)) && matches(name, probe.name))
        add_probe(r, path, probe);
  if (!r.matches.empty()) return;
  const std::string wanted = provider.empty() ? name : provider + ":" + name;
  r.missing(fmt::format("there is no USDT probe `{}`{}", wanted, in_files(files)), name, [&] {
    std::vector<std::string> names;
    for (const target::UsdtProbe& probe : target.usdt_probes(files.front()))
      names.push_back(probe.name);
    return names;
  });
}

}  // namespace sonde::sema
