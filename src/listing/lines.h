// SPDX-License-Identifier: Apache-2.0
// The lines of one provider: put in order, and handed on in large pieces.
#pragma once

#include <string>
#include <vector>

#include "listing/list.h"

namespace sonde::listing {

class Lines {
 public:
  explicit Lines(const Sink& sink) : sink_(sink) {}

  // `details` are whole lines that stand below it.
  void add(std::string line, std::string details = {}) {
    entries_.push_back({std::move(line), std::move(details)});
  }
  // Hands on what was added, sorted bytewise, each line once.
  void flush();

 private:
  struct Entry {
    std::string line, details;
    auto operator<=>(const Entry&) const = default;
  };
  const Sink& sink_;
  std::vector<Entry> entries_;
};

}  // namespace sonde::listing
