// SPDX-License-Identifier: Apache-2.0
// The numbers are those of the architecture that sonde is compiled for; they are part of its
// ABI and never change. All facts that depend on the architecture are in this file.
#include "target/syscalls.h"

#include <asm/unistd.h>

#include <algorithm>
#include <array>

namespace sonde::target {

namespace {

struct Row {
  std::string_view name;
  std::uint32_t number;
};

constexpr Row from_headers[] = {
#define SYSCALL(NAME, NUMBER) {#NAME, NUMBER},
#include "syscall_numbers.inc"
#undef SYSCALL
};

// Calls that the headers of Debian 12 (6.1) do not have yet. Since 403 a new call has the same
// number on all architectures but alpha (arch/*/kernel/syscalls/syscall.tbl, scripts/syscall.tbl).
constexpr Row newer_than_headers[] = {
    {"cachestat", 451},          // Linux 6.5
    {"fchmodat2", 452},          // Linux 6.6
    {"map_shadow_stack", 453},   // Linux 6.6
    {"futex_wake", 454},         // Linux 6.7
    {"futex_wait", 455},         // Linux 6.7
    {"futex_requeue", 456},      // Linux 6.7
    {"statmount", 457},          // Linux 6.8
    {"listmount", 458},          // Linux 6.8
    {"lsm_get_self_attr", 459},  // Linux 6.8
    {"lsm_set_self_attr", 460},  // Linux 6.8
    {"lsm_list_modules", 461},   // Linux 6.8
    {"mseal", 462},              // Linux 6.10
    {"setxattrat", 463},         // Linux 6.13
    {"getxattrat", 464},         // Linux 6.13
    {"listxattrat", 465},        // Linux 6.13
    {"removexattrat", 466},      // Linux 6.13
    {"open_tree_attr", 467},     // Linux 6.15
    {"file_getattr", 468},       // Linux 6.17
    {"file_setattr", 469},       // Linux 6.17
#ifdef __x86_64__
    {"uretprobe", 335},  // Linux 6.11, only here
    {"uprobe", 336},     // Linux 6.18, only here
#endif
};

// tracefs spells a call as its SYSCALL_DEFINE does, user space as <asm/unistd.h>. These differ.
struct Alias {
  std::string_view tracefs_name;
  std::string_view header_name;
};
constexpr Alias aliases[] = {
    {"newstat", "stat"},    // fs/stat.c
    {"newlstat", "lstat"},  // fs/stat.c
    {"newfstat", "fstat"},  // fs/stat.c
    {"newuname", "uname"},  // kernel/sys.c
    {"umount", "umount2"},  // fs/namespace.c
#ifdef __LP64__
    {"sendfile64", "sendfile"},     // fs/read_write.c
    {"fadvise64_64", "fadvise64"},  // mm/fadvise.c, where the call takes a 64-bit length
#endif
};

template <std::size_t n>
const Row* find_row(const Row (&rows)[n], std::string_view name) {
  const auto* row = std::ranges::find(rows, name, &Row::name);
  return row == std::end(rows) ? nullptr : row;
}

}  // namespace

std::optional<std::uint32_t> syscall_number(std::string_view tracefs_name) {
  // Aliases first: on some architectures `umount` is also a call of its own in the headers,
  // implemented by a function of another name.
  const auto* alias = std::ranges::find(aliases, tracefs_name, &Alias::tracefs_name);
  const std::string_view name = alias == std::end(aliases) ? tracefs_name : alias->header_name;
  if (const Row* row = find_row(from_headers, name)) return row->number;
  if (const Row* row = find_row(newer_than_headers, name)) return row->number;
  return std::nullopt;
}

std::vector<std::string_view> syscall_names() {
  std::vector<std::string_view> names;
  const auto add = [&](const Row& row) {
    if (row.number >= names.size()) names.resize(row.number + 1);
    names[row.number] = row.name;
  };
  for (const Row& row : newer_than_headers) add(row);
  for (const Row& row : from_headers) add(row);
  return names;
}

}  // namespace sonde::target
