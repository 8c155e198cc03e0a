// SPDX-License-Identifier: Apache-2.0
// Series of points in time: tseries(). Private to this folder.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "output/text.h"

namespace sonde::output {

// What an interval has come to. Its number counts intervals since 1970 by CLOCK_TAI.
struct Point {
  std::uint64_t interval = 0;
  std::uint64_t value = 0;
};

// The last interval in which any entry has a sample; 0 when none has, or the map holds no series.
// All entries of a map show the series_points intervals up to it.
std::uint64_t newest_interval(const image::ValueType& type, std::span<const MapEntry> entries);

// Those of an entry that are not older than that, in the order of time.
std::vector<Point> shown_points(const image::ValueType& type, std::span<const std::byte> data,
                                std::uint64_t newest);

// Takes what one CPU has into what all have.
void combine_series(const image::ValueType& type, std::vector<std::byte>& whole,
                    const std::byte* part);

// A graph that runs down the page, one line for each interval.
void append_series(std::string& out, const TextContext& context, const image::ValueType& type,
                   std::span<const std::byte> data, std::uint64_t newest);

}  // namespace sonde::output
