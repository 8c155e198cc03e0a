// SPDX-License-Identifier: Apache-2.0
#include "base/wildcard.h"

#include <gtest/gtest.h>

#include <string>

namespace sonde {
namespace {

TEST(Wildcard, IsAStarOrABracket) {
  EXPECT_TRUE(has_wildcard("vfs_*"));
  EXPECT_TRUE(has_wildcard("cpu[0"));
  EXPECT_TRUE(has_wildcard("0]"));
  EXPECT_FALSE(has_wildcard("vfs_read"));
  EXPECT_FALSE(has_wildcard("what?"));
  EXPECT_FALSE(has_wildcard(""));
}

TEST(Wildcard, MatchesTheWholeText) {
  EXPECT_TRUE(matches("vfs_read", "vfs_read"));
  EXPECT_FALSE(matches("vfs_rea", "vfs_read"));
  EXPECT_FALSE(matches("vfs_read", "vfs_rea"));
  EXPECT_FALSE(matches("vfs_*", "xvfs_read"));
  EXPECT_FALSE(matches("*_read", "vfs_reads"));
  EXPECT_TRUE(matches("", ""));
  EXPECT_FALSE(matches("", "a"));
}

TEST(Wildcard, StarIsAnyRun) {
  EXPECT_TRUE(matches("vfs_*", "vfs_read"));
  EXPECT_TRUE(matches("vfs_*", "vfs_"));
  EXPECT_TRUE(matches("*_read", "vfs_read"));
  EXPECT_TRUE(matches("*fs*ea*", "vfs_read"));
  EXPECT_FALSE(matches("*ea*fs*", "vfs_read"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("**a**", "a"));
}

TEST(Wildcard, PartsDoNotOverlap) {
  EXPECT_TRUE(matches("*ab", "aab"));
  EXPECT_TRUE(matches("*ab", "abab"));
  EXPECT_FALSE(matches("ab*ba", "aba"));
  EXPECT_FALSE(matches("*ab*b", "ab"));
  EXPECT_TRUE(matches("a*b*a", "aabba"));
}

TEST(Wildcard, ManyStarsStayFast) {
  EXPECT_FALSE(matches("*a*a*a*a*a*a*a*a*b", std::string(5000, 'a')));
}

TEST(Wildcard, BracketsMatchThemselves) {
  EXPECT_TRUE(matches("a[0]*", "a[0]b"));
  EXPECT_FALSE(matches("a[0]", "a0"));
  EXPECT_FALSE(matches("a?", "ab"));
}

}  // namespace
}  // namespace sonde
