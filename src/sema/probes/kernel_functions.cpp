// SPDX-License-Identifier: Apache-2.0
// kprobe and kretprobe.
#include "base/text.h"
#include "base/wildcard.h"
#include "sema/probes/attach_choice.h"
#include "sema/probes/functions.h"
#include "sema/probes/kernel_names.h"

namespace sonde::sema {

using diag::DiagId;

namespace {

void resolve_address(Resolution& r, std::uint64_t address) {
  if (r.parts.size() != 1) {
    r.error(DiagId::attach_point_parts, "an address is in no module")
        .hint("write `{0}:FUNCTION` or `{0}:0xADDRESS`", r.row().name);
    return;
  }
  if (!r.script.unsafe) {
    r.error(DiagId::unsafe_call, "a probe at an address needs --unsafe")
        .hint("nothing tells whether an instruction begins there");
    return;
  }
  r.add({.value = address}, {std::to_string(address)});
}

struct FunctionProbe {
  Resolution& r;
  const CodePlace& place;
  std::string module = {};  // empty: any
  const std::string& function = place.function;
  const std::uint64_t offset = place.offset;

  void add(const std::string& name, const std::string& of_module) {
    const std::string where = offset == 0 ? name : fmt::format("{}+{}", name, offset);
    Place found{.target = of_module, .function = name, .value = offset};
    if (module.empty())
      r.add(std::move(found), {where});
    else
      r.add(std::move(found), {of_module, where});
  }

  void add_matching() {
    for (const target::KernelFunction& each : r.script.target.traceable_functions())
      if (matches(function, each.name) && (module.empty() || matches(module, each.module)))
        add(each.name, each.module);
    leave_out_functions(r);
  }

  void add_one() {
    std::vector<std::string> modules = r.script.target.modules_with(function);
    if (!module.empty())
      std::erase_if(modules, [&](const std::string& each) { return each != module; });
    if (modules.empty() && r.script.unsafe && !function.empty()) {
      r.diag.warning(DiagId::no_such_probe, r.attach_point.span,
                     "the kernel does not say that `{}` can be traced, so attaching will likely "
                     "fail",
                     function);
      add(function, module);
    } else if (!modules.empty()) {
      // The kernel takes the first of several.
      add(function, modules.size() == 1 ? modules.front() : "");
    }
  }

  // Where the function ends is asked only of those that have offsets: all symbols are read for it.
  bool check_offset() {
    const auto size = offset == 0 ? std::nullopt : r.script.target.kernel_function_size(function);
    if (!size || offset < *size) return true;
    const std::string text =
        fmt::format("the offset is outside of the function: `{}` has {} bytes", function, *size);
    if (r.script.unsafe) {
      r.diag.warning(DiagId::unsafe_place, r.attach_point.span, "{}", text);
      return true;
    }
    r.error(DiagId::unsafe_place, "{}", text)
        .hint("--unsafe attaches to what lies there, which may be of another function");
    return false;
  }

  void run() {
    if (r.parts.size() == 2) module = r.parts[0];
    if (!module.empty() && !check_module(r, module)) return;
    if (has_wildcard(function) || has_wildcard(module))
      add_matching();
    else if (check_offset())
      add_one();
    else
      return;
    if (!r.matches.empty()) return choose_kprobe_attachment(r);
    r.missing(fmt::format("there is no kernel function `{}`{} that can be probed", function,
                          module.empty() ? "" : fmt::format(" in `{}`", module)),
              function, [&] { return traceable_names(r.script.target); });
  }
};

void resolve_kernel_function(Resolution& r) {
  if (!r.check_part_count()) return;
  const auto place = parse_code_place(r, r.parts.back());
  if (!place) return;
  if (place->address) {
    resolve_address(r, *place->address);
    choose_kprobe_attachment(r);
  } else {
    FunctionProbe{r, *place}.run();
  }
}

}  // namespace

void resolve_kprobe(Resolution& r) { resolve_kernel_function(r); }
void resolve_kretprobe(Resolution& r) { resolve_kernel_function(r); }

}  // namespace sonde::sema
