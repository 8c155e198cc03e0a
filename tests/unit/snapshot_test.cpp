// SPDX-License-Identifier: Apache-2.0
// The snapshot of the repository, and what damage to such a file does.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

#include "base/file.h"
#include "target/target.h"

namespace sonde::target {
namespace {

std::string snapshot_path() {
  const char* folder = std::getenv("SONDE_TEST_DATA");
  return std::string(folder ? folder : SONDE_TEST_DATA_DIR) + "/x86_64-6.18.snap";
}

class SnapshotTest : public testing::Test {
 protected:
  void SetUp() override {
    auto target = open_snapshot(snapshot_path());
    ASSERT_TRUE(target) << target.error().message;
    target_ = *std::move(target);
  }
  std::unique_ptr<Target> target_;
};

TEST_F(SnapshotTest, KnowsMachineAndFeatures) {
  EXPECT_TRUE(target_->release().starts_with("6.18"));
  EXPECT_EQ(target_->architecture(), "x86_64");
  EXPECT_TRUE(target_->has(Feature::may_goto));
  EXPECT_TRUE(target_->has(Feature::ring_buffer));
  EXPECT_TRUE(target_->has(Feature::uprobe_multi));
  EXPECT_FALSE(target_->has(Feature::kprobes));
}

TEST_F(SnapshotTest, KnowsTracepoints) {
  const auto tracepoint = target_->find_tracepoint("sched", "sched_switch");
  ASSERT_TRUE(tracepoint && *tracepoint);
  ASSERT_EQ((*tracepoint)->fields.size(), 7U);
  EXPECT_EQ((*tracepoint)->fields[0].type, "char[16]");
  EXPECT_TRUE((*tracepoint)->fields[1].is_signed);
  EXPECT_GT((*tracepoint)->id, 0U);
  const auto exec = target_->find_tracepoint("sched", "sched_process_exec");
  EXPECT_TRUE((*exec)->fields.at(0).is_data_loc);
  EXPECT_FALSE(*target_->find_tracepoint("sched", "no_such"));
}

TEST_F(SnapshotTest, ListsTracepoints) {
  const std::vector<std::string> categories = target_->tracepoint_categories();
  EXPECT_TRUE(std::ranges::is_sorted(categories));
  EXPECT_TRUE(std::ranges::count(categories, "syscalls") == 1);
  const std::vector<std::string> events = target_->tracepoint_events("raw_syscalls");
  EXPECT_EQ(events, (std::vector<std::string>{"sys_enter", "sys_exit"}));
}

TEST_F(SnapshotTest, KnowsTypes) {
  const Btf* btf = target_->btf();
  ASSERT_NE(btf, nullptr);
  EXPECT_TRUE(target_->btf_problem().empty());
  for (const char* name : {"task_struct", "thread_info", "pt_regs", "sock", "file", "path",
                           "dentry", "qstr", "inode", "bpf_perf_event_data", "linux_binprm"}) {
    const auto id = btf->find(BtfKind::struct_, name);
    ASSERT_TRUE(id) << name;
    EXPECT_FALSE(btf->members(*id).empty()) << name;
    for (const BtfMember& member : btf->members(*id)) {
      if (btf->type(btf->resolve(member.type)).kind == BtfKind::array) continue;  // maybe empty
      EXPECT_NE(btf->type(btf->resolve(member.type)).kind, BtfKind::fwd) << member.name;
    }
  }
}

TEST_F(SnapshotTest, KnowsRawTracepoints) {
  EXPECT_TRUE(target_->has_raw_tracepoint("sched_switch"));
  EXPECT_FALSE(target_->has_raw_tracepoint("no_such"));
  EXPECT_EQ(target_->raw_tracepoints().size(), 7U);
}

TEST_F(SnapshotTest, KnowsSystemCalls) {
  EXPECT_EQ(target_->syscall_number("read"), 0U);
  EXPECT_EQ(target_->syscall_number("openat"), 257U);
  EXPECT_EQ(target_->syscall_number("newstat"), 4U);
  EXPECT_EQ(target_->syscall_number("no_such"), std::nullopt);
}

TEST_F(SnapshotTest, KernelFunctionsNeedKprobes) {
  EXPECT_FALSE(target_->has_kernel_function("vfs_read"));
  EXPECT_EQ(target_->kernel_functions().size(), 5U);
  EXPECT_TRUE(target_->btf()->find(BtfKind::func, "vfs_read"));
}

TEST_F(SnapshotTest, KnowsPrograms) {
  EXPECT_EQ(target_->find_files("bash"), std::vector<std::string>{"/bin/bash"});
  EXPECT_EQ(target_->find_files("/bin/bash"), std::vector<std::string>{"/bin/bash"});
  EXPECT_TRUE(target_->find_files("zsh").empty());
  EXPECT_EQ(target_->file_kind("/bin/bash"), FileKind::elf);
  EXPECT_EQ(target_->file_kind("/bin/zsh"), FileKind::missing);
  EXPECT_TRUE(target_->has_user_function("/bin/bash", "readline"));
  EXPECT_FALSE(target_->has_user_function("/bin/bash", "no_such"));
}

// --- damage ---

class DamagedSnapshot : public testing::Test {
 protected:
  DamagedSnapshot()
      : path_(testing::TempDir() + "sonde_damaged_snapshot." + std::to_string(::getpid())) {}
  ~DamagedSnapshot() override { std::remove(path_.c_str()); }

