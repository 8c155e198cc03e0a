// SPDX-License-Identifier: Apache-2.0
// fentry and fexit.
#include <algorithm>

#include "base/wildcard.h"
#include "sema/probes/bpf_programs.h"
#include "sema/probes/kernel_names.h"
#include "target/btf_functions.h"

namespace sonde::sema {

using diag::DiagId;
using target::Feature;

namespace {

struct TrampolineProbe {
  Resolution& r;
  target::Target& target = r.script.target;
  std::string module = {};  // empty: any
  std::string function = {};

  bool check_btf() {
    if (target.btf()) return true;
    if (!check_trampolines(r)) return false;
    r.cannot_attach(
        {DiagId::no_btf,
         fmt::format("{} needs the kernel's BTF: {}", r.row().name, target.btf_problem()),
         "use a kernel with CONFIG_DEBUG_INFO_BTF=y, or a kprobe"});
    return false;
  }

  bool check_parts() {
    if (!r.check_part_count()) return false;
    if (r.parts.size() == 3) {
      r.error(DiagId::attach_point_parts, "{} takes 1 or 2 parts behind its name, found 3",
              r.row().name)
          .hint("write `{}`; only BPF programs have an id in the middle: `{}:bpf:12:name`",
                r.row().syntax, r.row().name);
      return false;
    }
    function = r.parts.back();
    if (r.parts.size() == 2) module = r.parts[0];
    if (!function.empty()) return true;
    r.error(DiagId::attach_point_parts, "{} needs the name of a function", r.row().name)
        .hint("write `{}`", r.row().syntax);
    return false;
  }

  void add(const std::string& of_module, const std::string& name, target::BtfId id) {
    Match& match = r.add({.target = of_module, .function = name}, {of_module, name});
    match.function_type = KernelFunctionType{target.btf_of(of_module), id};
    match.by_trampoline = true;
  }

  void add_matching() {
    std::vector<std::string> modules = target.btf_modules();
    modules.emplace_back(target::core_module);
    for (const std::string& each : modules) {
      if (!module.empty() && !matches(module, each)) continue;
      for (const target::BtfFunction& found : target::trampoline_functions(target, each))
        if (matches(function, found.name)) add(each, std::string(found.name), found.id);
    }
    leave_out_functions(r);
  }

  // False: it was reported.
  bool add_one() {
    std::vector<std::string> modules = target.modules_with(function);
    if (!module.empty())
      std::erase_if(modules, [&](const std::string& each) { return each != module; });
    if (modules.size() < 2) {
      if (const auto id = modules.empty()
                              ? std::nullopt
                              : target::find_trampoline_function(target, modules.front(), function))
        add(modules.front(), function, *id);
      return true;
    }
    std::string names;
    for (const std::string& each : modules)
      names += fmt::format("{}`{}:{}:{}`", names.empty() ? "" : ", ", r.row().name, each, function);
    r.error(DiagId::ambiguous_probe, "several modules have a function `{}`", function)
        .hint("say which one: {}", names);
    return false;
  }

  void report_missing() {
    const bool exists = !has_wildcard(function) && !target.modules_with(function).empty();
    const std::string where = module.empty() ? "" : fmt::format(" in `{}`", module);
    if (!exists)
      return r.missing(fmt::format("there is no function `{}`{} that {} can be attached to",
                                   function, where, r.row().name),
                       function, [&] { return traceable_names(target); });
    const std::string of_module = module.empty() ? target.modules_with(function).front() : module;
    const std::string instead =
        target.has(Feature::kprobes)
            ? fmt::format("; `{}:{}` can", r.row().at_return ? "kretprobe" : "kprobe", function)
            : "";
    r.missing(fmt::format("{} cannot be attached to `{}`{}: {}{}", r.row().name, function, where,
                          target::trampoline_obstacle(target, of_module, function), instead),
              "", [] { return std::vector<std::string>(); });
  }

  void run() {
    if (r.parts.size() > 1 && r.parts.front() == bpf_module) return resolve_bpf_program(r);
    if (!check_parts() || !check_btf()) return;
    if (!module.empty() && !check_module(r, module)) return;
    r.one_program_each = true;
    if (has_wildcard(function) || has_wildcard(module))
      add_matching();
    else if (!add_one())
      return;
    if (r.matches.empty()) return report_missing();
    check_trampolines(r);
  }
};

}  // namespace

bool check_trampolines(Resolution& r) {
  if (r.script.target.has(Feature::trampolines)) return true;
  r.cannot_attach(
      {DiagId::kernel_cannot_attach,
       fmt::format("this kernel cannot attach {}: it has no trampolines for BPF programs",
                   r.row().name),
       fmt::format("use a {}, or a kernel of Linux 5.17 or later with CONFIG_FUNCTION_TRACER=y",
                   r.script.target.has(Feature::kprobes) ? "kprobe" : "tracepoint")});
  return false;
}

void resolve_fentry(Resolution& r) { TrampolineProbe{r}.run(); }
void resolve_fexit(Resolution& r) { TrampolineProbe{r}.run(); }

}  // namespace sonde::sema
