// SPDX-License-Identifier: Apache-2.0
// tseries(): the points of all CPUs, and their graph, byte for byte.
#include "output/series.h"

#include <gtest/gtest.h>

#include <cstring>
#include <span>

#include "image/layout.h"
#include "plain_resolver.h"

namespace sonde::output {
namespace {

using image::Reduction;
using image::ValueKind;
using image::ValueType;
using Numbers = std::vector<std::int64_t>;
using Bytes = std::vector<std::byte>;

ValueType series(std::uint64_t interval_ns, std::uint32_t points, Reduction reduction = {},
                 bool is_signed = true) {
  return {.kind = ValueKind::tseries,
          .size_bytes = 8,
          .is_signed = is_signed,
          .series_interval_ns = interval_ns,
          .series_points = points,
          .reduction = reduction};
}

Bytes bytes(const Numbers& numbers) {
  const auto view = std::as_bytes(std::span(numbers));
  return {view.begin(), view.end()};
}

// The time of a line is the number of seconds, or of nanoseconds where its format has a fraction,
// as wide as the format asks for.
class TestResolver : public PlainResolver {
 public:
  void append_time(std::string& out, std::uint64_t ns, image::Clock clock,
                   const std::string& format) override {
    EXPECT_EQ(clock, image::Clock::tai);
    const std::size_t fraction = format.ends_with(".%l")   ? 4
                                 : format.ends_with(".%f") ? 7
                                 : format.ends_with(".%k") ? 10
                                                           : 0;
    const std::string text = std::to_string(fraction == 0 ? ns / 1'000'000'000 : ns);
    out += std::string(8 + fraction - text.size(), '0') + text;
  }
};

std::string graph(const ValueType& type, const Numbers& stored) {
  const image::Image image;
  TestResolver resolver;
  const std::vector<MapEntry> entries = {{{}, bytes(stored)}};
  std::string out;
  append_series(out, {image, resolver}, type, entries[0].value, newest_interval(type, entries));
  return out;
}

Numbers combined(const ValueType& type, const Numbers& parts, unsigned cpus) {
  const Bytes whole = combine(type, bytes(parts), cpus);
  Numbers numbers(whole.size() / 8);
  std::memcpy(numbers.data(), whole.data(), whole.size());
  return numbers;
}

const std::string rule(51, '_');
std::string blanks(std::size_t count) { return std::string(count, ' '); }

TEST(Series, OneLineForEachInterval) {
  const std::int64_t second = 1'000'000'000;
  const std::string scale = blanks(9) + "10" + blanks(19) + blanks(30) + "20\n";
  EXPECT_EQ(graph(series(second, 3), {3 * second + 1, 20, second, 10, 2 * second, 15}),
            scale + "hh:mm:ss |" + rule + "|\n" + "00000001 *" + blanks(51) + "| 10\n" +
                "00000002 |" + blanks(25) + "*" + blanks(25) + "| 15\n" + "00000003 |" +
                blanks(51) + "* 20\n" + blanks(9) + "v" + rule + "v\n" + scale);
}

TEST(Series, IntervalsWithoutAValueHaveALine) {
  const std::string out = graph(series(10, 4), {0, 0, 19, 5, 0, 0, 31, 6});
  EXPECT_NE(out.find("000000000000000020 |" + blanks(51) + "| -\n"), out.npos) << out;
}

// The slot of the first still holds an interval that is over.
TEST(Series, WhatIsOlderThanTheWindowIsLeftOut) {
  const ValueType type = series(10, 2);
  const Bytes data = bytes({25, 1, 31, 2});
  const std::vector<MapEntry> entries = {{{}, bytes({0, 0, 55, 9})}, {{}, data}};
  EXPECT_EQ(newest_interval(type, entries), 5U);
  EXPECT_TRUE(shown_points(type, data, 5).empty());
  ASSERT_EQ(shown_points(type, data, 4).size(), 1U);
  EXPECT_EQ(shown_points(type, data, 4)[0].interval, 3U);
}

TEST(Series, ZeroHasAMarkWhereTheValuesLieOnBothSides) {
  const std::string out = graph(series(10, 2), {21, -10, 31, 30});
  EXPECT_NE(out.find(" *" + blanks(12) + "." + blanks(38) + "| -10\n"), out.npos) << out;
}

TEST(Series, ASingleValueLiesInTheMiddle) {
  const std::string out = graph(series(10, 2), {21, 7, 0, 0});
  EXPECT_TRUE(out.starts_with(blanks(19) + "6" + blanks(20) + blanks(31) + "8\n")) << out;
  EXPECT_NE(out.find("hh:mm:ss.ns        |"), out.npos) << out;
  EXPECT_NE(out.find(" |" + blanks(25) + "*" + blanks(25) + "| 7\n"), out.npos) << out;
  // There is nothing below the least number.
  EXPECT_TRUE(graph(series(10, 1, {}, false), {5, 0})
                  .starts_with(blanks(19) + "0" + blanks(20) + blanks(31) + "1\n"));
}

TEST(Series, TimesAreAsExactAsTheInterval) {
  EXPECT_NE(graph(series(1'000'000, 2), {1'000'000, 1, 2'000'000, 2}).find("\nhh:mm:ss.ms  |"),
            std::string::npos);
  EXPECT_NE(graph(series(1'000, 2), {1'000, 1, 2'000, 2}).find("\nhh:mm:ss.μs     |"),
            std::string::npos);
  EXPECT_NE(graph(series(10, 2), {10, 1, 20, 2}).find("\nhh:mm:ss.ns        |"), std::string::npos);
}

TEST(Series, NothingWasKept) { EXPECT_EQ(graph(series(10, 2), {0, 0, 0, 0}), "<no data>\n"); }

TEST(Series, OfTwoCpusTheNewerIntervalCounts) {
  EXPECT_EQ(combined(series(10, 1), {15, 4, 28, 5}, 2), (Numbers{28, 5}));
  EXPECT_EQ(combined(series(10, 1), {28, 5, 15, 4}, 2), (Numbers{28, 5}));
  EXPECT_EQ(combined(series(10, 1), {0, 0, 15, 4}, 2), (Numbers{15, 4}));
}

TEST(Series, SamplesOfOneIntervalBecomeOne) {
  const auto both = [](Reduction reduction) {
    return combined(series(10, 1, reduction), {14, -3, 12, 7}, 2);
  };
  EXPECT_EQ(both(Reduction::last), (Numbers{14, -3}));
  EXPECT_EQ(both(Reduction::min), (Numbers{14, -3}));
  EXPECT_EQ(both(Reduction::max), (Numbers{14, 7}));
  EXPECT_EQ(both(Reduction::sum), (Numbers{14, 4}));
  EXPECT_EQ(combined(series(10, 1, Reduction::avg), {14, -3, 2, 12, 7, 1}, 2), (Numbers{14, 4, 3}));
  EXPECT_EQ(combined(series(10, 1, Reduction::max, false), {14, -3, 12, 7}, 2), (Numbers{14, -3}));
}

TEST(Series, AveragesAreDividedWhenTheyAreShown) {
  const ValueType type = series(10, 1, Reduction::avg);
  const Bytes data = bytes({14, -7, 2});
  ASSERT_EQ(shown_points(type, data, 1).size(), 1U);
  EXPECT_EQ(shown_points(type, data, 1)[0].value, static_cast<std::uint64_t>(-3));
}

}  // namespace
}  // namespace sonde::output
