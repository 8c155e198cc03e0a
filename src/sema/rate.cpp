// SPDX-License-Identifier: Apache-2.0
#include "sema/rate.h"

#include <fmt/format.h>

#include "base/text.h"

namespace sonde::sema {

namespace {

struct Unit {
  std::string_view suffix;
  std::uint64_t nanoseconds;
};
// Longer suffixes first: `ms` ends in `s`.
constexpr Unit durations[] = {{"ns", 1},
                              {"us", 1'000},
                              {"ms", 1'000'000},
                              {"s", 1'000'000'000},
                              {"m", 60'000'000'000},
                              {"h", 3'600'000'000'000},
                              {"d", 86'400'000'000'000},
                              {"", 1}};
constexpr Unit units[] = {{"s", 1'000'000'000}, {"ms", 1'000'000}, {"us", 1'000}};

std::string examples(std::string_view provider) {
  return fmt::format("write `{0}:hz:99`, `{0}:s:1` or `{0}:50ms`", provider);
}

// The timers count with a sign.
bool is_too_long(std::uint64_t count, std::uint64_t nanoseconds) {
  return count > INT64_MAX / nanoseconds;
}

BadRate too_long(std::string_view text) {
  return {fmt::format("a period of {} is longer than 292 years", text), ""};
}

std::expected<Rate, BadRate> parse_duration(std::string_view provider, std::string_view text) {
  for (const Unit& unit : durations) {
    if (!text.ends_with(unit.suffix)) continue;
    const auto number = parse_u64(text.substr(0, text.size() - unit.suffix.size()));
    if (!number) break;
    if (is_too_long(*number, unit.nanoseconds)) return std::unexpected(too_long(text));
    const std::uint64_t period = *number * unit.nanoseconds;
    if (period < 1000)
      return std::unexpected(BadRate{
          fmt::format("the period of {} probes is at least 1us (1000 nanoseconds), found {} "
                      "nanoseconds",
                      provider, period),
          unit.suffix.empty() ? fmt::format("a number without unit is in nanoseconds: write "
                                            "`{0}:hz:{1}` or `{0}:{1}ms`",
                                            provider, text)
                              : fmt::format("write `{}:1us` or more", provider)});
    return Rate{.value = period / 1000 * 1000,
                .is_frequency = false,
                .name = fmt::format("{}:us:{}", provider, period / 1000)};
  }
  return std::unexpected(BadRate{
      fmt::format("the rate of the {} probe is not a number with a unit: `{}`", provider, text),
      examples(provider)});
}

}  // namespace

std::expected<Rate, BadRate> parse_rate(std::string_view provider,
                                        std::span<const std::string> parts) {
  if (parts.size() == 1) return parse_duration(provider, parts[0]);
  const auto count = parse_u64(parts[1]);
  if (!count || *count == 0)
    return std::unexpected(BadRate{
        fmt::format("the rate of the {} probe is not a positive integer: `{}`", provider, parts[1]),
        examples(provider)});
  const std::string name = fmt::format("{}:{}:{}", provider, parts[0], parts[1]);
  if (parts[0] == "hz") return Rate{.value = *count, .is_frequency = true, .name = name};
  for (const Unit& unit : units) {
    if (unit.suffix != parts[0]) continue;
    if (is_too_long(*count, unit.nanoseconds))
      return std::unexpected(too_long(parts[1] + parts[0]));
    return Rate{.value = *count * unit.nanoseconds, .is_frequency = false, .name = name};
  }
  return std::unexpected(BadRate{fmt::format("`{}` is not a unit of time", parts[0]),
                                 "units are `s`, `ms`, `us` and `hz`"});
}

}  // namespace sonde::sema
