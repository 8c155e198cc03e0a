// SPDX-License-Identifier: Apache-2.0
// The live target: features, files, system calls, and where types come from.
#include "target/features.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "base/file.h"

namespace sonde::target {
namespace {

TEST(Release, ComparesNumbers) {
  EXPECT_TRUE(release_at_least("6.9.0", "6.9"));
  EXPECT_TRUE(release_at_least("6.12.3-amd64", "6.9"));
  EXPECT_TRUE(release_at_least("10.0", "9.99"));
  EXPECT_TRUE(release_at_least("6.9-rc1", "6.9"));
  EXPECT_FALSE(release_at_least("6.1.192", "6.9"));
  EXPECT_FALSE(release_at_least("5.15", "6.0"));
  EXPECT_FALSE(release_at_least("", "2.6.9"));
}

TEST(Features, HaveNames) {
  EXPECT_EQ(feature_name(Feature::may_goto), "may_goto");
  EXPECT_EQ(feature_name(Feature::uprobe_multi), "uprobe_multi");
}

// A feature is not expected before the version of its row, but a distribution may have it.
TEST(Features, NewKernelsHaveThem) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to try bpf(2)";
  const auto target = open_live_target();
  if (!release_at_least(target->release(), "6.9")) GTEST_SKIP() << "needs Linux 6.9";
  EXPECT_TRUE(target->has(Feature::may_goto));
  EXPECT_TRUE(target->has(Feature::ring_buffer));
}

TEST(Features, KprobesAreAnEventSource) {
  const bool expected = ::access("/sys/bus/event_source/devices/kprobe", F_OK) == 0;
  const auto target = open_live_target();
  EXPECT_EQ(target->has(Feature::kprobes), expected);
  EXPECT_EQ(target->kernel_functions().empty(), !expected);
}

TEST(Features, GoByTheVersionWhereBpfIsForbidden) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become a user without rights";
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setuid(65534) != 0) ::_exit(3);
    ::_exit(probe_feature(Feature::ring_buffer, "5.8.0") ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(LiveTarget, FindsPrograms) {
  const auto target = open_live_target();
  const std::vector<std::string> shells = target->find_files("sh");
  ASSERT_FALSE(shells.empty());
  EXPECT_TRUE(shells[0].ends_with("/sh"));
  EXPECT_EQ(target->find_files("/bin/sh"), std::vector<std::string>{"/bin/sh"});
  EXPECT_EQ(target->file_kind("/bin/sh"), FileKind::elf);
  EXPECT_EQ(target->file_kind("/etc/passwd"), FileKind::not_elf);
  EXPECT_EQ(target->file_kind("/no/such"), FileKind::missing);
  EXPECT_EQ(target->file_kind("/"), FileKind::missing);
}

TEST(LiveTarget, ProgramsAreFiles) {
  const auto target = open_live_target();
  for (const char* name : {"", "/", "..", "no-such-program", "/no/such", "libno_such"})
    EXPECT_TRUE(target->find_files(name).empty()) << name;
}

TEST(LiveTarget, FindsLibrariesByShortAndFullName) {
  const auto target = open_live_target();
  const std::vector<std::string> found = target->find_files("libc");
  if (found.empty()) GTEST_SKIP() << "no libc in the library folders";
  const std::string& library = found[0];
  EXPECT_EQ(target->file_kind(library), FileKind::elf);
  EXPECT_TRUE(target->has_user_function(library, "malloc"));
  EXPECT_FALSE(target->has_user_function(library, "no_such_function"));
  EXPECT_EQ(target->find_files(library.substr(library.rfind('/') + 1)), found);
}

TEST(LiveTarget, KnowsSystemCallsByTheirTracefsNames) {
  const auto target = open_live_target();
  for (const char* name : {"read", "newuname", "umount", "openat2", "futex_wake"})
    EXPECT_TRUE(target->syscall_number(name)) << name;
  EXPECT_EQ(target->syscall_number("newuname"), target->syscall_number("uname"));
  EXPECT_FALSE(target->syscall_number("no_such"));
#ifdef __x86_64__
  EXPECT_EQ(target->syscall_number("newstat"), 4U);
  EXPECT_EQ(target->syscall_number("umount"), 166U);
  EXPECT_EQ(target->syscall_number("sendfile64"), 40U);
#endif
}

// A call that this build cannot name is traced more slowly: time for a row in syscalls.cpp.
TEST(LiveTarget, KnowsAllSystemCallsOfThisKernel) {
  const auto target = open_live_target();
  const std::vector<std::string> events = target->tracepoint_events("syscalls");
  if (events.empty()) GTEST_SKIP() << "tracefs cannot be read, or has no system calls";
  for (const std::string& event : events) {
    if (!event.starts_with("sys_enter_")) continue;
    EXPECT_TRUE(target->syscall_number(event.substr(10))) << event;
  }
}

TEST(LiveTarget, TracepointsOfACategoryAreThoseOfAll) {
  const auto target = open_live_target();
  std::map<std::string, std::vector<std::string>, std::less<>> events;
  for (const std::string& name : target->tracepoints()) {
    const auto [category, event] = split_tracepoint(name);
    events[std::string(category)].emplace_back(event);
  }
  if (events.empty()) GTEST_SKIP() << "tracefs cannot be read";
  events["ftrace"];  // records of tracers
  for (const auto& [category, names] : events)
    EXPECT_EQ(target->tracepoint_events(category), names) << category;
}

TEST(LiveTarget, TracepointNamesCannotLeaveTheirFolder) {
  const auto target = open_live_target();
  for (const char* name : {"..", ".", "", "sched/../sched", "a\nb"}) {
    const auto found = target->find_tracepoint("sched", name);
    EXPECT_TRUE(!found || !*found) << name;
    EXPECT_TRUE(target->tracepoint_events(name).empty()) << name;
  }
}

class GivenBtf : public testing::Test {
 protected:
  ~GivenBtf() override { ::unsetenv("BPFTRACE_BTF"); }
};

TEST_F(GivenBtf, ReplacesTheKernels) {
  const std::string path = testing::TempDir() + "sonde_not_btf." + std::to_string(::getpid());
  ASSERT_TRUE(write_file(path, "no BTF here, but long enough for a header"));
  ::setenv("BPFTRACE_BTF", path.c_str(), 1);
  const auto target = open_live_target();
  EXPECT_EQ(target->btf(), nullptr);
  EXPECT_NE(target->btf_problem().find("not BTF"), std::string_view::npos);
  EXPECT_NE(target->btf_problem().find(path), std::string_view::npos);
  EXPECT_FALSE(target->has_raw_tracepoint("sched_switch"));
  std::remove(path.c_str());
}

TEST_F(GivenBtf, SaysWhichFileIsMissing) {
  ::setenv("BPFTRACE_BTF", "/no/such/btf", 1);
  const auto target = open_live_target();
  EXPECT_EQ(target->btf(), nullptr);
  EXPECT_NE(target->btf_problem().find("/no/such/btf"), std::string_view::npos);
}

TEST(LiveTarget, ReadsTheKernelsTypes) {
  const auto target = open_live_target();
  const Btf* btf = target->btf();
  if (!btf) GTEST_SKIP() << target->btf_problem();
  const auto task = btf->find_type("task_struct");
  ASSERT_TRUE(task);
  EXPECT_GT(btf->size_of(*task), 1000U);
  EXPECT_TRUE(target->has_raw_tracepoint("sys_enter"));
  EXPECT_GT(target->raw_tracepoints().size(), 100U);
}

}  // namespace
}  // namespace sonde::target
