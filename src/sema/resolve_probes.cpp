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
#include "sema/rate.h"
#include "sema/unsupported.h"

namespace sonde::sema {

namespace {

using diag::DiagId;
using lang::Construct;
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
  bool missing(const std::string& text, std::span<const std::string> candidates,
               std::string_view word) {
    const std::string& policy = script.config.text(lang::ConfigKey::missing_probes);
    const std::string_view candidate = nearest(word, candidates);
    if (policy == "error") {
      auto report = error(DiagId::no_such_probe, "{}", text);
      report.suggest(candidate);
      if (candidate.empty())
        report.hint("to go on without it: `config = {{ missing_probes = \"warn\" }}`");
    } else if (policy == "warn") {
      diag.warning(DiagId::no_such_probe, span(), "{}; it is left out", text).suggest(candidate);
    }
    return false;
  }

  bool check_part_count(const lang::ProbeKindRow& row) {
    const std::size_t found = parts.size();
    if (found >= row.min_parts && found <= row.max_parts) return true;
    const std::string wanted = row.max_parts == 0 ? "no"
                               : row.min_parts == row.max_parts
                                   ? fmt::format("{}", row.min_parts)
                                   : fmt::format("{} or {}", row.min_parts, row.max_parts);
    error(DiagId::attach_point_parts, "{} takes {} {} behind its name, found {}", row.name, wanted,
          wanted == "1" ? "part" : "parts", found)
        .hint("write `{}`", row.syntax);
    return false;
  }

  bool resolve_tracepoint() {
    probe.target = parts[0];
    probe.function = parts[1];
    auto found = script.target.find_tracepoint(parts[0], parts[1]);
    if (!found) {
      error(DiagId::cannot_ask_kernel, "cannot look up the tracepoint: {}", found.error().message);
      return false;
    }
    probe.tracepoint = std::move(*found);
    if (probe.tracepoint) return true;
    const auto events = script.target.tracepoint_events(parts[0]);
    const std::string what = fmt::format("there is no tracepoint `{}:{}`", parts[0], parts[1]);
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
      return missing(fmt::format("there is no raw tracepoint `{}`", probe.function),
                     script.target.raw_tracepoints(), probe.function);
    // The tracepoint's own function names the arguments; the typedef has their types only.
    if (const auto own = btf->find(target::BtfKind::func, "__bpf_trace_" + probe.function)) {
      probe.raw_prototype = btf->type(*own).type;
    } else if (const auto type =
                   btf->find(target::BtfKind::typedef_, "btf_trace_" + probe.function)) {
      const target::BtfType pointer = btf->type(btf->resolve(*type));
      if (pointer.kind == target::BtfKind::pointer) probe.raw_prototype = pointer.type;
    }
    return true;
  }

  bool resolve_rate() {
    const auto rate = parse_rate(lang::row(probe.kind).name, parts);
    if (!rate) {
      auto report = error(DiagId::bad_rate, "{}", rate.error().text);
      if (!rate.error().hint.empty()) report.hint("{}", rate.error().hint);
      return false;
    }
    probe.value = rate->value;
    probe.is_frequency = rate->is_frequency;
    probe.name = rate->name;
    return true;
  }

  bool resolve_user_function() {
    const std::string_view kind = lang::row(probe.kind).name;
    const auto path = script.target.find_program(parts[0]);
    if (!path || script.target.file_kind(*path) == target::FileKind::missing) {
      auto report =
          error(DiagId::no_such_file, "{} target file '{}' does not exist or is not executable",
                kind, parts[0]);
      if (parts[0].find('/') == std::string::npos)
        report.hint("it was looked for in $PATH{}; write the whole path",
                    parts[0].starts_with("lib") ? " and among the libraries" : "");
      return false;
    }
    if (script.target.file_kind(*path) == target::FileKind::not_elf) {
      error(DiagId::no_such_file, "'{}' is not an ELF program or library", *path)
          .hint("of a script, trace the interpreter that runs it");
      return false;
    }
    probe.target = *path;
    if (!read_function(parts[1])) return false;
    if (script.target.has_user_function(*path, probe.function)) return true;
    return missing(fmt::format("there is no function `{}` in {}", probe.function, *path),
                   script.target.user_functions(*path), probe.function);
  }

  bool resolve_kernel_function() {
    if (!read_function(parts[0])) return false;
    if (!script.target.has(target::Feature::kprobes)) {
      error(DiagId::kernel_cannot_attach,
            "this kernel cannot attach {}: it was built without CONFIG_KPROBES",
            lang::row(probe.kind).name)
          .hint("use a tracepoint, or a kernel with CONFIG_KPROBES=y");
      return false;
    }
    if (script.target.has_kernel_function(probe.function)) return true;
    return missing(
        fmt::format("there is no kernel function `{}` that can be probed", probe.function),
        script.target.kernel_functions(), probe.function);
  }

