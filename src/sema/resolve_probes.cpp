// SPDX-License-Identifier: Apache-2.0
// Finds what each attach point names on the target, and gives each attach point its own copy of
// the probe's body, since types may differ between them.
#include <fmt/format.h>

#include <algorithm>

#include "ast/match.h"
#include "ast/ops.h"
#include "base/text.h"
#include "lang/planned.h"
#include "sema/attach_point.h"
#include "sema/passes.h"
#include "sema/unsupported.h"

namespace sonde::sema {

namespace {

using diag::DiagId;
using lang::ProbeKind;

std::string_view nearest_provider(std::string_view word) {
  std::vector<std::string_view> names;
  for (const lang::ProbeKindRow& row : lang::probe_kinds()) names.push_back(row.name);
  return nearest(to_lower(word), std::span<const std::string_view>(names));
}

// Resolves one attach point. Each `resolve_…` fills in `probe` or reports and returns false.
struct Resolution {
  Script& script;
  diag::Diagnostics& diag;
  ResolvedProbe& probe;
  std::vector<std::string> parts;  // without the provider

  diag::Span span() const { return probe.attach_point->span; }

  template <typename... Args>
  diag::DiagnosticBuilder error(DiagId id, fmt::format_string<Args...> format, Args&&... args) {
    return diag.error(id, span(), format, std::forward<Args>(args)...);
  }

  // No such function or event: an error, a warning or nothing, as `missing_probes` says.
  bool missing(std::string_view what, std::span<const std::string> candidates,
               std::string_view word) {
    const std::string& policy = script.config.text(lang::ConfigKey::missing_probes);
    const std::string text = fmt::format("No matches for {} {}.", lang::row(probe.kind).name, what);
    const std::string_view candidate = nearest(word, candidates);
    if (policy == "error") {
      auto report = error(DiagId::no_such_probe, "{}", text);
      report.suggest(candidate);
      if (candidate.empty())
        report.hint("set `missing_probes = \"warn\"` in the config block to go on without it");
    } else if (policy == "warn") {
      diag.warning(DiagId::no_such_probe, span(), "{} Skipping.", text).suggest(candidate);
    }
    return false;
  }

  bool check_part_count(const lang::ProbeKindRow& row) {
    const std::size_t found = parts.size();
    if (found >= row.min_parts && found <= row.max_parts) return true;
    const std::string wanted = row.min_parts == row.max_parts
                                   ? fmt::format("{}", row.min_parts)
                                   : fmt::format("{} or {}", row.min_parts, row.max_parts);
    error(DiagId::attach_point_parts, "{} probe type requires {} arguments, found {}", row.name,
          wanted, found)
        .hint("write `{}`", row.syntax);
    return false;
  }

  bool reject_wildcards() {
    for (const std::string& part : parts) {
      if (part.find('*') == std::string::npos) continue;
      not_supported_yet(diag, span(), lang::Construct::probe_wildcard);
      return true;
    }
    return false;
  }

  bool resolve_tracepoint() {
    probe.target = parts[0];
    probe.function = parts[1];
    auto found = script.target.find_tracepoint(parts[0], parts[1]);
    if (!found) {
      error(DiagId::cannot_ask_kernel, "cannot look up the tracepoint: {}",
            found.error().message);
      return false;
    }
    probe.tracepoint = std::move(*found);
    if (probe.tracepoint) return true;
    const auto events = script.target.tracepoint_events(parts[0]);
    const std::string what = parts[0] + ":" + parts[1];
    if (!events.empty()) return missing(what, events, parts[1]);
    return missing(what, script.target.tracepoint_categories(), parts[0]);
  }

  bool resolve_raw_tracepoint() {
    probe.function = parts.back();
    const target::Btf* btf = script.target.btf();
    if (!btf) {
      error(DiagId::no_btf, "rawtracepoint needs the kernel's BTF: {}", script.target.btf_problem())
          .hint("use a kernel with CONFIG_DEBUG_INFO_BTF=y, or `tracepoint:CATEGORY:{}`",
                probe.function);
      return false;
    }
    if (!script.target.has_raw_tracepoint(probe.function))
      return missing(probe.function, script.target.raw_tracepoints(), probe.function);
    if (const auto type = btf->find(target::BtfKind::typedef_, "btf_trace_" + probe.function)) {
      const target::BtfType pointer = btf->type(btf->resolve(*type));
      if (pointer.kind == target::BtfKind::pointer) probe.raw_prototype = pointer.type;
    }
    return true;
  }

