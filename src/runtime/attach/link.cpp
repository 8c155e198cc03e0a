// SPDX-License-Identifier: Apache-2.0
#include "runtime/attach/link.h"

#include <bpf/libbpf.h>

namespace sonde::runtime {

Link::~Link() {
  if (libbpf_ != nullptr) bpf_link__destroy(libbpf_);
}

}  // namespace sonde::runtime
