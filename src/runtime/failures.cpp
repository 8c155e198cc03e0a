// SPDX-License-Identifier: Apache-2.0
#include "runtime/failures.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "image/layout.h"
#include "runtime/map_entries.h"
#include "runtime/object.h"
#include "runtime/print/printer.h"
#include "runtime/reporter.h"

namespace sonde::runtime {

namespace {

using image::Failure;

enum class Shown : std::uint8_t { always, on_request, lost };

struct FailureRow {
  Shown shown;
  std::string_view helper;
  std::string_view text;
};

constexpr std::array rows = {
#define FAILURE(NAME, SHOWN, HELPER, TEXT) FailureRow{Shown::SHOWN, HELPER, TEXT},
#include "image/failures.def"
#undef FAILURE
};

constexpr const FailureRow& row(Failure failure) { return rows[static_cast<std::size_t>(failure)]; }

// Failed reads say what the kernel said: "Bad address".
std::string text_of(Failure failure, std::int64_t last_code) {
  const bool is_read = failure == Failure::kernel_read || failure == Failure::user_read;
  if (is_read && last_code < 0) return std::strerror(static_cast<int>(-last_code));
  // Where each loop has a limit of its own, that is what it says; else may_goto left it.
  if (failure == Failure::loop_cap && last_code > 0)
    return "A loop did not end within " + std::to_string(last_code) + " turns and was left.";
  if (failure == Failure::no_such_process)
    return std::string(row(failure).text) + " (pid=" + std::to_string(last_code) + ").";
  // Only that is for the user to mend; the other reasons (no memory, or a change of the same
  // bucket in the middle of which the probe fired) are the kernel's.
  if (failure == Failure::map_full && last_code != -E2BIG)
    return "Can't update map element: " + std::string(std::strerror(static_cast<int>(-last_code))) +
           ".";
  return std::string(row(failure).text);
}

constexpr std::chrono::milliseconds look_interval{200};

}  // namespace

void FailureReport::set(std::size_t site, std::uint64_t count, std::int64_t last_code) {
  if (site >= sites_.size()) return;  // the array has at least one slot
  sites_[site].count = count;
  // Helpers that return an int leave the upper half of the register zero where the kernel calls
  // them directly (seen with map_update_elem on 6.1): -7 arrives as 4294967289.
  sites_[site].last_code = static_cast<std::int32_t>(last_code);
}

bool FailureReport::is_shown(const image::FailureSite& site) const {
  switch (row(site.failure).shown) {
    case Shown::always: return true;
    case Shown::on_request: return reporter_.options().runtime_warnings;
    case Shown::lost: return false;  // told as a sum
  }
  SONDE_UNREACHABLE("every way of showing a failure is handled");
}

void FailureReport::say_site(std::size_t index, bool with_total) {
  const image::FailureSite& place = image_.failures[index];
  Site& site = sites_[index];
  std::string text = text_of(place.failure, site.last_code);
  if (with_total) text += " (" + std::to_string(site.count) + " times in all)";
  printer_.runtime_warning(
      {to_span(place.range), std::move(text), row(place.failure).helper, site.last_code});
  site.reported = site.count;
}

void FailureReport::say_new() {
  std::uint64_t lost = 0;
  for (std::size_t i = 0; i < sites_.size(); ++i) {
    if (row(image_.failures[i].failure).shown == Shown::lost) {
      lost += sites_[i].count - sites_[i].reported;
      sites_[i].reported = sites_[i].count;
    } else if (is_shown(image_.failures[i]) && sites_[i].reported == 0 && sites_[i].count != 0) {
      say_site(i, false);
    }
  }
  if (lost != 0) printer_.lost_events(lost);
}

void FailureReport::say_lost_total() {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < sites_.size(); ++i)
    if (row(image_.failures[i].failure).shown == Shown::lost) total += sites_[i].count;
  if (total == 0) return;
  reporter_.warning({}, "Total lost event count: " + std::to_string(total));
  for (std::size_t i = 0; i < sites_.size(); ++i) {
    const image::FailureSite& place = image_.failures[i];
    if (row(place.failure).shown != Shown::lost || sites_[i].count == 0) continue;
    reporter_.brief_warning(to_span(place.range),
                            "Events lost here: " + std::to_string(sites_[i].count));
  }
}

void FailureReport::say_totals() {
  for (std::size_t i = 0; i < sites_.size(); ++i)
    if (is_shown(image_.failures[i]) && sites_[i].count > sites_[i].reported) say_site(i, true);
  say_lost_total();
}

Failures::Failures(const image::Image& image, const Object& object, Reporter& reporter,
                   Printer& printer)
    : report_(image, reporter, printer), reporter_(reporter), site_count_(image.failures.size()) {
  if (!image.failures.empty()) map_fd_ = object.map_fd(image::failures_map);
}

int Failures::look_every_ms() const {
  return map_fd_ < 0 ? -1 : static_cast<int>(look_interval.count());
}

void Failures::read() {
  const unsigned cpus = possible_cpus();
  const RawLayout layout{static_cast<std::uint32_t>(site_count_), sizeof(std::uint32_t),
                         static_cast<std::uint32_t>(cpus * sizeof(image::FailureCounter))};
  const auto take = [&](const std::byte* key, const std::byte* value) {
    std::uint32_t site = 0;
    std::memcpy(&site, key, sizeof site);
    std::uint64_t count = 0;
    std::int64_t last_code = 0;
    for (unsigned cpu = 0; cpu < cpus; ++cpu) {
      image::FailureCounter part;
      std::memcpy(&part, value + cpu * sizeof part, sizeof part);
      count += part.count;
      if (part.count != 0) last_code = part.last_code;
    }
    report_.set(site, count, last_code);
  };
  if (const Status status = for_each_entry(map_fd_, layout, take); !status)
    reporter_.warning({}, status.error().message);
}

void Failures::look_when_due() {
  if (map_fd_ < 0) return;
  const Clock::time_point now = Clock::now();
  if (now < next_look_) return;
  next_look_ = now + look_interval;
  read();
  report_.say_new();
}

void Failures::finish() {
  if (map_fd_ < 0) return;
  read();
  report_.say_new();
  report_.say_totals();
}

}  // namespace sonde::runtime
