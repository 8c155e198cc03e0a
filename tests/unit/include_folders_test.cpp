// SPDX-License-Identifier: Apache-2.0
#include "ctext/include_folders.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace sonde::ctext {
namespace {

namespace fs = std::filesystem;

// What `/lib/modules/RELEASE` may be: a folder of its own for what is built, as on Debian, or one
// for everything.
class IncludeFolders : public testing::Test {
 protected:
  void SetUp() override {
    unsetenv("BPFTRACE_KERNEL_SOURCE");
    unsetenv("BPFTRACE_KERNEL_BUILD");
    char name[] = "/tmp/sonde_headers_XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    root_ = name;
    options_.architecture = "x86_64";
    options_.release = name;  // as the whole path, it takes the place of /lib/modules
  }
  void TearDown() override {
    fs::remove_all(root_);
    unsetenv("BPFTRACE_KERNEL_SOURCE");
    unsetenv("BPFTRACE_KERNEL_BUILD");
  }

  // Where `folder` stands among those that are searched, or -1.
  static std::ptrdiff_t place(const FrontEndOptions& options, const fs::path& folder) {
    const auto found = std::ranges::find(options.arguments, folder.string());
    return found == options.arguments.end() ? -1 : found - options.arguments.begin();
  }

  fs::path root_;
  Options options_;
};

TEST_F(IncludeFolders, WithoutHeadersOfTheKernel) {
  const FrontEndOptions options = front_end_options(options_, 0, false);
  EXPECT_FALSE(options.has_kernel_headers);
  EXPECT_EQ(std::ranges::count(options.arguments, "-D__KERNEL__"), 0);
  EXPECT_GE(place(options, "/usr/include"), 0);
}

TEST_F(IncludeFolders, SourceAndBuildOfTheModules) {
  fs::create_directories(root_ / "source");
  fs::create_directories(root_ / "build");
  const FrontEndOptions options = front_end_options(options_, 0, false);
  EXPECT_TRUE(options.has_kernel_headers);
  EXPECT_EQ(std::ranges::count(options.arguments, "-D__KERNEL__"), 1);
  const auto arch = place(options, root_ / "source/arch/x86/include");
  const auto generated = place(options, root_ / "build/arch/x86/include/generated");
  const auto include = place(options, root_ / "source/include");
  EXPECT_GE(arch, 0);
  EXPECT_GT(generated, arch);
  EXPECT_GT(include, generated);
  EXPECT_GT(place(options, root_ / "build/include/generated/uapi"), include);
  // Programs' headers of the same names are others.
  EXPECT_GT(place(options, "/usr/include"), include);
}

TEST_F(IncludeFolders, OneFolderHasAll) {
  fs::create_directories(root_ / "build/include/linux");
  const FrontEndOptions options = front_end_options(options_, 0, false);
  EXPECT_TRUE(options.has_kernel_headers);
  EXPECT_GE(place(options, root_ / "build/include"), 0);
  EXPECT_GE(place(options, root_ / "build/arch/x86/include"), 0);
  EXPECT_EQ(place(options, root_ / "source/include"), -1);
}

TEST_F(IncludeFolders, TheEnvironmentNamesAnotherPlace) {
  fs::create_directories(root_ / "build");
  fs::create_directories(root_ / "mine/include/linux");
  setenv("BPFTRACE_KERNEL_SOURCE", (root_ / "mine").c_str(), 1);
  const FrontEndOptions options = front_end_options(options_, 0, false);
  EXPECT_TRUE(options.has_kernel_headers);
  EXPECT_GE(place(options, root_ / "mine/include"), 0);
  EXPECT_GE(place(options, root_ / "build/include"), 0);
  EXPECT_EQ(place(options, root_ / "build/arch/x86/include"), -1);
}

}  // namespace
}  // namespace sonde::ctext
