// SPDX-License-Identifier: Apache-2.0
// Loads and attaches compiled scripts, each in a process of its own: `load_images FOLDER NAME…`
// takes the images FOLDER/NAME and says what became of them as tests/run does with --json. A guest
// loads in a moment what it would compile for seconds. `load_images --run FILE` runs one as sonde
// runs the script.
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "runtime/run.h"

namespace {

constexpr unsigned most_seconds = 300;  // of a slow machine; most need less than one

int load(const std::string& path, int messages, bool dry_run) {
  std::ifstream file(path, std::ios::binary);
  const std::string image{std::istreambuf_iterator<char>(file), {}};
  sonde::runtime::RunOptions options;
  options.dry_run = dry_run;
  options.say = [&](std::string_view text) { (void)!::write(messages, text.data(), text.size()); };
  return sonde::runtime::run(image, options);
}

// What a child writes until it has ended.
std::string read_all(int fd) {
  std::string text;
  char block[4096];
  for (ssize_t size = 0; (size = ::read(fd, block, sizeof block)) > 0;)
    text.append(block, static_cast<std::size_t>(size));
  return text;
}

// What is wrong, or "".
std::string problem_of(const std::string& path) {
  int pipe[2];
  if (::pipe(pipe) != 0) return std::strerror(errno);
  const pid_t child = ::fork();
  if (child < 0) return std::strerror(errno);
  if (child == 0) {
    ::alarm(most_seconds);
    ::close(pipe[0]);
    ::_exit(load(path, pipe[1], true));
  }
  ::close(pipe[1]);
  const std::string messages = read_all(pipe[0]);
  ::close(pipe[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) return "ended by signal " + std::to_string(WTERMSIG(status));
  if (WEXITSTATUS(status) == 0) return "";
  return "exit status " + std::to_string(WEXITSTATUS(status)) + ", not 0\n" + messages;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string(argv[1]) == "--run") return load(argv[2], STDERR_FILENO, false);
  const auto say = [](const nlohmann::json& event) { std::cout << event.dump() << std::endl; };
  for (int i = 2; i < argc; ++i) {
    const std::string name = argv[i];
    say({{"runs", name}, {"limit", most_seconds}});
    const auto start = std::chrono::steady_clock::now();
    const std::string problem = problem_of(std::string(argv[1]) + "/" + name);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    say({{"ended", name}, {"with", {problem.empty() ? "PASS" : "FAIL", problem, seconds.count()}}});
  }
  return 0;
}
