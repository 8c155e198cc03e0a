// SPDX-License-Identifier: Apache-2.0
// One attach point while what it names is looked up on the target. There is one function for each
// row of lang/probe_kinds.def, in the file of its family: it adds what it finds, or reports.
#pragma once

#include <fmt/format.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lang/probe_kinds.h"
#include "sema/script.h"

namespace sonde::sema {

// What the script's text says about the probe's body.
struct BodyUse {
  bool details = false;     // names something that depends on the one place: `args`, `uaddr`
  bool name = false;        // `probe`
  bool at_compile = false;  // decides something when it is compiled
  bool args = false;
  bool retval = false;
  unsigned numbered_arguments = 0;  // one more than the greatest N of `argN`
  std::string_view registers_for;   // a word that has its value from registers: `ctx`
  bool typed_context = false;       // as in ResolvedProbe
};

struct Match {
  Place place;
  bool is_frequency = false;
  std::optional<target::Tracepoint> tracepoint;
  target::BtfId raw_prototype = 0;
  std::vector<target::UsdtArgument> usdt_arguments;  // where the body asks for one
  std::optional<KernelFunctionType> function_type;
  bool by_trampoline = false;
  std::string attach_reason;
};

// Why an attach point has no place.
struct Missing {
  diag::DiagId id{};
  std::string text;
  std::string hint;
};

struct Resolution {
  Script& script;
  diag::Diagnostics& diag;
  const ast::AttachPoint& attach_point;
  lang::ProbeKind kind{};
  BodyUse use;
  std::vector<std::string> parts;  // behind the provider
  bool any_kind = false;           // the provider is a pattern

  std::vector<Match> matches;
  // A program serves one place.
  bool one_program_each = false;
  // A pattern that nothing fits. It is an error only where the probe has no other attach point.
  std::optional<Missing> unmatched;

  const lang::ProbeKindRow& row() const { return lang::row(kind); }
  bool is_pattern() const;

  template <typename... Args>
  diag::DiagnosticBuilder error(diag::DiagId id, fmt::format_string<Args...> format,
                                Args&&... args) {
    return diag.error(id, attach_point.span, format, std::forward<Args>(args)...);
  }

  // Adds a place, which is called by the provider and these parts.
  Match& add(Place place, std::initializer_list<std::string_view> named);

  // There is no such function or event: an error, a warning or nothing, as `missing_probes` says.
  // `candidates()` is asked where a similar name may help.
  template <typename Candidates>
  void missing(const std::string& text, std::string_view word, Candidates candidates) {
    const Missing what{diag::DiagId::no_such_probe, text, ""};
    if (is_pattern())
      unmatched = what;
    else
      report_missing(what, tells_missing() ? nearest_of(word, candidates()) : "");
  }
  // The kernel lacks what such probes need, whatever was found: the same.
  void cannot_attach(Missing why);
  void report_missing(const Missing& what, std::string_view candidate);

  bool check_part_count();

 private:
  bool tells_missing() const;  // missing_probes is not "ignore"
  static std::string nearest_of(std::string_view word, const std::vector<std::string>& candidates);
};

#define PROBE_KIND(NAME, ...) void resolve_##NAME(Resolution& resolution);
#include "lang/probe_kinds.def"
#undef PROBE_KIND

}  // namespace sonde::sema
