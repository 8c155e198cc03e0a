// SPDX-License-Identifier: Apache-2.0
// How a probe is attached: the cheapest way that means the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "image/image.h"
#include "sema/script.h"

namespace sonde::codegen {

struct Attachment {
  image::AttachKind kind{};
  std::string section;   // of the ELF object
  std::string function;  // what the runtime attaches to
  // A raw program on all system calls that wants one of them.
  std::optional<std::uint32_t> syscall;
  bool at_syscall_exit = false;
  // Offset of task_struct.thread_info.status, to leave out calls of the 32-bit ABI.
  std::uint32_t status_offset = 0;
};

Attachment choose_attachment(sema::ResolvedProbe& probe, target::Target& target);

}  // namespace sonde::codegen
