// SPDX-License-Identifier: Apache-2.0
#include "listing/providers.h"

#include <algorithm>
#include <iterator>

namespace sonde::listing {

#define LISTED(NAME, FUNCTION, ...) void FUNCTION(Request& request);
#include "listing/providers.def"
#undef LISTED

namespace {

constexpr Provider rows[] = {
#define LISTED(NAME, FUNCTION, ...) \
  Provider{.kind = lang::ProbeKind::NAME, .list = FUNCTION __VA_OPT__(, ) __VA_ARGS__},
#include "listing/providers.def"
#undef LISTED
};

}  // namespace

std::span<const Provider> providers() { return rows; }

const Provider* find_provider(std::string_view word) {
  const lang::ProbeKind* kind = lang::find_probe_kind(word);
  const auto row = kind ? std::ranges::find(rows, *kind, &Provider::kind) : std::end(rows);
  return row == std::end(rows) ? nullptr : row;
}

std::string Request::line(std::initializer_list<std::string_view> words) const {
  std::string text(provider.name());
  for (const std::string_view word : words) text.append(":").append(word);
  return text;
}

void Request::cannot(std::string_view what) const {
  if (is_named) context.diag.warning(diag::DiagId::cannot_ask_kernel, {}, "{}", what);
}

}  // namespace sonde::listing
