// SPDX-License-Identifier: Apache-2.0
// The table of what can be listed (providers.def), and what its functions are given. Private to
// this folder.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lang/probe_kinds.h"
#include "listing/lines.h"
#include "listing/list.h"

namespace sonde::listing {

struct Request;

struct Provider {
  lang::ProbeKind kind{};
  void (*list)(Request& request);
  unsigned max_parts = 2;  // of a pattern, behind the provider
  bool of_code = false;    // attach points may have addresses and offsets
  bool has_rate = false;   // attach points say more than what is listed: `profile:hz:99`
  bool of_sonde = false;   // fires for the tracer itself: nothing that a script attaches

  const lang::ProbeKindRow& row() const { return lang::row(kind); }
  std::string_view name() const { return row().name; }
  bool of_programs() const { return row().address_space == lang::AddressSpace::user; }
};

std::span<const Provider> providers();
// By name or alias, as lang::find_probe_kind. Null when there is none.
const Provider* find_provider(std::string_view word);

// What is the same for all providers of a run.
struct Context {
  target::Target& target;
  const Options& options;
  diag::Diagnostics& diag;
  const Sink& sink;
  // Functions that BTF knows, by the module whose BTF it is.
  using FunctionIds = std::unordered_map<std::string_view, target::BtfId>;
  std::map<std::string, FunctionIds, std::less<>> functions;
};

// One pattern, for one provider.
struct Request {
  Context& context;
  const Provider& provider;
  std::vector<std::string> parts;  // behind the provider; patterns
  bool is_named = false;           // the provider stands in the pattern, without wildcard
  Lines lines;

  target::Target& target() const { return context.target; }
  bool with_arguments() const { return context.options.with_arguments; }
  // "provider:", and what follows each with a `:` between.
  std::string line(std::initializer_list<std::string_view> words) const;
  // Something cannot be looked up. Of a provider that was not named nobody wants to know.
  void cannot(std::string_view what) const;
};

}  // namespace sonde::listing
