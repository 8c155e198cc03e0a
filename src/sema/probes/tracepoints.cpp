// SPDX-License-Identifier: Apache-2.0
// tracepoint and rawtracepoint.
#include "base/wildcard.h"
#include "sema/probes/kernel_names.h"
#include "sema/probes/resolution.h"
#include "target/raw_tracepoints.h"

namespace sonde::sema {

using diag::DiagId;

namespace {

// Reads the event's format, unless the body asks for nothing of it. False: it was reported.
bool add_tracepoint(Resolution& r, const std::string& category, const std::string& event,
                    bool is_known) {
  std::optional<target::Tracepoint> format;
  if (!is_known || r.use.details) {
    auto found = r.script.target.find_tracepoint(category, event);
    if (!found) {
      r.error(DiagId::cannot_ask_kernel, "cannot look up the tracepoint: {}",
              found.error().message);
      return false;
    }
    if (!*found && !is_known) return true;
    format = std::move(*found);
  }
  r.add({.target = category, .function = event}, {category, event}).tracepoint = std::move(format);
  return true;
}

bool add_tracepoints(Resolution& r, const std::string& category, const std::string& event) {
  target::Target& target = r.script.target;
  if (!has_wildcard(category)) {
    if (!has_wildcard(event)) return add_tracepoint(r, category, event, false);
    for (const std::string& each : target.tracepoint_events(category))
      if (matches(event, each) && !add_tracepoint(r, category, each, true)) return false;
    return true;
  }
  for (const std::string& name : target.tracepoints()) {
    const auto [of_category, each] = target::split_tracepoint(name);
    if (matches(category, of_category) && matches(event, each) &&
        !add_tracepoint(r, std::string(of_category), std::string(each), true))
      return false;
  }
  return true;
}

// Their prototypes are in the BTF of the module, so only `argN` is of use.
void add_of_modules(Resolution& r) {
  for (const std::string& module : r.script.target.btf_modules()) {
    if (!matches(r.parts[0], module)) continue;
    for (const std::string& each : target::raw_tracepoint_names(r.script.target.module_btf(module)))
      if (matches(r.parts[1], each)) r.add({.function = each}, {module, each});
  }
}

void add_raw_tracepoint(Resolution& r, const target::Btf& btf, const std::string& event) {
  Match& match = r.parts.size() == 2 ? r.add({.function = event}, {r.parts[0], event})
                                     : r.add({.function = event}, {event});
  match.raw_prototype = target::raw_tracepoint_prototype(btf, event);
}

}  // namespace

void resolve_tracepoint(Resolution& r) {
  // `tracepoint:*open*` is in any category.
  if (r.parts.size() == 1 && has_wildcard(r.parts[0])) r.parts.insert(r.parts.begin(), "*");
  if (!r.check_part_count()) return;
  const std::string& category = r.parts[0];
  const std::string& event = r.parts[1];
  target::Target& target = r.script.target;
  if (!add_tracepoints(r, category, event) || !r.matches.empty()) return;
  const std::string what = fmt::format("there is no tracepoint `{}:{}`", category, event);
  const bool category_exists = !target.tracepoint_events(category).empty();
  r.missing(what, category_exists ? event : category, [&] {
    return category_exists ? target.tracepoint_events(category) : target.tracepoint_categories();
  });
}

void resolve_rawtracepoint(Resolution& r) {
  if (!r.check_part_count()) return;
  const std::string& event = r.parts.back();
  target::Target& target = r.script.target;
  r.one_program_each = r.use.typed_context;
  const target::Btf* btf = target.btf();
  if (!btf) {
    r.error(DiagId::no_btf, "rawtracepoint needs the kernel's BTF: {}", target.btf_problem())
        .hint("use a kernel with CONFIG_DEBUG_INFO_BTF=y, or `tracepoint:CATEGORY:{}`", event);
    return;
  }
  const std::string module = r.parts.size() == 2 ? r.parts[0] : "*";
  if (!check_module(r, module)) return;
  if (!matches(module, target::core_module)) {
    add_of_modules(r);
  } else if (has_wildcard(event)) {
    for (const std::string& each : target.raw_tracepoints())
      if (matches(event, each)) add_raw_tracepoint(r, *btf, each);
  } else if (target.has_raw_tracepoint(event)) {
    add_raw_tracepoint(r, *btf, event);
  }
  if (r.matches.empty())
    r.missing(fmt::format("there is no raw tracepoint `{}`{}", event,
                          module == "*" ? "" : fmt::format(" in `{}`", module)),
              event, [&] {
                const bool anywhere = r.parts.size() == 1;
                return target::raw_tracepoint_names(anywhere ? btf : target.btf_of(module));
              });
}

}  // namespace sonde::sema
