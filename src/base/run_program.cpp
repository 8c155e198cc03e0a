// SPDX-License-Identifier: Apache-2.0
#include "base/run_program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "base/unique_fd.h"

extern char** environ;

namespace sonde {

namespace {

// A file in memory takes any amount without anybody reading meanwhile, and what the program leaves
// running in the background does not keep us waiting, as the other end of a pipe would.
Result<UniqueFd> memory_file(const char* name) {
  UniqueFd fd(::memfd_create(name, MFD_CLOEXEC));
  if (!fd.valid()) return fail_errno(errno, "cannot make a file in memory");
  return fd;
}

Result<pid_t> start(std::vector<std::string> arguments, int output, int errors) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&files, errors, STDERR_FILENO);
  sigset_t none;
  sigemptyset(&none);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  std::vector<char*> words;
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  pid_t child = -1;
  const int error = ::posix_spawnp(&child, words[0], &files, &attributes, words.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  if (error != 0) return fail_errno(error, "cannot run " + arguments[0]);
  return child;
}

std::string content_of(int fd) {
  std::string text;
  const off_t size = ::lseek(fd, 0, SEEK_END);
  if (size <= 0) return text;
  text.resize(static_cast<std::size_t>(size));
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count =
        ::pread(fd, text.data() + done, text.size() - done, static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  text.resize(done);
  return text;
}

}  // namespace

Result<Finished> run_program(const std::vector<std::string>& arguments, Streams streams) {
  SONDE_TRY(const UniqueFd output, memory_file("output"));
  UniqueFd errors;
  if (streams == Streams::separate) {
    SONDE_TRY(errors, memory_file("errors"));
  }
  SONDE_TRY(const pid_t child,
            start(arguments, output.get(), errors.valid() ? errors.get() : output.get()));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return fail_errno(errno, "cannot wait for " + arguments[0]);
  Finished finished;
  if (WIFSIGNALED(status))
    finished.signal = WTERMSIG(status);
  else
    finished.exit_code = WEXITSTATUS(status);
  finished.output = content_of(output.get());
  if (errors.valid()) finished.errors = content_of(errors.get());
  return finished;
}

}  // namespace sonde
