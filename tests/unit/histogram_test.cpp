// SPDX-License-Identifier: Apache-2.0
// hist() and lhist() as text, byte for byte.
#include "output/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>

#include "image/layout.h"

namespace sonde::output {
namespace {

using image::ValueKind;
using image::ValueType;
using Counts = std::vector<std::uint64_t>;

// The reference's definition of the bucket of hist(value, bits).
std::size_t hist_bucket(std::int64_t value, std::uint32_t bits) {
  if (value < 0) return 0;
  const auto n = static_cast<std::uint64_t>(value);
  if (n < std::uint64_t{1} << bits) return n + 1;
  const auto l = static_cast<std::uint64_t>(63 - __builtin_clzll(n)) - bits;
  return ((l + 1) << bits) + ((n >> l) & ((1U << bits) - 1)) + 1;
}

std::string text_of(const ValueType& type, const Counts& counts, std::uint64_t divisor = 1) {
  std::string out;
  append_histogram(out, type, std::as_bytes(std::span(counts)).data(), divisor);
  return out;
}

std::string hist(const std::vector<std::int64_t>& values, std::uint32_t bits = 0,
                 std::uint64_t divisor = 1) {
  Counts counts(image::hist_bucket_count(bits));
  for (const std::int64_t value : values) ++counts.at(hist_bucket(value, bits));
  return text_of({.kind = ValueKind::hist, .hist_bits = bits}, counts, divisor);
}

struct Bounds {
  std::uint64_t min, max, step;
};

std::string lhist(const std::vector<std::int64_t>& values, Bounds bounds,
                  std::uint64_t divisor = 1) {
  const ValueType type = {.kind = ValueKind::lhist,
                          .lhist_min = bounds.min,
                          .lhist_max = bounds.max,
                          .lhist_step = bounds.step};
  const auto min = static_cast<std::int64_t>(bounds.min);
  const auto max = static_cast<std::int64_t>(bounds.max);
  Counts counts(image::bucket_count(type));
  for (const std::int64_t value : values) {
    const std::int64_t capped = std::min(value, max);
    ++counts.at(value < min ? 0 : 1 + static_cast<std::uint64_t>(capped - min) / bounds.step);
  }
  return text_of(type, counts, divisor);
}

// The header of the only line.
std::string header(const std::string& text) {
  const std::string_view line = std::string_view(text).substr(0, text.find('|'));
  return std::string(line.substr(0, line.find_last_of("])") + 1));
}

TEST(Hist, SmallValues) {
  EXPECT_EQ(hist({0, 1, 3, 3, 9, -4}),
            "(..., 0)               1 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |\n"
            "[0]                    1 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |\n"
            "[1]                    1 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |\n"
            "[2, 4)                 2 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"
            "[4, 8)                 0 |                                                    |\n"
            "[8, 16)                1 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |\n");
}

TEST(Hist, Suffixes) {
  EXPECT_EQ(hist({700, 1500, 1500, 1048576}),
            "[512, 1K)              1 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |\n"
            "[1K, 2K)               2 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"
            "[2K, 4K)               0 |                                                    |\n"
            "[4K, 8K)               0 |                                                    |\n"
            "[8K, 16K)              0 |                                                    |\n"
            "[16K, 32K)             0 |                                                    |\n"
            "[32K, 64K)             0 |                                                    |\n"
            "[64K, 128K)            0 |                                                    |\n"
            "[128K, 256K)           0 |                                                    |\n"
            "[256K, 512K)           0 |                                                    |\n"
            "[512K, 1M)             0 |                                                    |\n"
            "[1M, 2M)               1 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |\n");
}

TEST(Hist, TwoBits) {
  EXPECT_EQ(hist({5, 9}, 2),
            "[5]                    1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"
            "[6]                    0 |                                                    |\n"
            "[7]                    0 |                                                    |\n"
            "[8, 10)                1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n");
  EXPECT_EQ(hist({900, 1100, 2400}, 2),
            "[896, 1024)            1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"
            "[1024, 1280)           1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"
            "[1280, 1536)           0 |                                                    |\n"
            "[1536, 1792)           0 |                                                    |\n"
            "[1792, 2048)           0 |                                                    |\n"
            "[2048, 2560)           1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n");
  EXPECT_EQ(header(hist({3600}, 2)), "[3584, 4K)");
  EXPECT_EQ(header(hist({4096}, 2)), "[4K, 5K)");
}

TEST(Hist, LargestValues) {
  EXPECT_EQ(header(hist({INT64_MAX})), "[4E, 8E)");
  EXPECT_EQ(header(hist({INT64_MAX}, 5)), "[8064P, 8192P)");
  EXPECT_EQ(header(hist({std::int64_t{1} << 40})), "[1T, 2T)");
  EXPECT_EQ(header(hist({std::int64_t{1} << 50})), "[1P, 2P)");
  EXPECT_EQ(header(hist({INT64_MIN})), "(..., 0)");
}

// The number that a label stands for.
std::uint64_t value_of(std::string_view label) {
  std::uint64_t value = std::stoull(std::string(label));
  const std::size_t suffix = std::string_view("KMGTPE").find(label.back());
  return suffix == std::string_view::npos ? value : value << 10 * (suffix + 1);
}

// Whatever the bits: the header of a value's bucket holds the value.
TEST(Hist, HeadersHoldTheirValuesForAllBits) {
  for (std::uint32_t bits = 0; bits <= 5; ++bits) {
    for (std::int64_t value = 0; value < std::int64_t{1} << 61; value += value / 7 + 1) {
      const std::string text = header(hist({value}, bits));
      const auto n = static_cast<std::uint64_t>(value);
      const std::size_t comma = text.find(", ");
      const std::uint64_t lower = value_of(text.substr(1, text.find_first_of(",]") - 1));
      if (comma == std::string::npos) {
        EXPECT_EQ(lower, n) << text;
        EXPECT_LT(n, 2U << bits) << text;
      } else {
        const std::uint64_t upper = value_of(text.substr(comma + 2, text.size() - comma - 3));
        EXPECT_TRUE(lower <= n && n < upper) << text << ' ' << n << " bits " << bits;
        EXPECT_LE((upper - lower) << bits, lower) << text;
      }
    }
  }
}

TEST(Hist, DividesCounts) {
  EXPECT_EQ(hist({1, 1, 1, 1, 5, 5}, 0, 2),
            "[1]                    2 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"
            "[2, 4)                 0 |                                                    |\n"
            "[4, 8)                 1 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |\n");
  EXPECT_EQ(hist({1}, 0, 10),
            "[1]                    0 |                                                    |\n");
}

TEST(Hist, NothingForNoCounts) { EXPECT_EQ(hist({}), ""); }

// Single precision: 2/3 of 52 is 34.67.
TEST(Hist, BarsAreCutOff) {
  const std::string text = hist({0, 0, 0, 1, 1});
  const std::string last = text.substr(text.find('\n') + 1);
  EXPECT_EQ(std::ranges::count(last, '@'), 34);
}

TEST(Hist, LargeCountsPushTheBar) {
  Counts counts(image::hist_bucket_count(0));
  counts[1] = 12345678901;
  EXPECT_EQ(text_of({.kind = ValueKind::hist}, counts),
            "[0]             12345678901 |" + std::string(52, '@') + "|\n");
}

TEST(Lhist, Range) {
  EXPECT_EQ(lhist({-1, 5, 29, 30, 99}, {0, 30, 10}),
            "(..., 0)               1 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |\n"
            "[0, 10)                1 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |\n"
            "[10, 20)               0 |                                                    |\n"
            "[20, 30)               1 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |\n"
            "[30, ...)              2 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n");
}

TEST(Lhist, Labels) {
  EXPECT_EQ(lhist({5000}, {0, 8192, 1024}),
            "[4K, 5K)               1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n");
  EXPECT_EQ(lhist({3}, {0, 5, 1}),
            "[3]                    1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n");
  EXPECT_EQ(lhist({500, 3500, 3600}, {1024, 3072, 1024}),
            "(..., 1K)              1 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |\n"
            "[1K, 2K)               0 |                                                    |\n"
            "[2K, 3K)               0 |                                                    |\n"
            "[3K, ...)              2 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n");
  EXPECT_EQ(header(lhist({1 << 20}, {0, 4 << 20, 1 << 20})), "[1M, 2M)");
  EXPECT_EQ(header(lhist({3 << 19}, {0, 4 << 20, 1 << 19})), "[1536K, 2M)");
  EXPECT_EQ(header(lhist({2000}, {0, 4000, 1000})), "[2000, 3000)");
  EXPECT_EQ(header(lhist({1030}, {0, 4096, 512})), "[1024, 1536)");
}

// Steps that do not divide the range leave its end to the last bucket.
TEST(Lhist, UnevenRange) { EXPECT_EQ(header(lhist({24}, {0, 25, 10})), "[20, ...)"); }

TEST(Lhist, CountsAreNotDivided) {
  EXPECT_EQ(lhist({5, 5}, {0, 30, 10}, 2), lhist({5, 5}, {0, 30, 10}));
}

}  // namespace
}  // namespace sonde::output
