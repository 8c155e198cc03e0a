// SPDX-License-Identifier: Apache-2.0
#include "sema/probes/bpf_programs.h"

#include "base/text.h"
#include "base/wildcard.h"

namespace sonde::sema {

using diag::DiagId;
using target::BpfFunction;

namespace {

bool check_id(Resolution& r, const std::string& id) {
  if (id == "*" || parse_u64(id)) return true;
  r.error(DiagId::attach_point_parts, "the id of a BPF program is a number or `*`, not `{}`", id)
      .hint("`sonde -l '{}:bpf:*'` lists them", r.row().name);
  return false;
}

void add(Resolution& r, const BpfFunction& function) {
  const std::string id = std::to_string(function.program_id);
  Match& match = r.add(
      {.target = std::string(bpf_module), .function = function.name, .detail = function.program_id},
      {bpf_module, id, function.name});
  match.function_type =
      KernelFunctionType{r.script.target.bpf_program_btf(function.program_id), function.type};
  match.by_trampoline = true;
}

}  // namespace

void resolve_bpf_program(Resolution& r) {
  if (!r.check_part_count()) return;
  const std::string id = r.parts.size() == 3 ? r.parts[1] : "*";
  const std::string& name = r.parts.back();
  if (name.empty()) {
    r.error(DiagId::attach_point_parts, "{} needs the name of a BPF program's function",
            r.row().name)
        .hint("write `{0}:bpf:NAME` or `{0}:bpf:ID:NAME`", r.row().name);
    return;
  }
  if (!check_id(r, id)) return;
  r.one_program_each = true;
  const std::vector<BpfFunction> loaded = r.script.target.bpf_functions();
  for (const BpfFunction& function : loaded)
    if (matches(id, std::to_string(function.program_id)) && matches(name, function.name))
      add(r, function);
  if (!r.matches.empty()) {
    check_trampolines(r);
    return;
  }
  r.missing(fmt::format("no BPF program that is loaded has a function `{}`{}", name,
                        id == "*" ? "" : fmt::format(" and the id {}", id)),
            name, [&] {
              std::vector<std::string> names;
              for (const BpfFunction& function : loaded) names.push_back(function.name);
              return names;
            });
}

}  // namespace sonde::sema