  // `s:1`, `hz:99`, or one duration: `5ms`.
  bool resolve_rate() {
    struct Unit {
      std::string_view name;
      std::uint64_t nanoseconds;
    };
    static constexpr Unit units[] = {{"s", 1'000'000'000}, {"ms", 1'000'000}, {"us", 1'000}};
    const std::string_view name = lang::row(probe.kind).name;
    if (parts.size() == 1) return resolve_duration(name);
    const auto rate = parse_u64(parts[1]);
    if (!rate || *rate == 0) {
      error(DiagId::bad_rate, "{} frequency should be a positive integer", name)
          .hint("write `{}:hz:99` or `{}:s:1`", name, name);
      return false;
    }
    probe.is_frequency = parts[0] == "hz";
    if (probe.is_frequency) {
      probe.value = *rate;
      return true;
    }
    for (const Unit& unit : units) {
      if (unit.name != parts[0]) continue;
      if (*rate > UINT64_MAX / unit.nanoseconds) {
        error(DiagId::bad_rate, "a period of {} {} is too long", *rate, unit.name);
        return false;
      }
      probe.value = *rate * unit.nanoseconds;
      return true;
    }
    error(DiagId::bad_rate, "{} is not an accepted unit of time", parts[0])
        .hint("units are `s`, `ms`, `us` and `hz`");
    return false;
  }

