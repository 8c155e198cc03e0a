// SPDX-License-Identifier: Apache-2.0
// What the programs could not do. They count it for each place in the script; the counters are
// looked at now and then and at the end, and each place is reported once when it first grows and
// once more with its total, never for each event.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "image/image.h"

namespace sonde::runtime {

class Object;
class Printer;
class Reporter;

// What is said about counters; knows nothing of where they come from.
class FailureReport {
 public:
  // All outlive this.
  FailureReport(const image::Image& image, Reporter& reporter, Printer& printer)
      : image_(image), reporter_(reporter), printer_(printer), sites_(image.failures.size()) {}

  // The counter of a site now, of all CPUs together; `last_code` is what the helper returned.
  void set(std::size_t site, std::uint64_t count, std::int64_t last_code);
  // Says what is new since the last time.
  void say_new();
  // Says what came after the first report of each site, and the total of lost events.
  void say_totals();

 private:
  struct Site {
    std::uint64_t count = 0;
    std::int64_t last_code = 0;
    std::uint64_t reported = 0;  // the count when it was last reported
  };
  bool is_shown(const image::FailureSite& site) const;
  void say_site(std::size_t index, bool with_total);
  void say_lost_total();

  const image::Image& image_;
  Reporter& reporter_;
  Printer& printer_;
  std::vector<Site> sites_;
};

// Reads the counters.
class Failures {
 public:
  Failures(const image::Image& image, const Object& object, Reporter& reporter, Printer& printer);

  // How long the event loop may sleep before look() is due again; -1: as long as it likes.
  int look_every_ms() const;
  // Looks when it is time to.
  void look_when_due();
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  void read();

  FailureReport report_;
  Reporter& reporter_;
  std::size_t site_count_;
  int map_fd_ = -1;  // -1: nothing in the script can fail
  Clock::time_point next_look_;
};

}  // namespace sonde::runtime
