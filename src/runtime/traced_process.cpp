// SPDX-License-Identifier: Apache-2.0
#include "runtime/traced_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

#include "base/file.h"
#include "base/text.h"

extern char** environ;

namespace sonde::runtime {

namespace {

// A process that wants to clean up has this long before it is killed.
constexpr int patience_ms = 1000;

UniqueFd open_pidfd(pid_t pid) {
  return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

bool becomes_readable(int fd, int timeout_ms) {
  pollfd wait{fd, POLLIN, 0};
  return ::poll(&wait, 1, timeout_ms) == 1;
}

std::string folder_of(pid_t pid) { return "/proc/" + std::to_string(pid); }

// The last number of the line `NAME:\t1 2 3` of /proc/PID/status: the innermost namespace's.
std::optional<std::uint64_t> number_of_status(pid_t pid, std::string_view name) {
  const auto status = read_file(folder_of(pid) + "/status");
  if (!status) return std::nullopt;
  for (const std::string_view line : split(*status, '\n'))
    if (line.starts_with(name)) return parse_u64(line.substr(line.find_last_of(" \t") + 1));
  return std::nullopt;
}

struct Pipe {
  UniqueFd read, write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) return fail_errno(errno, "cannot make a pipe");
  return Pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

// The child's side: nothing but system calls.
[[noreturn]] void wait_and_execute(const char* file, char* const* arguments, pid_t tracer, int gate,
                                   int errors) {
  constexpr int not_executed = 127;
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  char go = 0;
  if (::getppid() != tracer || ::read(gate, &go, 1) != 1) ::_exit(not_executed);
  ::execve(file, arguments, environ);
  const int error = errno;
  (void)!::write(errors, &error, sizeof error);
  ::_exit(not_executed);
}

}  // namespace

Result<TracedProcess> TracedProcess::open(pid_t pid) {
  UniqueFd pidfd = open_pidfd(pid);
  const int error = errno;
  if (pidfd.valid()) return TracedProcess(pid, std::move(pidfd));
  const auto process = number_of_status(pid, "Tgid:");
  if (process && *process != static_cast<std::uint64_t>(pid))
    return fail(std::to_string(pid) + " is a thread of the process " + std::to_string(*process));
  if (error == ESRCH) return fail("there is no process " + std::to_string(pid));
  return fail_errno(error, "cannot watch the process " + std::to_string(pid));
}

Result<TracedProcess> TracedProcess::start(const std::string& file,
                                           std::vector<std::string> arguments) {
  SONDE_TRY(Pipe gate, make_pipe());
  SONDE_TRY(Pipe errors, make_pipe());
  std::vector<char*> words;
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  const pid_t tracer = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return fail_errno(errno, "cannot start " + file);
  if (pid == 0) {
    gate.write.reset();  // so that our end is seen as the end of the pipe
    wait_and_execute(file.c_str(), words.data(), tracer, gate.read.get(), errors.write.get());
  }
  TracedProcess child(pid, open_pidfd(pid));
  child.is_child_ = true;
  child.file_ = file;
  child.gate_ = std::move(gate.write);
  child.errors_ = std::move(errors.read);
  if (!child.pidfd_.valid()) return fail_errno(errno, "cannot watch the process of " + file);
  return child;
}

TracedProcess::~TracedProcess() {
  const bool is_moved = pid_ == 0 || (!pidfd_.valid() && !gate_.valid());
  if (!is_child_ || is_moved || is_reaped_) return;
  const bool waits = gate_.valid();
  gate_.reset();
  if (!waits && !has_ended()) ::kill(pid_, SIGTERM);
  if (pidfd_.valid() && !becomes_readable(pidfd_.get(), patience_ms)) ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool TracedProcess::has_ended() const { return becomes_readable(pidfd_.get(), 0); }

std::vector<pid_t> TracedProcess::threads() const {
  std::vector<pid_t> all;
  std::error_code ended;
  for (const auto& entry : std::filesystem::directory_iterator(folder_of(pid_) + "/task", ended))
    if (const auto thread = parse_u64(entry.path().filename().native()))
      all.push_back(static_cast<pid_t>(*thread));
  return all;
}

Status TracedProcess::resume() {
  constexpr char go = 1;
  if (::write(gate_.get(), &go, 1) != 1) return fail_errno(errno, "the command has ended early");
  gate_.reset();
  // Closed by a successful execve().
  int error = 0;
  ssize_t count = 0;
  while ((count = ::read(errors_.get(), &error, sizeof error)) < 0 && errno == EINTR) {
  }
  errors_.reset();
  if (count == sizeof error) return fail_errno(error, "cannot execute it");
  return {};
}

std::string TracedProcess::ending() {
  int status = 0;
  if (is_reaped_ || ::waitpid(pid_, &status, 0) != pid_) return "in an unknown way";
  is_reaped_ = true;
  if (WIFSIGNALED(status)) return "by signal " + std::to_string(WTERMSIG(status));
  return "with status " + std::to_string(WEXITSTATUS(status));
}

// ns_match() compares the device in the kernel's form, which has 20 bits for the minor number
// (include/linux/kdev_t.h).
Result<NamespacePid> pid_in_its_namespace(pid_t pid) {
  const std::string path = folder_of(pid) + "/ns/pid";
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return fail_errno(errno, path);
  const auto tgid = number_of_status(pid, "NStgid:");
  if (!tgid) return fail("cannot read the number of the process " + std::to_string(pid));
  return NamespacePid{std::uint64_t{major(info.st_dev)} << 20 | minor(info.st_dev), info.st_ino,
                      static_cast<std::uint32_t>(*tgid)};
}

}  // namespace sonde::runtime
