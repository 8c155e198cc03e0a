// SPDX-License-Identifier: Apache-2.0
#include "runtime/time_text.h"

#include <fmt/format.h>

namespace sonde::runtime {

namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;

// Asked for each time: the wall clock may be set while the script runs.
std::uint64_t wall_time_ns(std::uint64_t ns, image::Clock clock) {
  if (clock != image::Clock::tai) return ns + clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME);
  // Leap seconds: a whole number, which hides the time between the two questions.
  const std::uint64_t ahead = clock_ns(CLOCK_TAI) - clock_ns(CLOCK_REALTIME) + second_ns / 2;
  return ns - ahead / second_ns * second_ns;
}

// What strftime() of C does not have, or means otherwise.
std::string with_fractions(const std::string& format, std::uint64_t fraction_ns) {
  std::string out;
  for (std::size_t i = 0; i < format.size(); ++i) {
    const char next = format[i] == '%' && i + 1 < format.size() ? format[i + 1] : '\0';
    switch (next) {
      case 'f': out += fmt::format("{:06}", fraction_ns / 1000); break;
      case 'l': out += fmt::format("{:03}", fraction_ns / 1'000'000); break;
      case 'k': out += fmt::format("{:09}", fraction_ns); break;
      case '\0': out += format[i]; continue;
      default: out.append({'%', next}); break;
    }
    ++i;
  }
  return out;
}

}  // namespace

std::uint64_t clock_ns(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * second_ns +
         static_cast<std::uint64_t>(now.tv_nsec);
}

void append_time(std::string& out, std::uint64_t ns, image::Clock clock,
                 const std::string& format) {
  if (format.empty()) return;
  const std::uint64_t wall = wall_time_ns(ns, clock);
  const auto seconds = static_cast<time_t>(wall / second_ns);
  tm parts{};
  std::string text(64 + 8 * format.size(), '\0');
  const std::string full = with_fractions(format, wall % second_ns);
  const bool known = ::localtime_r(&seconds, &parts) != nullptr;
  const std::size_t size = known ? ::strftime(text.data(), text.size(), full.c_str(), &parts) : 0;
  if (size == 0)
    out += "(?)";
  else
    out.append(text, 0, size);
}

}  // namespace sonde::runtime
