// SPDX-License-Identifier: Apache-2.0
#include "listing/list.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "base/wildcard.h"
#include "listing/providers.h"
#include "listing/types.h"
#include "sema/attach_point.h"

namespace sonde::listing {

using diag::DiagId;

namespace {

void list_provider(Context& context, const Provider& provider, std::vector<std::string> parts,
                   bool is_named) {
  if (parts.empty()) parts.emplace_back("*");
  if (parts.size() > provider.max_parts) {
    if (!is_named) return;
    auto report = context.diag.error(DiagId::attach_point_parts, {},
                                     "{} takes no more than {} parts behind its name, found {}",
                                     provider.name(), provider.max_parts, parts.size());
    if (provider.of_programs())
      report.hint("names with a `:` stand in quotes: `{}:FILE:cpp:\"ns::f\"`", provider.name());
    return;
  }
  Request request{context, provider, std::move(parts), is_named, Lines(context.sink)};
  provider.list(request);
  request.lines.flush();
}

// A provider with a wildcard means those of the kernel; those of programs where it is clear which.
bool is_meant(const Provider& provider, const std::string& pattern,
              const std::vector<std::string>& parts, const Options& options) {
  const bool names_file = !parts.empty() && parts[0].find('/') != std::string::npos;
  if (provider.of_programs())
    return (names_file || options.pid) && matches(pattern, provider.name());
  if (names_file) return false;
  return pattern == "*" ? provider.row().in_patterns : matches(pattern, provider.name());
}

void report_unknown(diag::Diagnostics& diag, const std::string& word) {
  std::vector<std::string_view> names;
  for (const Provider& provider : providers()) names.push_back(provider.name());
  const std::string_view candidate = nearest(word, std::span<const std::string_view>(names));
  auto report = diag.error(DiagId::unknown_probe_type, {}, "there is no probe type `{}`", word);
  report.suggest(candidate);
  if (!candidate.empty()) return;
  std::string list;
  for (const std::string_view name : names)
    list.append(list.empty() ? "`" : ", `").append(name).append("`");
  report.hint("probe types are {}", list);
}

void list_pattern(Context& context, std::string_view pattern) {
  if (list_types(pattern, context)) return;
  std::vector<std::string> parts = sema::split_attach_point(pattern);
  if (parts.size() == 1) parts.insert(parts.begin(), "*");
  const std::string provider = parts.front();
  parts.erase(parts.begin());
  if (!has_wildcard(provider)) {
    if (const Provider* row = find_provider(provider))
      list_provider(context, *row, std::move(parts), true);
    else
      report_unknown(context.diag, provider);
    return;
  }
  for (const Provider& row : providers())
    if (is_meant(row, provider, parts, context.options)) list_provider(context, row, parts, false);
}

// At commas outside of quotes: names of C++ have some.
std::vector<std::string_view> split_patterns(std::string_view text) {
  std::vector<std::string_view> patterns;
  bool quoted = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '"') quoted = !quoted;
    if (i < text.size() && (quoted || text[i] != ',')) continue;
    if (const auto pattern = trim(text.substr(start, i - start)); !pattern.empty())
      patterns.push_back(pattern);
    start = i + 1;
  }
  return patterns;
}

// `file@source.c:12`, `file:0x1234`: a place, not a name.
bool is_place(const std::vector<std::string>& parts) {
  if (parts.front().find('@') != std::string::npos) return true;
  return !parts.back().empty() && parts.back()[0] >= '0' && parts.back()[0] <= '9';
}

void list_attach_point(Context& context, const std::string& text) {
  std::vector<std::string> parts = sema::split_attach_point(text);
  const Provider* provider = find_provider(parts.front());
  // What a wildcard means, and what is unknown, is the same as in a pattern.
  if (!provider) return list_pattern(context, text);
  parts.erase(parts.begin());
  if (parts.empty() || provider->of_sonde) return;
  if (provider->has_rate || (provider->of_code && is_place(parts))) {
    std::string line(provider->name());
    for (const std::string& part : parts) line += ":" + part;
    context.sink(line + "\n");
    return;
  }
  if (provider->of_code) parts.back().resize(std::min(parts.back().find('+'), parts.back().size()));
  list_provider(context, *provider, std::move(parts), true);
}

}  // namespace

void list_attach_points(std::span<const std::string> texts, target::Target& target,
                        const Options& options, diag::Diagnostics& diagnostics, const Sink& sink) {
  Context context{target, options, diagnostics, sink, {}};
  for (const std::string& text : texts) list_attach_point(context, text);
}

void list_patterns(std::string_view patterns, target::Target& target, const Options& options,
                   diag::Diagnostics& diagnostics, const Sink& sink) {
  Context context{target, options, diagnostics, sink, {}};
  auto all = split_patterns(patterns);
  if (all.empty()) all.emplace_back("*:*");
  for (const std::string_view pattern : all) list_pattern(context, pattern);
}

}  // namespace sonde::listing
