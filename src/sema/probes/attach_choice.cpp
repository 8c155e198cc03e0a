// SPDX-License-Identifier: Apache-2.0
#include "sema/probes/attach_choice.h"

#include <algorithm>

#include "sema/probes/kernel_names.h"
#include "target/btf_functions.h"

namespace sonde::sema {

using diag::DiagId;
using target::Btf;
using target::BtfKind;
using target::Feature;

namespace {

struct Choice {
  Resolution& r;
  target::Target& target = r.script.target;
  bool has_kprobes = target.has(Feature::kprobes);

  // One word of a register, whatever it means.
  static bool is_word(const Btf& btf, target::BtfId id) {
    const target::BtfType type = btf.type(btf.resolve(id));
    const bool fits = type.size <= 8;
    return type.kind == BtfKind::pointer || (type.kind == BtfKind::integer && fits) ||
           type.kind == BtfKind::enum_ || type.kind == BtfKind::enum64;
  }

  // What the script reads, as far as a trampoline does not have it.
  std::string unreadable(const KernelFunctionType& function) const {
    const target::BtfType prototype = function.btf->type(function.btf->type(function.id).type);
    const auto params = function.btf->params(function.btf->type(function.id).type);
    const unsigned wanted = r.use.numbered_arguments;
    if (wanted > params.size()) return fmt::format("the function has no `arg{}`", wanted - 1);
    for (unsigned i = 0; i < wanted; ++i)
      if (!is_word(*function.btf, params[i].type))
        return fmt::format("`arg{}` is neither an integer nor a pointer", i);
    if (r.use.retval && !is_word(*function.btf, prototype.type))
      return "the function returns neither an integer nor a pointer";
    return "";
  }

  // Why there can be no trampoline, as a clause; empty: there can.
  std::string obstacle(const Match& match) const {
    const Place& place = match.place;
    if (place.function.empty()) return "only a function has a trampoline, not an address";
    if (place.value != 0) return "a trampoline is at the start of a function";
    if (!r.use.registers_for.empty())
      return fmt::format("`{}` is about the registers there", r.use.registers_for);
    if (!target.has(Feature::trampolines)) return "the kernel has no trampolines";
    if (!target.btf()) return "the kernel has no BTF";
    if (place.target.empty()) return "several modules have the function, or none";
    const std::string obstacle = target::trampoline_obstacle(target, place.target, place.function);
    if (!obstacle.empty()) return obstacle;
    return unreadable(*match.function_type);
  }

  void report_no_kprobes(const std::string& obstacle) const {
    const bool could_be = target.has(Feature::trampolines) && !obstacle.empty();
    r.cannot_attach(
        {DiagId::kernel_cannot_attach,
         fmt::format("this kernel cannot attach {}: it was built without CONFIG_KPROBES",
                     r.row().name),
         could_be ? fmt::format("it could be {}, but {}", r.row().at_return ? "fexit" : "fentry",
                                obstacle)
                  : "use a tracepoint, or a kernel with CONFIG_KPROBES=y"});
  }

  // Whether each match gets a program of its own, so that there is a choice.
  bool is_single() const {
    return r.matches.size() == 1 || r.use.details || !has_kprobes ||
           r.script.kprobe_attach == KprobeAttach::fentry;
  }

  void choose(Match& match) {
    const Place& place = match.place;
    if (!place.target.empty() && !place.function.empty())
      match.function_type = find_function_type(target, place.target, place.function);
    match.attach_reason = "--attach kprobe";
    if (r.script.kprobe_attach == KprobeAttach::kprobe) return;
    match.attach_reason = obstacle(match);
    if (!match.attach_reason.empty()) return;
    match.attach_reason = "BTF describes what the script reads";
    match.by_trampoline = true;
    r.one_program_each = true;
  }

  // Of a pattern the rest is still of use.
  void drop_unattachable() {
    const bool forced = r.script.kprobe_attach == KprobeAttach::fentry;
    if (has_kprobes && !forced) return;
    const auto cannot = [](const Match& match) { return !match.by_trampoline; };
    const auto first = std::ranges::find_if(r.matches, cannot);
    if (first == r.matches.end()) return;
    const std::string reason = first->attach_reason;
    std::erase_if(r.matches, cannot);
    if (!r.matches.empty()) return;
    if (!forced) return report_no_kprobes(reason);
    r.cannot_attach({DiagId::kernel_cannot_attach,
                     fmt::format("it cannot be attached as {}: {}",
                                 r.row().at_return ? "fexit" : "fentry", reason),
                     "leave out `--attach fentry`"});
  }

  void run() {
    if (r.matches.empty()) return;
    if (!is_single()) return;
    for (Match& match : r.matches) choose(match);
    drop_unattachable();
  }
};

}  // namespace

void choose_kprobe_attachment(Resolution& r) { Choice{r}.run(); }

}  // namespace sonde::sema
