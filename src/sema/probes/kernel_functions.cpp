// SPDX-License-Identifier: Apache-2.0
// kprobe and kretprobe.
#include "base/wildcard.h"
#include "sema/probes/functions.h"

namespace sonde::sema {

using diag::DiagId;

namespace {

void resolve_kernel_function(Resolution& r) {
  if (r.parts.size() == 2) return r.planned(lang::Construct::probe_module);
  if (!r.check_part_count()) return;
  const auto place = parse_code_place(r, r.parts[0]);
  if (!place) return;
  if (place->address) return r.planned(lang::Construct::probe_address);
  if (place->offset != 0) return r.planned(lang::Construct::probe_offset);
  target::Target& target = r.script.target;
  if (!target.has(target::Feature::kprobes)) {
    r.error(DiagId::kernel_cannot_attach,
            "this kernel cannot attach {}: it was built without CONFIG_KPROBES", r.row().name)
        .hint("use a tracepoint, or a kernel with CONFIG_KPROBES=y");
    return;
  }
  const std::string& function = place->function;
  if (has_wildcard(function)) {
    for (const std::string& each : target.kernel_functions())
      if (matches(function, each)) r.add({.function = each}, {each});
  } else if (target.has_kernel_function(function)) {
    r.add({.function = function}, {function});
  }
  if (r.matches.empty())
    r.missing(fmt::format("there is no kernel function `{}` that can be probed", function),
              function, [&] { return target.kernel_functions(); });
}

}  // namespace

void resolve_kprobe(Resolution& r) { resolve_kernel_function(r); }
void resolve_kretprobe(Resolution& r) { resolve_kernel_function(r); }

}  // namespace sonde::sema