  bool resolve_duration(std::string_view name) {
    struct Unit {
      std::string_view suffix;
      std::uint64_t nanoseconds;
    };
    // Longer suffixes first: `ms` ends in `s`.
    static constexpr Unit units[] = {{"ns", 1},
                                     {"us", 1'000},
                                     {"ms", 1'000'000},
                                     {"s", 1'000'000'000},
                                     {"m", 60'000'000'000},
                                     {"h", 3'600'000'000'000},
                                     {"d", 86'400'000'000'000},
                                     {"", 1}};
    const std::string_view text = parts[0];
    for (const Unit& unit : units) {
      if (!text.ends_with(unit.suffix)) continue;
      const auto number = parse_u64(text.substr(0, text.size() - unit.suffix.size()));
      if (!number) break;
      const std::uint64_t period = *number * unit.nanoseconds;
      if (period < 1000) {
        error(DiagId::bad_rate, "Invalid rate of {} probe. Minimum is 1000 or 1us. Found: {} nanoseconds",
              name, period);
        return false;
      }
      probe.value = period / 1000 * 1000;
      probe.name = fmt::format("{}:us:{}", name, period / 1000);
      return true;
    }
    error(DiagId::bad_rate, "Invalid rate of {} probe. invalid integer: {}", name, text)
        .hint("write `{}:hz:99`, `{}:s:1` or `{}:50ms`", name, name, name);
    return false;
  }

  bool resolve_user_function() {
    const auto path = script.target.find_program(parts[0]);
    if (!path || script.target.file_kind(*path) == target::FileKind::missing) {
      error(DiagId::no_such_file, "uprobe target file '{}' does not exist or is not executable",
            parts[0]);
      return false;
    }
    if (script.target.file_kind(*path) == target::FileKind::not_elf) {
      error(DiagId::no_such_file, "'{}' is not an ELF program or library", *path)
          .hint("scripts run in an interpreter: trace that program instead");
      return false;
    }
    probe.target = *path;
    if (!split_offset(parts[1])) return false;
    if (script.target.has_user_function(*path, probe.function)) return true;
    return missing(*path + ":" + probe.function, script.target.user_functions(*path),
                   probe.function);
  }

  bool resolve_kernel_function() {
    if (!split_offset(parts[0])) return false;
    if (!script.target.has(target::Feature::kprobes)) {
      error(DiagId::kernel_cannot_attach,
            "this kernel cannot attach {}: it was built without CONFIG_KPROBES",
            lang::row(probe.kind).name)
          .hint("use a tracepoint, or a kernel with CONFIG_KPROBES=y");
      return false;
    }
    if (script.target.has_kernel_function(probe.function)) return true;
    return missing(probe.function, script.target.kernel_functions(), probe.function);
  }

  // `function`, `function+4`
  bool split_offset(std::string_view text) {
    const std::size_t plus = text.find('+');
    probe.function = text.substr(0, plus);
    if (probe.function.empty()) {
      error(DiagId::attach_point_parts, "{} needs the name of a function",
            lang::row(probe.kind).name)
          .hint("write `{}`", lang::row(probe.kind).syntax);
      return false;
    }
    if (probe.function.front() >= '0' && probe.function.front() <= '9') {
      not_supported_yet(diag, span(), lang::Construct::probe_offset);
      return false;
    }
    if (plus == std::string_view::npos) return true;
    not_supported_yet(diag, span(), lang::Construct::probe_offset);
    return false;
  }

  bool resolve() {
    const lang::ProbeKindRow& row = lang::row(probe.kind);
    if (!check_part_count(row) || reject_wildcards()) return false;
    switch (probe.kind) {
      case ProbeKind::begin:
      case ProbeKind::end: return true;
      case ProbeKind::tracepoint: return resolve_tracepoint();
      case ProbeKind::rawtracepoint: return resolve_raw_tracepoint();
      case ProbeKind::profile:
      case ProbeKind::interval: return resolve_rate();
      case ProbeKind::uprobe:
      case ProbeKind::uretprobe: return resolve_user_function();
      case ProbeKind::kprobe:
      case ProbeKind::kretprobe: return resolve_kernel_function();
    }
    return false;
  }
};

// What `probe` yields: the provider's full name and the parts, targets as they were found.
std::string probe_name(const ResolvedProbe& probe, std::span<const std::string> parts) {
  std::string name(lang::row(probe.kind).name);
  const bool user = probe.kind == ProbeKind::uprobe || probe.kind == ProbeKind::uretprobe;
  for (std::size_t i = 0; i < parts.size(); ++i)
    name += ":" + (user && i == 0 ? probe.target : parts[i]);
  return name;
}

void resolve_attach_point(Script& script, diag::Diagnostics& diag, const ast::Probe& source,
                          ast::AttachPoint* attach_point) {
  std::vector<std::string> parts = split_attach_point(attach_point->text);
  const std::string provider = parts.front();
  parts.erase(parts.begin());
  const lang::ProbeKind* kind = lang::find_probe_kind(provider);
  if (!kind) {
    if (lang::is_planned(lang::PlannedGroup::probe, provider) ||
        lang::is_planned(lang::PlannedGroup::probe, to_lower(provider)))
      diag.error(DiagId::not_supported_yet, attach_point->span,
                 "the probe type `{}` is not supported yet", provider);
    else
      diag.error(DiagId::unknown_probe_type, attach_point->span, "Invalid probe type: {}", provider)
          .suggest(nearest_provider(provider));
    return;
  }
  auto probe = std::make_unique<ResolvedProbe>();
  probe->kind = *kind;
  probe->attach_point = attach_point;
  Resolution resolution{script, diag, *probe, std::move(parts)};
  if (!resolution.resolve()) return;
  if (probe->name.empty()) probe->name = probe_name(*probe, resolution.parts);
  if (source.predicate)
    probe->predicate = static_cast<ast::Expr*>(ast::clone(*source.predicate, script.arena));
  probe->body = ast::clone_as(*source.body, script.arena);
  script.probes.push_back(std::move(probe));
}

}  // namespace

void resolve_probes(Script& script, diag::Diagnostics& diagnostics) {
  for (ast::Item* item : script.program->items) {
    const auto* probe = ast::as<ast::Probe>(item);
    if (!probe) continue;
    const std::size_t before = script.probes.size();
    const bool had_errors = diagnostics.has_errors();
    for (ast::AttachPoint* attach_point : probe->attach_points)
      resolve_attach_point(script, diagnostics, *probe, attach_point);
    if (script.probes.size() == before && !had_errors && !diagnostics.has_errors() &&
        script.config.text(lang::ConfigKey::missing_probes) == "warn")
      diagnostics.warning(DiagId::probe_removed, probe->attach_points.front()->span,
                          "Probe has no valid attach points. It is being removed which may cause "
                          "issues with program behavior.");
  }
  const std::uint64_t limit = script.config.number(lang::ConfigKey::max_probes);
  if (script.probes.size() > limit)
    diagnostics
        .error(DiagId::too_many_probes, {},
               "Can't attach to {} probes because it exceeds the current limit of {} probes.",
               script.probes.size(), limit)
        .hint("set `max_probes` in the config block or BPFTRACE_MAX_PROBES");
}

}  // namespace sonde::sema
