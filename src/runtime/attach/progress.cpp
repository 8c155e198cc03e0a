// SPDX-License-Identifier: Apache-2.0
#include "runtime/attach/progress.h"

#include <string>

#include "runtime/run.h"

namespace sonde::runtime {

namespace {

using namespace std::chrono_literals;
constexpr auto patience = 500ms;
constexpr auto interval = 100ms;
constexpr std::string_view erase_line = "\r\033[K";

}  // namespace

void Progress::advance(std::size_t probes) {
  done_ += probes;
  if (!options_.say_on_terminal || done_ >= total_) return;
  const Clock::time_point now = Clock::now();
  if (now - shown_at_ < (is_shown_ ? Clock::duration(interval) : Clock::duration(patience))) return;
  shown_at_ = now;
  is_shown_ = true;
  options_.say(std::string(erase_line) + std::string(verb_) + ": " + std::to_string(done_) +
               " of " + std::to_string(total_) + " probes");
}

Progress::~Progress() {
  if (is_shown_) options_.say(erase_line);
}

}  // namespace sonde::runtime
