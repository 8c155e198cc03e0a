// SPDX-License-Identifier: Apache-2.0
// One line on a terminal that tells how far something slow has come.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

namespace sonde::runtime {

struct RunOptions;

class Progress {
 public:
  // Says nothing unless the work on `total` probes takes longer than half a second. `verb`:
  // "Attaching". Both outlive the progress.
  Progress(const RunOptions& options, std::string_view verb, std::size_t total)
      : options_(options), verb_(verb), total_(total) {}
  // Takes the line away.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(std::size_t probes);

 private:
  using Clock = std::chrono::steady_clock;
  const RunOptions& options_;
  std::string_view verb_;
  std::size_t total_;
  std::size_t done_ = 0;
  Clock::time_point shown_at_ = Clock::now();
  bool is_shown_ = false;
};

}  // namespace sonde::runtime
