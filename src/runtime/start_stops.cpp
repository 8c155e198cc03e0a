// SPDX-License-Identifier: Apache-2.0
#include "runtime/start_stops.h"

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>

#include "base/elf_symbols.h"
#include "base/file.h"
#include "symbols/process_maps.h"

namespace sonde::runtime {

namespace {

#ifdef __x86_64__

// Linking a large program takes tenths of a second.
constexpr std::chrono::seconds patience{10};
constexpr useconds_t look_again_us = 100;

bool ask(__ptrace_request request, pid_t pid, std::uint64_t address = 0, std::uint64_t data = 0) {
  return ::ptrace(request, pid, address, data) == 0;
}

// How it stopped, as of waitpid(). Nothing when it has ended, which is left for others to see, or
// runs on.
std::optional<int> next_stop(pid_t pid) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < end) {
    siginfo_t info{};
    constexpr int what = WSTOPPED | WEXITED | WNOWAIT | WNOHANG | __WALL;
    if (::waitid(P_PID, static_cast<id_t>(pid), &info, what) != 0) return std::nullopt;
    if (info.si_pid == pid) {
      if (info.si_code == CLD_EXITED || info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED)
        return std::nullopt;
      int status = 0;
      if (::waitpid(pid, &status, __WALL) != pid) return std::nullopt;
      return status;
    }
    ::usleep(look_again_us);
  }
  return std::nullopt;
}

enum class Stop : std::uint8_t {
  last,   // the one that was waited for
  ours,   // on the way there
  other,  // a signal, which is handed on
};

// Lets it run, from where it stands on, until `look_at` says that it has come there.
template <typename LookAt>
bool run_until(pid_t pid, LookAt look_at) {
  while (const auto status = next_stop(pid)) {
    const Stop stop = look_at(*status);
    if (stop == Stop::last) return true;
    const bool is_event = *status >> 16 != 0;
    const int signal = is_event || stop == Stop::ours ? 0 : WSTOPSIG(*status);
    if (!ask(PTRACE_CONT, pid, 0, static_cast<std::uint64_t>(signal))) return false;
  }
  return false;
}

// Where the dynamic linker comes when it has mapped libraries, and before it runs code of theirs,
// so that debuggers can look (r_brk of <link.h>). 0: there is none, or it is called otherwise.
std::uint64_t find_meeting_point(pid_t pid, std::uint64_t linker) {
  const auto regions = symbols::read_maps(static_cast<std::uint32_t>(pid));
  if (!regions || linker == 0) return 0;
  for (const symbols::Region& region : *regions) {
    if (region.path.empty() || region.start - region.file_offset != linker) continue;
    const auto file = ElfFile::open("/proc/" + std::to_string(pid) + "/root" + region.path);
    if (!file) return 0;
    for (const ElfSymbol& symbol : read_elf_symbols(*file).functions)
      if (symbol.name == "_dl_debug_state") return linker + symbol.address;
  }
  return 0;
}

struct Moments {
  std::uint64_t entry = 0;    // the program's own first instruction
  std::uint64_t meeting = 0;  // as above
};

// As the kernel tells the dynamic linker.
Moments moments_of(pid_t pid) {
  Moments moments;
  const auto vector = read_file("/proc/" + std::to_string(pid) + "/auxv");
  if (!vector) return moments;
  for (std::size_t at = 0; at + sizeof(Elf64_auxv_t) <= vector->size();
       at += sizeof(Elf64_auxv_t)) {
    Elf64_auxv_t each;
    std::memcpy(&each, vector->data() + at, sizeof each);
    if (each.a_type == AT_ENTRY) moments.entry = each.a_un.a_val;
    if (each.a_type == AT_BASE) moments.meeting = find_meeting_point(pid, each.a_un.a_val);
  }
  return moments;
}

// By debug registers, which leave the code as it is: probes may stand there.
bool set_breakpoints(pid_t pid, const Moments& moments) {
  constexpr std::uint64_t first_on = 1, second_on = 4;
  constexpr std::size_t registers = offsetof(struct user, u_debugreg);
  const auto set = [&](std::size_t number, std::uint64_t value) {
    return ask(PTRACE_POKEUSER, pid, registers + number * sizeof(long), value);
  };
  const std::uint64_t on =
      (moments.entry != 0 ? first_on : 0) | (moments.meeting != 0 ? second_on : 0);
  return set(0, moments.entry) && set(1, moments.meeting) && set(7, on);
}

bool stands_at(pid_t pid, std::uint64_t address) {
  errno = 0;
  const long at = ::ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user, regs.rip), 0);
  return errno == 0 && static_cast<std::uint64_t>(at) == address;
}

// It may run, where it was waited for too long.
void let_go(pid_t pid) {
  const auto end = [&] {
    set_breakpoints(pid, {});  // which would outlive us
    return ask(PTRACE_DETACH, pid);
  };
  if (!end() && ask(PTRACE_INTERRUPT, pid) && next_stop(pid)) end();
}

#endif

}  // namespace

#ifdef __x86_64__

StartStops::StartStops(pid_t pid) : pid_(pid) {
  if (!ask(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACEEXEC)) error_ = errno;
}

Status StartStops::run(const std::function<void()>& look) {
  if (error_ != 0) return fail_errno(error_, "it cannot be stopped");
  Status result;
  const bool executes = run_until(pid_, [](int status) {
    return status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8) ? Stop::last : Stop::other;
  });
  if (executes) {
    look();
    const Moments moments = moments_of(pid_);
    const auto look_at = [&](int status) {
      if (WSTOPSIG(status) != SIGTRAP) return Stop::other;
      const bool is_entry = stands_at(pid_, moments.entry);
      if (!is_entry && !stands_at(pid_, moments.meeting)) return Stop::other;
      look();
      return is_entry ? Stop::last : Stop::ours;
    };
    if (moments.entry == 0 || !set_breakpoints(pid_, moments))
      result = fail("it cannot be stopped at its entry point");
    else if (ask(PTRACE_CONT, pid_))
      run_until(pid_, look_at);
  }
  let_go(pid_);
  return result;
}

#else

StartStops::StartStops(pid_t pid) : pid_(pid) {}

Status StartStops::run(const std::function<void()>&) { return {}; }

#endif

}  // namespace sonde::runtime
