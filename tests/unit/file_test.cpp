// SPDX-License-Identifier: Apache-2.0
// Whole files are read and written; what is no regular file survives it.
#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace sonde {
namespace {

struct Folder {
  Folder() { EXPECT_NE(::mkdtemp(path.data()), nullptr); }
  ~Folder() {
    for (const char* name : {"file", "link"}) ::unlink((path + "/" + name).c_str());
    ::rmdir(path.c_str());
  }
  std::string path = testing::TempDir() + "sonde_file.XXXXXX";
};

TEST(File, RewritingKeepsModeAndLink) {
  const Folder folder;
  const std::string path = folder.path + "/file", link = folder.path + "/link";
  ASSERT_TRUE(write_file(path, "first", 0640));
  ASSERT_EQ(::symlink("file", link.c_str()), 0);
  ASSERT_TRUE(rewrite_file(link, "second"));
  EXPECT_EQ(read_file(path).value(), "second");
  struct stat info {};
  ASSERT_EQ(::lstat(link.c_str(), &info), 0);
  EXPECT_TRUE(S_ISLNK(info.st_mode));
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640U);
  EXPECT_FALSE(rewrite_file(folder.path + "/none", "text"));
}

TEST(File, IsReadAsItWasWritten) {
  const Folder folder;
  const std::string path = folder.path + "/file";
  ASSERT_TRUE(write_file(path, "first and longer"));
  ASSERT_TRUE(write_file(path, "second"));
  EXPECT_EQ(read_file(path).value(), "second");
}

TEST(File, ADeviceIsWrittenToAndNotReplaced) {
  const Folder folder;
  const std::string path = folder.path + "/link";
  ASSERT_EQ(::symlink("/dev/full", path.c_str()), 0);
  const Status written = write_file(path, "text");
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message.find("No space left"), std::string::npos);
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_TRUE(S_ISCHR(info.st_mode));
}

TEST(File, OneWithoutEndIsRefused) {
  const Folder folder;
  const std::string path = folder.path + "/file";
  ASSERT_TRUE(write_file(path, ""));
  ASSERT_EQ(::truncate(path.c_str(), off_t{1} << 40), 0);  // sparse
  const auto content = read_file(path);
  ASSERT_FALSE(content);
  EXPECT_NE(content.error().message.find("File too large"), std::string::npos);
}

}  // namespace
}  // namespace sonde
