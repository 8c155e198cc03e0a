// SPDX-License-Identifier: Apache-2.0
#include "driver/process_option.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "base/text.h"
#include "sema/parameter_value.h"
#include "target/target.h"

namespace sonde::driver {

using diag::DiagId;

namespace {

// PID_MAX_LIMIT of 64-bit kernels (include/linux/threads.h).
constexpr std::uint64_t greatest_pid = 0x400000;

bool is_executable(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

// As a shell finds it.
std::optional<std::string> find_command(const std::string& name) {
  if (name.find('/') != std::string::npos)
    return is_executable(name) ? std::optional(name) : std::nullopt;
  const char* folders = std::getenv("PATH");
  for (const std::string_view folder : split(folders ? folders : "/usr/bin:/bin", ':')) {
    std::string path = (folder.empty() ? "." : std::string(folder)) + "/" + name;
    if (is_executable(path)) return path;
  }
  return std::nullopt;
}

}  // namespace

std::optional<int> parse_pid(std::string_view option, std::string_view text,
                             diag::Diagnostics& diagnostics) {
  const sema::ParameterInteger number = sema::parse_parameter_integer(text);
  if (!number.problem.empty())
    diagnostics.error(DiagId::command_line, {}, "Failed to parse pid: {}: {}", number.problem, text)
        .hint("`{0}` takes the number of a process: `{0} $(pidof NAME)`", option);
  else if (number.negative || number.magnitude == 0 || number.magnitude > greatest_pid)
    diagnostics.error(DiagId::command_line, {}, "Pid out of range: {}", text)
        .hint("processes have numbers from 1 to {}", greatest_pid);
  else
    return static_cast<int>(number.magnitude);
  return std::nullopt;
}

std::vector<std::string> split_command(std::string_view text) {
  std::vector<std::string> words;
  for (const std::string_view word : split(text, ' '))
    if (!word.empty()) words.emplace_back(word);
  return words;
}

std::optional<sema::TracedProcess> describe_process(const CommandLine& line,
                                                    target::Target& kernel) {
  if (line.pid) return sema::TracedProcess{line.pid, kernel.executable_of(*line.pid).value_or("")};
  if (line.child.empty()) return std::nullopt;
  return sema::TracedProcess{std::nullopt, find_command(line.child.front()).value_or("")};
}

bool check_process(const CommandLine& line, diag::Diagnostics& diagnostics) {
  const auto check_pid = [&](int pid, std::string_view failure) {
    const auto process = runtime::TracedProcess::open(pid);
    if (!process)
      diagnostics.error(DiagId::command_line, {}, "{}: {}", failure, process.error().message);
    return process.has_value();
  };
  for (const int pid : line.dwarf_pids)
    if (!check_pid(pid, "Failed to unwind pid")) return false;
  if (line.pid) return check_pid(*line.pid, "Failed to attach to pid");
  if (line.child.empty() || find_command(line.child.front())) return true;
  const std::string& name = line.child.front();
  auto report =
      diagnostics.error(DiagId::command_line, {},
                        "Failed to fork child: '{}' does not exist or is not executable", name);
  if (name.find('/') == std::string::npos) report.hint("it was looked for in $PATH");
  return false;
}

std::optional<runtime::TracedProcess> open_process(const CommandLine& line,
                                                   diag::Diagnostics& diagnostics) {
  if (!line.pid && line.child.empty()) return std::nullopt;
  auto process =
      line.pid ? runtime::TracedProcess::open(*line.pid)
               : runtime::TracedProcess::start(
                     find_command(line.child.front()).value_or(line.child.front()), line.child);
  if (process) return *std::move(process);
  diagnostics.error(DiagId::command_line, {}, "{}: {}",
                    line.pid ? "Failed to attach to pid" : "Failed to fork child",
                    process.error().message);
  return std::nullopt;
}

}  // namespace sonde::driver
