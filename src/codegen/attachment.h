// SPDX-License-Identifier: Apache-2.0
// How a probe is attached: the cheapest way that means the same.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "image/image.h"
#include "sema/script.h"

namespace sonde::codegen {

// A program: the probe's body, and what it is attached to.
struct Attachment {
  image::AttachKind kind{};
  std::string section;  // of the ELF object
  std::string reason;   // for people: why in this way; empty where there is no other
  std::vector<image::PlaceDesc> places;
  // What `probe` yields, by the number of the place: for a raw program on all system calls more
  // than it has places.
  std::vector<std::string> names;
  // A raw program on all system calls that wants these: their numbers, in the order of `names`.
  std::vector<std::uint32_t> syscalls;
  std::uint32_t served = 0;  // as in image::ProbeDesc
  // The body is a function that another program calls: program_plan.h.
  bool is_part = false;
  bool at_syscall_exit = false;
  // iter: offset of the pointer in the context that is null when there are no more objects.
  std::uint32_t object_offset = 0;
  bool is_pinned = false;
  // Offset of task_struct.thread_info.status, to leave out calls of the 32-bit ABI.
  std::uint32_t status_offset = 0;
};

// A line for people: the probe, how it is attached, and why.
std::string explain(const sema::ResolvedProbe& probe, const Attachment& how);

// Several where its places are attached in different ways.
std::vector<Attachment> choose_attachments(const sema::ResolvedProbe& probe,
                                           target::Target& target);

}  // namespace sonde::codegen