  // `function`; `function+4` and `0x1234` are not supported yet.
  bool read_function(std::string_view text) {
    const lang::ProbeKindRow& row = lang::row(probe.kind);
    probe.function = text;
    if (text.empty() || text.front() == '+') {
      error(DiagId::attach_point_parts, "{} needs the name of a function", row.name)
          .hint("write `{}`", row.syntax);
      return false;
    }
    if (text.front() >= '0' && text.front() <= '9') return planned(Construct::probe_address);
    if (text.find('+') == std::string_view::npos) return true;
    if (!row.at_return) return planned(Construct::probe_offset);
    error(DiagId::attach_point_parts, "{} takes no offset: it fires where the function returns",
          row.name)
        .hint("write `{}`", row.syntax);
    return false;
  }

  bool planned(Construct construct) {
    not_supported_yet(diag, span(), construct);
    return false;
  }

  // Forms of the language that have no place in probe_kinds.def yet.
  std::optional<Construct> find_planned_form() const {
    const bool user = lang::row(probe.kind).address_space == lang::AddressSpace::user;
    const bool kernel_function = !user && lang::row(probe.kind).context == lang::Context::registers;
    for (const std::string& part : parts)
      if (part.find_first_of("*[") != std::string::npos) return Construct::probe_wildcard;
    if (user && parts.size() == 1 && parts[0].find('@') != std::string::npos)
      return Construct::probe_line;
    if (user && parts.size() > 1 && parts[0].find('@') != std::string::npos &&
        parse_u64(parts[1]))  // file.c:LINE[:COLUMN]
      return Construct::probe_line;
    if (user && parts.size() == 3) return Construct::probe_language;
    if (kernel_function && parts.size() == 2) return Construct::probe_module;
    return std::nullopt;
  }

  bool resolve() {
    const lang::ProbeKindRow& row = lang::row(probe.kind);
    if (row.max_parts == 0 && parts == std::vector<std::string>{"*"}) parts.clear();
    if (const auto construct = find_planned_form()) return planned(*construct);
    if (!check_part_count(row)) return false;
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

void report_unknown_provider(diag::Diagnostics& diag, const ast::AttachPoint& attach_point,
                             const std::string& provider) {
  if (provider.find('*') != std::string::npos) {
    not_supported_yet(diag, attach_point.span, Construct::probe_wildcard);
    return;
  }
  if (lang::is_planned(lang::PlannedGroup::probe, provider) ||
      lang::is_planned(lang::PlannedGroup::probe, to_lower(provider))) {
    diag.error(DiagId::not_supported_yet, attach_point.span,
               "the probe type `{}` is not supported yet", provider);
    return;
  }
  auto report = diag.error(DiagId::unknown_probe_type, attach_point.span,
                           "there is no probe type `{}`", provider);
  const std::string_view candidate = nearest_provider(provider);
  report.suggest(candidate);
  if (!candidate.empty()) return;
  std::string list;
  for (const lang::ProbeKindRow& row : lang::probe_kinds())
    list += (list.empty() ? "`" : ", `") + std::string(row.name) + "`";
  report.hint("probe types are {}", list);
}

void resolve_attach_point(Script& script, diag::Diagnostics& diag, const ast::Probe& source,
                          ast::AttachPoint* attach_point) {
  std::vector<std::string> parts = split_attach_point(attach_point->text);
  const std::string provider = parts.front();
  parts.erase(parts.begin());
  // Exact spellings come first: `U` is usdt, `u` is uprobe.
  const bool planned = lang::is_planned(lang::PlannedGroup::probe, provider);
  const lang::ProbeKind* kind = planned ? nullptr : lang::find_probe_kind(provider);
  if (!kind) {
    report_unknown_provider(diag, *attach_point, provider);
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
  const bool warn = script.config.text(lang::ConfigKey::missing_probes) == "warn";
  const std::uint64_t limit = script.config.number(lang::ConfigKey::max_probes);
  std::size_t attach_points = 0;
  const ast::AttachPoint* beyond_limit = nullptr;
  for (ast::Item* item : script.program->items) {
    const auto* probe = ast::as<ast::Probe>(item);
    if (!probe) continue;
    const std::size_t before = script.probes.size();
    for (ast::AttachPoint* attach_point : probe->attach_points) {
      if (++attach_points == limit + 1) beyond_limit = attach_point;
      if (!beyond_limit) resolve_attach_point(script, diagnostics, *probe, attach_point);
    }
    if (script.probes.size() == before && !diagnostics.has_errors() && warn)
      diagnostics.warning(DiagId::probe_removed, probe->attach_points.front()->span,
                          "the probe has no attach point left and is removed; what it would have "
                          "assigned stays empty");
  }
  if (beyond_limit)
    diagnostics
        .error(DiagId::too_many_probes, beyond_limit->span,
               "the script has {} attach points, more than the limit of {}", attach_points, limit)
        .hint("raise the limit: `config = {{ max_probes = {} }}` or BPFTRACE_MAX_PROBES",
              attach_points);
  if (script.probes.empty() && !diagnostics.has_errors())
    diagnostics.error(DiagId::no_probes, {}, "No probes to attach");
}

}  // namespace sonde::sema
