// SPDX-License-Identifier: Apache-2.0
// A process that a script is restricted to: how it is started, held back, watched and ended.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <thread>

#include "runtime/traced_process.h"
#include "target/process_files.h"

namespace sonde::runtime {
namespace {

std::string executable(pid_t pid) { return target::executable_of_process(pid).value_or(""); }

TEST(TracedProcess, ChildStandsStillUntilItIsResumed) {
  auto child = TracedProcess::start("/bin/sh", {"sh", "-c", "exit 3"});
  ASSERT_TRUE(child);
  EXPECT_TRUE(child->is_child());
  EXPECT_FALSE(child->has_ended());
  EXPECT_EQ(executable(child->pid()), executable(::getpid()));
  EXPECT_EQ(child->threads(), std::vector<pid_t>{child->pid()});
  ASSERT_TRUE(child->resume());
  EXPECT_EQ(child->ending(), "with status 3");
}

TEST(TracedProcess, ChildThatCannotBeExecutedSaysWhy) {
  auto child = TracedProcess::start("/no/such/file", {"file"});
  ASSERT_TRUE(child);
  const Status resumed = child->resume();
  ASSERT_FALSE(resumed);
  EXPECT_EQ(resumed.error().code, ENOENT);
}

TEST(TracedProcess, ChildEndsWithItsOwner) {
  pid_t waiting = 0, running = 0;
  {
    auto first = TracedProcess::start("/bin/sleep", {"sleep", "1000"});
    auto second = TracedProcess::start("/bin/sleep", {"sleep", "1000"});
    ASSERT_TRUE(first && second);
    waiting = first->pid();
    running = second->pid();
    ASSERT_TRUE(second->resume());
    EXPECT_EQ(executable(running), std::filesystem::canonical("/bin/sleep").native());
  }
  EXPECT_EQ(::kill(waiting, 0), -1);
  EXPECT_EQ(::kill(running, 0), -1);
}

TEST(TracedProcess, ChildThatDoesNotListenIsKilled) {
  pid_t deaf = 0;
  {
    auto child = TracedProcess::start("/bin/sh", {"sh", "-c", "trap '' TERM; while :; do :; done"});
    ASSERT_TRUE(child && child->resume());
    deaf = child->pid();
  }
  EXPECT_EQ(::kill(deaf, 0), -1);
}

TEST(TracedProcess, AnotherProcessIsWatchedAndLeftAlone) {
  auto child = TracedProcess::start("/bin/sleep", {"sleep", "1000"});
  ASSERT_TRUE(child && child->resume());
  {
    const auto other = TracedProcess::open(child->pid());
    ASSERT_TRUE(other);
    EXPECT_FALSE(other->is_child());
    EXPECT_FALSE(other->has_ended());
  }
  EXPECT_FALSE(child->has_ended());
  const auto other = TracedProcess::open(child->pid());
  ASSERT_TRUE(other);
  ::kill(child->pid(), SIGKILL);
  EXPECT_EQ(child->ending(), "by signal 9");
  EXPECT_TRUE(other->has_ended());
}

TEST(TracedProcess, WhatIsNoProcessIsRefused) {
  const auto none = TracedProcess::open(0x3fffff);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "there is no process 4194303");
  std::string message;
  std::thread([&] {
    const auto thread = TracedProcess::open(::gettid());
    if (!thread) message = thread.error().message;
  }).join();
  EXPECT_TRUE(message.ends_with("is a thread of the process " + std::to_string(::getpid())))
      << message;
}

TEST(TracedProcess, IsToldInItsOwnNamespace) {
  const auto own = pid_in_its_namespace(::getpid());
  ASSERT_TRUE(own);
  EXPECT_EQ(own->tgid, static_cast<std::uint32_t>(::getpid()));
  struct stat info {};
  ASSERT_EQ(::stat("/proc/self/ns/pid", &info), 0);
  EXPECT_EQ(own->inode, info.st_ino);
}

}  // namespace
}  // namespace sonde::runtime
