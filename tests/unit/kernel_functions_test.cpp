// SPDX-License-Identifier: Apache-2.0
#include "target/kernel_functions.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/file.h"
#include "target/btf_functions.h"

namespace sonde::target {
namespace {

using Functions = std::vector<KernelFunction>;

TEST(KernelFunctions, OfTracefsHaveModules) {
  const Functions functions = parse_filter_functions(
      "vfs_read\n__ftrace_invalid_address___16\nnf_hook [nf_tables]\next4_sync [ext4] extra\n");
  EXPECT_EQ(functions,
            (Functions{{"vfs_read", "vmlinux"}, {"nf_hook", "nf_tables"}, {"ext4_sync", "ext4"}}));
}

TEST(KernelFunctions, OfKallsymsAreCode) {
  const Functions functions = parse_kallsyms(
      "ffffffff81000000 T vfs_read\nffffffff81000010 D data\n0000000000000000 t local\n"
      "ffffffffc0000000 t nf_hook\t[nf_tables]\ngarbage\n\n");
  EXPECT_EQ(functions,
            (Functions{{"vfs_read", "vmlinux"}, {"local", "vmlinux"}, {"nf_hook", "nf_tables"}}));
}

TEST(KernelFunctions, WhatTheKernelRefusesIsLeftOut) {
  const auto blacklist = parse_kprobe_blacklist(
      "0xffffffff81000000-0xffffffff81000010\tnotify_die\n0x0-0x1\tdo_int3\n");
  EXPECT_EQ(blacklist, (std::vector<std::string>{"do_int3", "notify_die"}));
  const Functions chosen = choose_functions({{"z", "vmlinux"},
                                             {"do_int3", "vmlinux"},
                                             {"f.part.0", "vmlinux"},
                                             {"f", "m"},
                                             {"f", "a"},
                                             {"z", "vmlinux"},
                                             {"f.isra.0", "vmlinux"}},
                                            blacklist);
  EXPECT_EQ(chosen, (Functions{{"f", "a"}, {"f", "m"}, {"f.isra.0", "vmlinux"}, {"z", "vmlinux"}}));
}

TEST(KernelFunctions, OneIsFoundInTheText) {
  using Names = std::vector<std::string>;
  const std::string_view text =
      "vfs_read\nnf_hook [nf_tables]\nsetup [b]\nsetup\nsetup\t[a]\nsetup [b]\nlast";
  EXPECT_EQ(modules_listing(text, "vfs_read"), Names{"vmlinux"});
  EXPECT_EQ(modules_listing(text, "last"), Names{"vmlinux"});
  EXPECT_EQ(modules_listing(text, "nf_hook"), Names{"nf_tables"});
  EXPECT_EQ(modules_listing(text, "setup"), (Names{"a", "b", "vmlinux"}));
  for (const char* name : {"", "vfs", "read", "nf_tables", "vfs_read\nnf_hook", "nf_hook [nf"})
    EXPECT_EQ(modules_listing(text, name), Names{}) << name;
}

TEST(LiveTarget, TakesFunctionsFromAFile) {
  const std::string path = testing::TempDir() + "sonde_functions." + std::to_string(::getpid());
  ASSERT_TRUE(write_file(path, "b [mod]\na\na.part.1\n"));
  const auto target = open_live_target({.traceable_functions = path});
  const auto functions = target->traceable_functions();
  EXPECT_EQ(Functions(functions.begin(), functions.end()),
            (Functions{{"a", "vmlinux"}, {"b", "mod"}}));
  EXPECT_EQ(target->has_kernel_function("b"), target->has(Feature::kprobes));
  EXPECT_FALSE(target->has_kernel_function("c"));
  std::remove(path.c_str());
}

TEST(LiveTarget, KnowsFunctionsAndIterators) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to read the kernel's functions";
  const auto target = open_live_target();
  if (!target->btf()) GTEST_SKIP() << "this kernel has no BTF";
  const auto functions = target->traceable_functions();
  EXPECT_TRUE(std::ranges::is_sorted(functions));
  EXPECT_TRUE(std::ranges::binary_search(functions, KernelFunction{"vfs_read", "vmlinux"}));
  const auto attachable = trampoline_functions(*target, core_module);
  const auto read = std::ranges::find(attachable, "vfs_read", &BtfFunction::name);
  ASSERT_NE(read, attachable.end());
  EXPECT_EQ(target->btf()->type(read->id).name, "vfs_read");
  for (const BtfFunction& function : attachable)
    EXPECT_LE(target->btf()->type(target->btf()->type(function.id).type).vlen,
              max_trampoline_arguments(target->architecture()));
  EXPECT_EQ(trampoline_obstacle(*target, core_module, "vfs_read"), "");
  EXPECT_EQ(trampoline_obstacle(*target, core_module, "ns_to_timespec64"),
            "the function returns a struct or union");
  EXPECT_EQ(trampoline_obstacle(*target, core_module, "_printk"),
            "the number of the function's arguments varies");
  EXPECT_EQ(trampoline_obstacle(*target, core_module, "__rcu_read_lock"),
            "each trampoline itself runs through the function");
  EXPECT_TRUE(std::ranges::count(iterator_names(target->btf()), "task") == 1);
  EXPECT_TRUE(target->btf()->find(BtfKind::struct_, iterator_context("task")));
}

}  // namespace
}  // namespace sonde::target
