// SPDX-License-Identifier: Apache-2.0
// Takes the settings of `config = { … }`, then those of the environment, which win.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "ast/match.h"
#include "base/text.h"
#include "sema/passes.h"

namespace sonde::sema {

namespace {

// Settings of the machine, not of a script.
constexpr std::string_view environment_only[] = {"btf", "kernel_build", "kernel_source", "vmlinux"};
// Keys of other versions that never change a result.
constexpr std::string_view without_effect[] = {"symbol_source",  "max_type_res_iterations",
                                               "unstable_addr",  "unstable_import",
                                               "unstable_macro", "unstable_map_decl"};

std::string to_upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::toupper(c); });
  return out;
}

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  std::string word = to_lower(name);
  if (word.starts_with("bpftrace_")) word.erase(0, 9);
  for (const std::string_view n : names)
    if (n == word) return true;
  return false;
}

std::string_view nearest_key(std::string_view name) {
  std::vector<std::string_view> names;
  for (const lang::ConfigRow& row : lang::config_keys()) names.push_back(row.name);
  return nearest(name, std::span<const std::string_view>(names));
}

// Whether the value of `name = value` is written as a number; strings may consist of digits.
bool is_integer(std::string_view setting) {
  return !setting.empty() && !setting.ends_with('"') &&
         std::isdigit(static_cast<unsigned char>(setting[setting.find_last_of("= \t\r\n") + 1]));
}

std::string usual_setting(lang::ConfigKey key, std::string_view name) {
  const lang::ConfigRow& row = lang::row(key);
  const std::string_view quote = row.type == lang::ConfigType::text ? "\"" : "";
  return fmt::format("the default is `{} = {}{}{}`", name, quote, row.default_value, quote);
}

void apply_setting(lang::Config& config, const ast::Setting& setting,
                   const diag::SourceMap& sources, diag::Diagnostics& diag) {
  using diag::DiagId;
  if (is_one_of(setting.name, environment_only)) {
    diag.error(DiagId::bad_config, setting.span, "`{}` can only be set as an environment variable",
               setting.name)
        .hint("`BPFTRACE_{}=…`", to_upper(setting.name));
    return;
  }
  if (is_one_of(setting.name, without_effect)) {
    diag.warning(DiagId::config_without_effect, setting.span,
                 "`{}` is a setting of other versions and changes nothing", setting.name)
        .hint("leave it out");
    return;
  }
  const auto key = lang::find_config_key(setting.name);
  if (!key) {
    diag.error(DiagId::bad_config, setting.span, "there is no setting `{}`", setting.name)
        .suggest(nearest_key(setting.name));
    return;
  }
  if (const std::string_view name = lang::row(*key).name; !is_one_of(setting.name, {&name, 1}))
    diag.warning(DiagId::bad_config, setting.span, "`{}` has another name by now", setting.name)
        .hint("write `{} = {}`", name, setting.value);
  // A script may write any number for `true`.
  if (lang::row(*key).type == lang::ConfigType::boolean && parse_u64(setting.value).value_or(0) > 1)
    return void(config.set(*key, "1"));
  const bool wants_text = lang::row(*key).type == lang::ConfigType::text;
  if (wants_text && lang::row(*key).choices.empty() && is_integer(sources.text(setting.span))) {
    diag.error(DiagId::bad_config, setting.span, "`{}`: expected a text, found an integer",
               setting.name)
        .hint("write `{} = \"{}\"`", setting.name, setting.value);
    return;
  }
  if (const auto problem = config.set(*key, setting.value))
    diag.error(DiagId::bad_config, setting.span, "`{}`: {}, found `{}`", setting.name, *problem,
               setting.value)
        .hint("{}", usual_setting(*key, setting.name));
}

}  // namespace

void apply_config(Script& script, diag::Diagnostics& diagnostics) {
  for (ast::Item* item : script.program->items)
    if (const auto* config = ast::as<ast::Config>(item))
      for (const ast::Setting* setting : config->settings)
        apply_setting(script.config, *setting, script.sources, diagnostics);
  for (const auto& [key, text] : script.environment) {
    const auto problem = script.config.set(key, text);
    if (!problem) continue;
    diagnostics
        .error(diag::DiagId::bad_config, {}, "BPFTRACE_{} of the environment: {}, found `{}`",
               to_upper(lang::row(key).name), *problem, text)
        .hint("the default is `{}`", lang::row(key).default_value);
  }
}

}  // namespace sonde::sema