  Result<std::unique_ptr<Target>> open(std::string_view content) {
    EXPECT_TRUE(write_file(path_, content));
    return open_snapshot(path_);
  }

  static void ask_everything(Target& target) {
    (void)target.has(Feature::may_goto);
    for (const std::string& category : target.tracepoint_categories())
      for (const std::string& event : target.tracepoint_events(category))
        (void)target.find_tracepoint(category, event);
    (void)target.raw_tracepoints();
    if (const Btf* btf = target.btf())
      for (BtfId id = 0; id < btf->type_count(); ++id) {
        (void)btf->members(id);
        (void)btf->params(id);
        (void)btf->size_of(id);
      }
  }

  std::string path_;
};

TEST_F(DamagedSnapshot, MissingFileIsAnError) {
  const auto target = open_snapshot("/no/such/file.snap");
  ASSERT_FALSE(target);
  EXPECT_EQ(target.error().code, ENOENT);
}

TEST_F(DamagedSnapshot, OtherFilesAreAnError) {
  for (const std::string_view content : {"", "hello", "{\"sonde_snapshot\":1}", "\xa0", "\xf6"}) {
    const auto target = open(content);
    ASSERT_FALSE(target);
    EXPECT_NE(target.error().message.find("not a snapshot"), std::string::npos);
  }
}

TEST_F(DamagedSnapshot, DeepNestingIsAnError) {
  EXPECT_FALSE(open(std::string(1'000'000, '\x81')));  // arrays of one array
}

TEST_F(DamagedSnapshot, HugeLengthsAreAnError) {
  for (const char* start : {"\x9b", "\xbb", "\x5b", "\x7b"})
    EXPECT_FALSE(open(std::string(start) + std::string(8, '\xff')));
}

TEST_F(DamagedSnapshot, TruncationsAreErrors) {
  const auto content = read_file(snapshot_path());
  ASSERT_TRUE(content);
  for (std::size_t size = 0; size < content->size(); size += size < 300 ? 1 : 479)
    EXPECT_FALSE(open(std::string_view(*content).substr(0, size))) << size;
  EXPECT_FALSE(open(std::string_view(*content).substr(0, content->size() - 1)));
}

TEST_F(DamagedSnapshot, RandomFlipsDoNotCrash) {
  const auto content = read_file(snapshot_path());
  ASSERT_TRUE(content);
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    std::string damaged = *content;
    for (int i = 0; i < 3; ++i)
      damaged[random() % damaged.size()] ^= static_cast<char>(1U << random() % 8);
    if (const auto target = open(damaged)) ask_everything(**target);
  }
}

TEST(WriteSnapshot, WhatIsWrittenCanBeRead) {
  const auto live = open_live_target();
  if (!live->btf()) GTEST_SKIP() << live->btf_problem();
  if (const auto probe = live->find_tracepoint("sched", "sched_switch"); !probe)
    GTEST_SKIP() << probe.error().message;
  const std::string path =
      testing::TempDir() + "sonde_written_snapshot." + std::to_string(::getpid());
  const auto written = write_snapshot(path, {.tracepoints = {"sched:sched_switch"},
                                             .structs = {"path"},
                                             .raw_tracepoints = {"sched_switch"},
                                             .kernel_functions = {"vfs_read", "mod:f"},
                                             .files = {"/proc/self/exe"}});
  ASSERT_TRUE(written) << written.error().message;
  const auto target = open_snapshot(path);
  std::remove(path.c_str());
  ASSERT_TRUE(target) << target.error().message;
  EXPECT_EQ((*target)->release(), live->release());
  EXPECT_EQ((*target)->tracepoint_categories(), std::vector<std::string>{"sched"});
  EXPECT_EQ((*target)->has(Feature::may_goto), live->has(Feature::may_goto));
  const auto functions = (*target)->traceable_functions();
  EXPECT_EQ(std::vector(functions.begin(), functions.end()),
            (std::vector<KernelFunction>{{"f", "mod"}, {"vfs_read", "vmlinux"}}));
  EXPECT_EQ((*target)->loaded_modules(), std::vector<std::string>{"mod"});
  EXPECT_EQ((*target)->find_files("*"), std::vector<std::string>{"/proc/self/exe"});
  EXPECT_EQ((*target)->find_files("/proc/*xe").size(), 1U);
  EXPECT_TRUE((*target)->find_files("/bin/*").empty());
  // Of this program, which has some.
  EXPECT_FALSE((*target)->usdt_probes("/proc/self/exe").empty());
  EXPECT_EQ((*target)->usdt_probes("/proc/self/exe"), live->usdt_probes("/proc/self/exe"));
}

TEST(WriteSnapshot, SaysWhatTheKernelDoesNotHave) {
  const auto live = open_live_target();
  if (const auto probe = live->find_tracepoint("sched", "sched_switch"); !probe)
    GTEST_SKIP() << probe.error().message;
  const std::string path =
      testing::TempDir() + "sonde_unwritten_snapshot." + std::to_string(::getpid());
  const auto written = write_snapshot(path, {.tracepoints = {"sched:no_such"}});
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message.find("sched:no_such"), std::string::npos);
}

}  // namespace
}  // namespace sonde::target
