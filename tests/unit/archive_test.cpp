// SPDX-License-Identifier: Apache-2.0
#include "base/archive.h"

#include <gtest/gtest.h>

#include <string>

namespace sonde {
namespace {

std::string number(std::uint32_t value, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

// An archive with one member, `data` under `name`.
std::string archive(const std::string& name, const std::string& data, std::uint32_t method) {
  const auto size = static_cast<std::uint32_t>(data.size());
  const auto name_size = static_cast<std::uint32_t>(name.size());
  const std::string sizes = number(0, 4) + number(size, 4) + number(size, 4);
  const std::string local = number(0x04034b50, 4) + number(10, 2) + number(0, 2) +
                            number(method, 2) + number(0, 4) + sizes + number(name_size, 2) +
                            number(3, 2) + name + "pad" + data;
  const std::string central = number(0x02014b50, 4) + number(10, 4) + number(0, 2) +
                              number(method, 2) + number(0, 4) + sizes + number(name_size, 2) +
                              number(0, 14) + number(0, 2) + name;
  const auto start = static_cast<std::uint32_t>(local.size());
  return local + central + number(0x06054b50, 4) + number(0, 4) + number(1, 2) + number(1, 2) +
         number(static_cast<std::uint32_t>(central.size()), 4) + number(start, 4) + number(7, 2) +
         "comment";
}

Result<ArchiveMember> find(const std::string& bytes, std::string_view member) {
  return find_archive_member(std::as_bytes(std::span(bytes)), member);
}

TEST(Archive, FindsTheBytesOfAStoredMember) {
  const std::string bytes = archive("lib/a.so", "the data", 0);
  const auto found = find(bytes, "lib/a.so");
  ASSERT_TRUE(found);
  EXPECT_EQ(bytes.substr(found->offset, found->size_bytes), "the data");
}

TEST(Archive, RefusesWhatItCannotRead) {
  EXPECT_EQ(find(archive("a", "x", 8), "a").error().message, "the member is compressed");
  EXPECT_EQ(find(archive("a", "x", 0), "b").error().message, "the archive has no such member");
  EXPECT_EQ(find("no archive", "b").error().message, "it is no ZIP archive");
}

TEST(Archive, TrustsNothing) {
  const std::string whole = archive("a", "some data", 0);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_FALSE(find(whole.substr(0, i), "a") && i < whole.size() - 7);
    std::string changed = whole;
    changed[i] = static_cast<char>(0xff);
    if (const auto found = find(changed, "a")) {
      EXPECT_LE(found->offset + found->size_bytes, changed.size());
    }
  }
}

TEST(Archive, SplitsPaths) {
  const auto parts = split_archive_path("/a/b.zip!/lib/c.so");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->archive, "/a/b.zip");
  EXPECT_EQ(parts->member, "lib/c.so");
  EXPECT_FALSE(split_archive_path("/a/b!c"));
  EXPECT_EQ(file_of("/a/b.zip!/c"), "/a/b.zip");
  EXPECT_EQ(file_of("/a/b"), "/a/b");
}

}  // namespace
}  // namespace sonde
