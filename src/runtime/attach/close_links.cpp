// SPDX-License-Identifier: Apache-2.0
// The kernel waits for a grace period whenever a uprobe or a perf event is closed: links that are
// closed one after the other take as many of them. Threads wait for the same one.
#include "runtime/attach/close_links.h"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>

#include "runtime/attach/progress.h"

namespace sonde::runtime {

namespace {

constexpr std::size_t most_threads = 64;

class Links {
 public:
  explicit Links(std::vector<Link> links) : links_(std::move(links)) {}

  // Called by several threads, which touch nothing but the links whose numbers they have drawn.
  // False: there is none left.
  bool close_one() {
    const std::size_t i = drawn_++;
    if (i >= links_.size()) return false;
    { const Link closed = std::move(links_[i]); }
    ++closed_;
    return true;
  }
  std::size_t closed() const { return closed_; }

 private:
  std::vector<Link> links_;
  std::atomic<std::size_t> drawn_ = 0, closed_ = 0;
};

}  // namespace

void close_links(std::vector<Link> links, Progress& progress) {
  const std::size_t helpers = links.empty() ? 0 : std::min(links.size(), most_threads) - 1;
  Links open(std::move(links));
  std::vector<std::jthread> threads;
  threads.reserve(helpers);
  for (std::size_t i = 0; i < helpers; ++i) {
    try {
      threads.emplace_back([&open] {
        while (open.close_one()) continue;
      });
    } catch (const std::system_error&) {
      break;  // there are fewer then
    }
  }
  std::size_t told = 0;
  while (open.close_one()) {
    const std::size_t closed = open.closed();
    progress.advance(closed - told);
    told = closed;
  }
}

}  // namespace sonde::runtime
