// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "symbols/unwind_rows.h"
#include "symbols/unwind_tables.h"

namespace sonde::symbols {
namespace {

using image::CfaRule;
using image::UnwindRange;
using image::UnwindRow;

__attribute__((noinline)) int some_function(int a) {
  asm volatile("");
  return a + 1;
}

CfaRule cfa_rule(const UnwindRow& row) {
  return static_cast<CfaRule>(row.rules & image::cfa_rule_mask);
}

bool is_x86_64() {
#ifdef __x86_64__
  return true;
#else
  return false;
#endif
}

TEST(Unwinding, RowsOfAFile) {
  if (!is_x86_64()) GTEST_SKIP() << "x86-64 only";
  const auto file = ElfFile::open("/proc/self/exe");
  ASSERT_TRUE(file);
  const auto sections = read_unwind_rows(*file);
  ASSERT_TRUE(sections) << sections.error().message;
  ASSERT_FALSE(sections->empty());
  for (const UnwindSection& section : *sections) {
    ASSERT_FALSE(section.rows.empty());
    EXPECT_EQ(section.rows.front().place, 0U);
    EXPECT_TRUE(std::ranges::is_sorted(section.rows, {}, &UnwindRow::place));
    EXPECT_EQ(cfa_rule(section.rows.back()), CfaRule::unknown);
  }
}

TEST(Unwinding, RangesOfAProcess) {
  if (!is_x86_64()) GTEST_SKIP() << "x86-64 only";
  UnwindTables tables;
  const auto ranges = tables.find_ranges(static_cast<std::uint32_t>(::getpid()));
  ASSERT_FALSE(ranges.empty());
  for (std::size_t i = 1; i < ranges.size(); ++i) EXPECT_LE(ranges[i - 1].end, ranges[i].start);
  const auto here = reinterpret_cast<std::uint64_t>(&some_function);
  const auto range = std::ranges::find_if(
      ranges, [&](const UnwindRange& r) { return r.start <= here && here < r.end; });
  ASSERT_NE(range, ranges.end());
  const auto first =
      tables.rows().begin() +
      static_cast<std::ptrdiff_t>(range->chunk * image::chunk_rows + range->first_row);
  const auto behind = std::ranges::upper_bound(first, first + range->row_count, here - range->base,
                                               {}, &UnwindRow::place);
  ASSERT_NE(behind, first);
  // At its entry a function has pushed nothing but the return address.
  EXPECT_EQ(cfa_rule(*std::prev(behind)), CfaRule::stack);
  EXPECT_EQ(std::prev(behind)->cfa_words, 1);
  EXPECT_EQ(some_function(1), 2);
}

TEST(Unwinding, SaysWhatHasNoRoom) {
  if (!is_x86_64()) GTEST_SKIP() << "x86-64 only";
  UnwindTables tables;
  tables.limit_rows(10);
  EXPECT_TRUE(tables.find_ranges(static_cast<std::uint32_t>(::getpid())).size() <= 1);
  const auto problems = tables.take_problems();
  ASSERT_FALSE(problems.empty());
  EXPECT_NE(problems.front().find("has no room"), std::string::npos);
  EXPECT_TRUE(tables.take_problems().empty());
}

}  // namespace
}  // namespace sonde::symbols
