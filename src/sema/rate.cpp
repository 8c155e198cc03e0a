// SPDX-License-Identifier: Apache-2.0
#include "sema/rate.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/durations.h"
#include "sema/parameter_value.h"

namespace sonde::sema {

namespace {

// What may stand in front of the number: `profile:ms:10`.
constexpr std::string_view leading_units[] = {"s", "ms", "us"};

std::string examples(std::string_view provider) {
  return fmt::format("write `{0}:hz:99`, `{0}:s:1` or `{0}:50ms`", provider);
}

// The timers count with a sign.
constexpr std::uint64_t longest = INT64_MAX;

BadRate too_long(std::string_view text) {
  return {fmt::format("a period of {} is longer than 292 years", text), ""};
}

std::expected<Rate, BadRate> parse_duration(std::string_view provider, std::string_view text) {
  const ParameterInteger period = parse_parameter_integer(text);
  const bool is_number = period.problem.empty() || period.problem == out_of_range;
  if (!is_number || period.negative)
    return std::unexpected(BadRate{
        fmt::format("the rate of the {} probe is not a number with a unit: `{}`", provider, text),
        examples(provider)});
  if (!period.problem.empty() || period.magnitude > longest) return std::unexpected(too_long(text));
  if (period.magnitude < 1000)
    return std::unexpected(
        BadRate{fmt::format("the period of {} probes is at least 1us (1000 nanoseconds), found {} "
                            "nanoseconds",
                            provider, period.magnitude),
                period.is_duration ? fmt::format("write `{}:1us` or more", provider)
                                   : fmt::format("a number without unit is in nanoseconds: write "
                                                 "`{0}:hz:{1}` or `{0}:{1}ms`",
                                                 provider, text)});
  return Rate{.value = period.magnitude / 1000 * 1000,
              .is_frequency = false,
              .name = fmt::format("{}:us:{}", provider, period.magnitude / 1000)};
}

}  // namespace

std::expected<Rate, BadRate> parse_rate(std::string_view provider,
                                        std::span<const std::string> parts) {
  if (parts.size() == 1) return parse_duration(provider, parts[0]);
  const auto count = parse_count(parts[1]);
  if (!count)
    return std::unexpected(BadRate{
        fmt::format("the rate of the {} probe is not a positive integer: `{}`", provider, parts[1]),
        examples(provider)});
  const std::string name = fmt::format("{}:{}:{}", provider, parts[0], *count);
  if (parts[0] == "hz") return Rate{.value = *count, .is_frequency = true, .name = name};
  const auto* const unit = std::ranges::find(duration_units, parts[0], &DurationUnit::suffix);
  if (std::ranges::find(leading_units, parts[0]) != std::end(leading_units)) {
    if (*count > longest / unit->nanoseconds) return std::unexpected(too_long(parts[1] + parts[0]));
    return Rate{.value = *count * unit->nanoseconds, .is_frequency = false, .name = name};
  }
  return std::unexpected(BadRate{fmt::format("`{}` is not a unit of time", parts[0]),
                                 "units are `s`, `ms`, `us` and `hz`"});
}

}  // namespace sonde::sema
