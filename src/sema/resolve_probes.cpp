// SPDX-License-Identifier: Apache-2.0
// Finds what each attach point names on the target. Places that the body cannot tell apart share
// one copy of it, and so one program; others get their own, since types may differ between them.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>
#include <tuple>

#include "ast/match.h"
#include "ast/ops.h"
#include "base/text.h"
#include "base/wildcard.h"
#include "sema/attach_point.h"
#include "sema/passes.h"
#include "sema/probes/body_use.h"
#include "sema/probes/resolution.h"

namespace sonde::sema {

namespace {

using diag::DiagId;
using lang::ProbeKind;

using Resolver = void (*)(Resolution&);

constexpr Resolver resolvers[] = {
#define PROBE_KIND(NAME, ...) resolve_##NAME,
#include "lang/probe_kinds.def"
#undef PROBE_KIND
};

std::string_view nearest_provider(std::string_view word) {
  std::vector<std::string_view> names;
  for (const lang::ProbeKindRow& row : lang::probe_kinds()) names.push_back(row.name);
  return nearest(to_lower(word), std::span<const std::string_view>(names));
}

void report_unknown_provider(diag::Diagnostics& diag, const ast::AttachPoint& attach_point,
                             const std::string& provider) {
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

// `t:sched:sched_switch/pid == 1/` without the blank: where the predicate begins. Paths do not end
// in a `/`.
std::optional<std::size_t> predicate_in(std::string_view text) {
  const std::size_t last_part = text.rfind(':') + 1;
  const std::size_t slash = text.find('/', last_part);
  if (!text.ends_with('/') || slash == last_part || slash + 1 == text.size()) return std::nullopt;
  return slash;
}

bool check_predicate(diag::Diagnostics& diag, const ast::AttachPoint& attach_point) {
  const std::string_view text = attach_point.text;
  const auto predicate = predicate_in(text);
  if (!predicate) return true;
  diag::Span span = attach_point.span;
  // Else parameters stand in it.
  if (span.end - span.begin == text.size()) span.begin += static_cast<std::uint32_t>(*predicate);
  diag.error(DiagId::attach_point_parts, span, "a predicate cannot follow `{}` without a blank",
             text.substr(0, *predicate))
      .hint("put a blank before the predicate: `{} {}`", text.substr(0, *predicate),
            text.substr(*predicate));
  return false;
}

// A raw program is told which of its tracepoints has fired since Linux 6.10. One on all system
// calls reads the number.
bool tells_places_apart(const Resolution& r) {
  if (r.row().context != lang::Context::trace_record && r.row().context != lang::Context::raw_args)
    return true;
  return std::ranges::all_of(r.matches,
                             [](const Match& match) { return match.place.target == "syscalls"; }) ||
         r.script.target.has(target::Feature::raw_tracepoint_cookie);
}

bool share_a_body(const Resolution& r) {
  if (r.matches.size() < 2 || r.use.details || r.one_program_each) return false;
  return !r.use.name || (!r.use.at_compile && tells_places_apart(r));
}

class ProbeResolution {
 public:
  ProbeResolution(Script& script, diag::Diagnostics& diagnostics)
      : script_(script), diag_(diagnostics) {}

  void resolve(const ast::Probe& probe) {
    source_ = &probe;
    use_ = body_use(probe);
    seen_.clear();
    left_out_ = nullptr;
    is_filtered_ = false;
    const std::size_t before = script_.probes.size();
    std::vector<Resolution> unmatched;
    for (ast::AttachPoint* attach_point : probe.attach_points) {
      auto found = resolve(attach_point);
      if (found && found->unmatched) unmatched.push_back(*std::move(found));
    }
    if (script_.probes.size() != before || beyond_limit_ || left_out_ || is_filtered_) return;
    for (Resolution& each : unmatched) each.report_missing(*each.unmatched, "");
    const bool warn = script_.config.text(lang::ConfigKey::missing_probes) == "warn";
    if (warn && !diag_.has_errors())
      diag_.warning(DiagId::probe_removed, probe.attach_points.front()->span,
                    "the probe has no attach point left and is removed; what it would have "
                    "assigned stays empty");
  }

  void check_any() {
    if (!script_.probes.empty() || diag_.has_errors()) return;
    if (left_out_ && *left_out_ == ProbeKind::test)
      diag_.error(DiagId::not_asked_for, {}, "No probes attached; use --test to run test probes.");
    else if (left_out_ && *left_out_ == ProbeKind::bench)
      diag_.error(DiagId::not_asked_for, {},
                  "No probes attached; use --bench to run benchmark probes.");
    else
      diag_.error(DiagId::no_probes, {}, "No probes to attach");
  }

  void check_limits() {
    const auto check = [this](lang::ConfigKey setting, std::size_t count, const char* what,
                              diag::Span span) {
      const std::uint64_t limit = script_.config.number(setting);
      if (count <= limit) return;
      const std::string_view name = lang::row(setting).name;
      diag_
          .error(DiagId::too_many_probes, span, "the script has {} {}, more than the limit of {}",
                 count, what, limit)
          .hint("raise the limit: `config = {{ {} = {} }}` or BPFTRACE_{}", name, count,
                to_upper(name));
    };
    check(lang::ConfigKey::max_probes, places_, "attach points",
          beyond_limit_ ? beyond_limit_->span : diag::Span{});
    if (!beyond_limit_ && !script_.probes.empty())
      check(lang::ConfigKey::max_bpf_progs, script_.probes.size(), "programs",
            script_.probes.back()->attach_point->span);
  }

 private:
  // Nothing: it was reported.
  std::optional<Resolution> resolve(ast::AttachPoint* attach_point) {
    if (!check_predicate(diag_, *attach_point)) return std::nullopt;
    std::vector<std::string> parts = split_attach_point(attach_point->text);
    const std::string provider = parts.front();
    parts.erase(parts.begin());
    if (has_wildcard(provider)) return resolve_types(attach_point, provider, parts);
    // Exact spellings come first: `U` is usdt, `u` is uprobe.
    const ProbeKind* kind = lang::find_probe_kind(provider);
    if (!kind) {
      report_unknown_provider(diag_, *attach_point, provider);
      return std::nullopt;
    }
    if (!lang::contains(script_.wanted_probes, *kind)) {
      left_out_ = kind;
      return std::nullopt;
    }
    Resolution found = resolution_of(attach_point, *kind, std::move(parts));
    if (found.row().alone && source_->attach_points.size() > 1) {
      found
          .error(DiagId::attach_point_parts, "{} must be the only attach point of its probe",
                 found.row().name)
          .hint("write a probe for each");
      return std::nullopt;
    }
    const std::size_t before = diag_.all().size();
    resolvers[static_cast<std::size_t>(*kind)](found);
    // Warnings about places that then cannot be attached.
    if (found.unmatched) (void)diag_.take_since(before);
    add_found(attach_point, found);
    return found;
  }

  Resolution resolution_of(ast::AttachPoint* attach_point, ProbeKind kind,
                           std::vector<std::string> parts) {
    return {.script = script_,
            .diag = diag_,
            .attach_point = *attach_point,
            .kind = kind,
            .use = use_,
            .parts = std::move(parts)};
  }

  // A pattern of probe types: those of the kernel, or of programs where it is clear which. What the
  // rest means nothing to is not there.
  std::optional<Resolution> resolve_types(ast::AttachPoint* attach_point,
                                          const std::string& pattern,
                                          const std::vector<std::string>& parts) {
    const bool of_programs = (script_.process && script_.process->pid) ||
                             (!parts.empty() && parts[0].find('/') != std::string::npos);
    std::vector<ProbeKind> kinds;
    for (std::size_t i = 0; i < lang::probe_kinds().size(); ++i) {
      const lang::ProbeKindRow& row = lang::probe_kinds()[i];
      const bool is_of_program = row.address_space == lang::AddressSpace::user;
      if (row.in_patterns && !row.alone && is_of_program == of_programs &&
          matches(pattern, row.name))
        kinds.push_back(static_cast<ProbeKind>(i));
    }
    if (kinds.empty()) {
      report_no_types(*attach_point, pattern, of_programs);
      return std::nullopt;
    }
    bool any = false;
    Missing why{DiagId::no_such_probe, fmt::format("no probe matches `{}`", attach_point->text),
                ""};
    for (const ProbeKind kind : kinds) {
      Resolution found = resolution_of(attach_point, kind, parts);
      found.any_kind = true;
      const std::size_t before = diag_.all().size();
      resolvers[static_cast<std::size_t>(kind)](found);
      const std::vector<diag::Diagnostic> said = diag_.take_since(before);
      // There is such a probe.
      if (found.unmatched && found.unmatched->id == DiagId::kernel_cannot_attach)
        why = *found.unmatched;
      if (found.matches.empty()) continue;
      diag_.add(said);
      add_found(attach_point, found);
      any = true;
    }
    Resolution all = resolution_of(attach_point, kinds.front(), parts);
    if (!any) all.unmatched = why;
    return all;
  }

  void report_no_types(const ast::AttachPoint& attach_point, const std::string& pattern,
                       bool of_programs) {
    std::string list;
    for (const lang::ProbeKindRow& row : lang::probe_kinds())
      if (row.in_patterns && !row.alone &&
          (row.address_space == lang::AddressSpace::user) == of_programs)
        list += (list.empty() ? "`" : ", `") + std::string(row.name) + "`";
    diag_
        .error(DiagId::unknown_probe_type, attach_point.span, "no probe type matches `{}`", pattern)
        .hint("a pattern may mean {}", list);
  }

  void add_found(ast::AttachPoint* attach_point, Resolution& found) {
    merge_duplicates(found);
    filter(found);
    places_ += found.matches.size();
    if (places_ > script_.config.number(lang::ConfigKey::max_probes)) {
      if (!beyond_limit_) beyond_limit_ = attach_point;
    } else if (share_a_body(found)) {
      add_shared(attach_point, found);
    } else {
      for (Match& match : found.matches) add(attach_point, found, {&match, 1});
    }
  }

  // What another attach point of the probe names as well is attached once.
  void merge_duplicates(Resolution& found) {
    std::erase_if(found.matches, [&](const Match& match) {
      const Place& place = match.place;
      return !seen_
                  .insert({found.kind, place.target, place.function, place.value, place.detail,
                           match.is_frequency})
                  .second;
    });
    if (found.is_pattern())
      std::ranges::sort(found.matches, {},
                        [](const Match& match) -> const std::string& { return match.place.name; });
  }

  void filter(Resolution& found) {
    const bool stays = found.kind == ProbeKind::begin || found.kind == ProbeKind::end;
    if (stays || !script_.keeps_probe) return;
    is_filtered_ |= std::erase_if(found.matches, [&](const Match& match) {
                      return !script_.keeps_probe(match.place.name);
                    }) != 0;
  }

  // What the body asks for by number lies elsewhere in some places of USDT probes.
  void add_shared(ast::AttachPoint* attach_point, Resolution& found) {
    std::span<Match> rest = found.matches;
    while (!rest.empty()) {
      const std::vector<target::UsdtArgument> arguments = rest.front().usdt_arguments;
      const auto others = std::ranges::stable_partition(
          rest, [&](const Match& match) { return match.usdt_arguments == arguments; });
      add(attach_point, found, {rest.begin(), others.begin()});
      rest = others;
    }
  }

  void add(ast::AttachPoint* attach_point, const Resolution& found, std::span<Match> matches) {
    auto probe = std::make_unique<ResolvedProbe>();
    Match& first = matches.front();
    probe->kind = found.kind;
    probe->attach_point = attach_point;
    probe->name = matches.size() == 1 ? first.place.name : attach_point->text;
    probe->is_frequency = first.is_frequency;
    probe->tracepoint = std::move(first.tracepoint);
    probe->raw_prototype = first.raw_prototype;
    probe->usdt_arguments = std::move(first.usdt_arguments);
    probe->function_type = first.function_type;
    probe->by_trampoline = first.by_trampoline;
    probe->attach_reason = std::move(first.attach_reason);
    probe->typed_context = use_.typed_context;
    for (Match& match : matches) probe->places.push_back(std::move(match.place));
    if (source_->predicate)
      probe->predicate = static_cast<ast::Expr*>(ast::clone(*source_->predicate, script_.arena));
    probe->body = ast::clone_as(*source_->body, script_.arena);
    script_.probes.push_back(std::move(probe));
  }

  Script& script_;
  diag::Diagnostics& diag_;
  const ast::Probe* source_ = nullptr;
  BodyUse use_;
  // What the probe is attached to: target, function, value, detail, whether the value is in Hz.
  using PlaceKey =
      std::tuple<ProbeKind, std::string, std::string, std::uint64_t, std::uint64_t, bool>;
  std::set<PlaceKey> seen_;
  const ProbeKind* left_out_ = nullptr;  // of the last probe: a kind that is not asked for
  bool is_filtered_ = false;             // of the last probe: the filter has taken something
  std::size_t places_ = 0;
  const ast::AttachPoint* beyond_limit_ = nullptr;  // from it on nothing is added
};

}  // namespace

void resolve_probes(Script& script, diag::Diagnostics& diagnostics) {
  ProbeResolution resolution(script, diagnostics);
  for (ast::Item* item : script.program->items)
    if (const auto* probe = ast::as<ast::Probe>(item)) resolution.resolve(*probe);
  resolution.check_limits();
  resolution.check_any();
}

}  // namespace sonde::sema
