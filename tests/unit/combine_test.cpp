// SPDX-License-Identifier: Apache-2.0
// The parts of the CPUs made one.
#include <gtest/gtest.h>

#include <cstring>
#include <span>

#include "image/layout.h"
#include "output/text.h"

namespace sonde::output {
namespace {

using image::ValueKind;
using image::ValueType;
using Numbers = std::vector<std::uint64_t>;

Numbers combined(const ValueType& type, const Numbers& parts, unsigned cpu_count) {
  const std::vector<std::byte> whole = combine(type, std::as_bytes(std::span(parts)), cpu_count);
  Numbers numbers(whole.size() / 8);
  std::memcpy(numbers.data(), whole.data(), whole.size());
  return numbers;
}

constexpr std::uint64_t minus(std::uint64_t value) { return 0 - value; }

TEST(Combine, CountsAndSumsAdd) {
  EXPECT_EQ(combined({.kind = ValueKind::count}, {1, 2, 3}, 3), Numbers{6});
  EXPECT_EQ(combined({.kind = ValueKind::sum, .is_signed = true}, {5, minus(7)}, 2),
            Numbers{minus(2)});
}

TEST(Combine, MinAndMaxTakeOnlyWhatIsSet) {
  const ValueType min = {.kind = ValueKind::min, .is_signed = true};
  const ValueType max = {.kind = ValueKind::max, .is_signed = true};
  EXPECT_EQ(combined(min, {0, 0, 9, 1, 4, 1}, 3), (Numbers{4, 1}));
  EXPECT_EQ(combined(max, {0, 0, minus(9), 1, minus(4), 1}, 3), (Numbers{minus(4), 1}));
  EXPECT_EQ(combined(min, {minus(9), 1, 4, 1}, 2), (Numbers{minus(9), 1}));
  EXPECT_EQ(combined(max, {0, 0, 0, 0}, 2), (Numbers{0, 0}));
}

TEST(Combine, MinAndMaxFollowTheSignOfTheirType) {
  EXPECT_EQ(combined({.kind = ValueKind::min}, {minus(1), 1, 4, 1}, 2), (Numbers{4, 1}));
  EXPECT_EQ(combined({.kind = ValueKind::max}, {minus(1), 1, 4, 1}, 2), (Numbers{minus(1), 1}));
}

TEST(Combine, AveragesAddTotalsAndCounts) {
  EXPECT_EQ(combined({.kind = ValueKind::avg}, {10, 2, 5, 1}, 2), (Numbers{15, 3}));
  EXPECT_EQ(combined({.kind = ValueKind::stats, .is_signed = true}, {minus(10), 2, 5, 1}, 2),
            (Numbers{minus(5), 3}));
}

TEST(Combine, HistogramsAddTheirBuckets) {
  const ValueType type = {.kind = ValueKind::lhist, .lhist_max = 20, .lhist_step = 10};
  ASSERT_EQ(image::bucket_count(type), 4U);
  EXPECT_EQ(combined(type, {1, 0, 2, 0, 1, 5, 0, 7}, 2), (Numbers{2, 5, 2, 7}));
}

// A string of 5 bytes has parts of 8.
TEST(Combine, OtherValuesAreThoseOfTheFirstCpu) {
  const std::string parts = std::string("abcd\0\0\0\0", 8) + std::string("efgh\0\0\0\0", 8);
  const auto whole =
      combine({.kind = ValueKind::string, .size_bytes = 5}, std::as_bytes(std::span(parts)), 2);
  ASSERT_EQ(whole.size(), 5U);
  EXPECT_EQ(std::memcmp(whole.data(), "abcd", 5), 0);
}

}  // namespace
}  // namespace sonde::output
