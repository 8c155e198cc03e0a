// SPDX-License-Identifier: Apache-2.0
// What the tracer runs itself: begin and end, self, test, bench.
#include "base/text.h"
#include "sema/probes/resolution.h"

namespace sonde::sema {

using diag::DiagId;

namespace {

constexpr std::string_view trigger = "signal";
constexpr std::string_view signal = "SIGUSR1";

void resolve_nameless(Resolution& r) {
  if (r.parts == std::vector<std::string>{"*"}) r.parts.clear();
  if (r.check_part_count()) r.add({}, {});
}

// The same name again would make it unclear which one has failed.
void resolve_named(Resolution& r) {
  if (!r.check_part_count()) return;
  const std::string& name = r.parts[0];
  if (name.empty()) {
    r.error(DiagId::attach_point_parts, "a {} probe has a name", r.row().name)
        .hint("write `{}`", r.row().syntax);
    return;
  }
  for (const auto& other : r.script.probes) {
    if (other->kind != r.kind || other->place().function != name) continue;
    r.error(DiagId::same_name, "`{}` is the name of more than one {} probe", name, r.row().name)
        .label(other->attach_point->span, "this is the other one");
    return;
  }
  r.add({.function = name}, {name});
}

}  // namespace

void resolve_begin(Resolution& r) { resolve_nameless(r); }
void resolve_end(Resolution& r) { resolve_nameless(r); }

void resolve_self(Resolution& r) {
  if (!r.check_part_count()) return;
  const auto refuse = [&](std::string_view word, std::string_view what) {
    r.error(DiagId::bad_trigger, "`{}` is not a supported {}", word, what)
        .hint("write `{}`", r.row().syntax);
  };
  if (r.parts[0] != trigger) return refuse(r.parts[0], "trigger");
  if (r.parts[1] != signal) return refuse(r.parts[1], "signal");
  r.add({}, {trigger, signal});
}

void resolve_test(Resolution& r) { resolve_named(r); }
void resolve_bench(Resolution& r) { resolve_named(r); }

}  // namespace sonde::sema
