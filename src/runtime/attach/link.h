// SPDX-License-Identifier: Apache-2.0
// One attachment. Its destructor detaches and, where the kernel insists, waits for that.
#pragma once

#include <utility>

#include "base/unique_fd.h"

struct bpf_link;

namespace sonde::runtime {

class Link {
 public:
  explicit Link(bpf_link* link) : libbpf_(link) {}
  // A link that libbpf 1.1 knows nothing of; closing it detaches.
  explicit Link(UniqueFd fd) : fd_(std::move(fd)) {}

  Link(Link&& other) noexcept
      : libbpf_(std::exchange(other.libbpf_, nullptr)), fd_(std::move(other.fd_)) {}
  Link& operator=(Link&& other) noexcept {
    std::swap(libbpf_, other.libbpf_);
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Link();

 private:
  bpf_link* libbpf_ = nullptr;
  UniqueFd fd_;
};

}  // namespace sonde::runtime
