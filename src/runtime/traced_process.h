// SPDX-License-Identifier: Apache-2.0
// The one process that a script is restricted to: one that runs already (-p), or a command that
// is started for it (-c) and stands still until everything is attached.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace sonde::runtime {

class TracedProcess {
 public:
  static Result<TracedProcess> open(pid_t pid);
  // `arguments` begin with the command's own name; `file` is what is executed.
  static Result<TracedProcess> start(const std::string& file, std::vector<std::string> arguments);

  TracedProcess(TracedProcess&&) = default;
  TracedProcess& operator=(TracedProcess&&) = delete;
  // A child that still runs is told to end, and killed where it does not.
  ~TracedProcess();

  pid_t pid() const { return pid_; }
  bool is_child() const { return is_child_; }
  // Readable once the process has ended. Owned by this object.
  int fd() const { return pidfd_.get(); }
  bool has_ended() const;
  // Of the moment.
  std::vector<pid_t> threads() const;

  // Of a child: the file that it executes.
  const std::string& file() const { return file_; }
  // Of a child: lets it execute its file, and waits for that. Fails when it cannot.
  Status resume();
  // How a child that has ended did so: "with status 3". Asked for once.
  std::string ending();

 private:
  TracedProcess(pid_t pid, UniqueFd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}

  pid_t pid_ = 0;
  UniqueFd pidfd_;  // empty in an object that was moved from
  bool is_child_ = false;
  std::string file_;
  UniqueFd gate_;    // a byte in it lets the child go on; closed, the child gives up
  UniqueFd errors_;  // where the child says why it could not execute the file
  bool is_reaped_ = false;
};

// How a process is told in its own pid namespace.
struct NamespacePid {
  std::uint64_t device = 0;  // of the namespace, as the kernel writes it
  std::uint64_t inode = 0;
  std::uint32_t tgid = 0;
};
Result<NamespacePid> pid_in_its_namespace(pid_t pid);

}  // namespace sonde::runtime
