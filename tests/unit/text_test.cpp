// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sonde {
namespace {

using Strings = std::vector<std::string_view>;

TEST(Text, SplitKeepsEmptyParts) {
  EXPECT_EQ(split("a:b", ':'), (Strings{"a", "b"}));
  EXPECT_EQ(split(":a:", ':'), (Strings{"", "a", ""}));
  EXPECT_EQ(split("", ':'), (Strings{""}));
}

TEST(Text, TrimTakesBlanksOffBothEnds) {
  EXPECT_EQ(trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Text, ToLowerChangesAsciiOnly) { EXPECT_EQ(to_lower("SIGusr1 \xC4"), "sigusr1 \xC4"); }

TEST(Text, EditDistanceCountsSingleCharacterEdits) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("comm", "com"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("same", "same"), 0U);
}

TEST(Text, EditDistanceCountsSwappedNeighboursOnce) {
  EXPECT_EQ(edit_distance("pirnt", "print"), 1U);
  EXPECT_EQ(edit_distance("ab", "ba"), 1U);
}

TEST(Text, NearestFindsTheMostLikely) {
  const std::vector<std::string> names{"printf", "print", "clear", "hist"};
  EXPECT_EQ(nearest("pritn", names), "print");
  EXPECT_EQ(nearest("clera", names), "clear");
  EXPECT_EQ(nearest("print", names), "print");
  EXPECT_EQ(nearest("hsit", Strings{"hist"}), "hist");
}

TEST(Text, NearestIsEmptyWhenNothingIsClose) {
  const std::vector<std::string> names{"printf", "clear"};
  EXPECT_EQ(nearest("kstack", names), "");
  EXPECT_EQ(nearest("x", std::vector<std::string>{}), "");
}

TEST(Text, ParseU64ReadsThreeBases) {
  EXPECT_EQ(parse_u64("0"), 0U);
  EXPECT_EQ(parse_u64("42"), 42U);
  EXPECT_EQ(parse_u64("0x2A"), 42U);
  EXPECT_EQ(parse_u64("0X2a"), 42U);
  EXPECT_EQ(parse_u64("052"), 42U);
  EXPECT_EQ(parse_u64("18446744073709551615"), UINT64_MAX);
}

TEST(Text, ParseU64WantsTheWholeText) {
  for (const char* text :
       {"", " 1", "1 ", "-1", "+1", "1a", "0x", "0xg", "08", "1.0", "x", "18446744073709551616"})
    EXPECT_EQ(parse_u64(text), std::nullopt) << text;
}

TEST(Text, FlagsAreWordsInAnyCase) {
  for (const char* yes : {"1", "true", "On", "YES"}) EXPECT_EQ(parse_flag(yes), true) << yes;
  for (const char* no : {"0", "False", "off", "no"}) EXPECT_EQ(parse_flag(no), false) << no;
  for (const char* neither : {"", "2", "yess"}) EXPECT_EQ(parse_flag(neither), std::nullopt);
}

}  // namespace
}  // namespace sonde
