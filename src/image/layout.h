// SPDX-License-Identifier: Apache-2.0
// How bytes lie in records, maps and shared variables. Computed here once, for both sides.
#pragma once

#include <cstdint>
#include <string_view>

#include "image/image.h"

namespace sonde::image {

// --- names in the object -----------------------------------------------------------------

inline constexpr std::string_view tables_section = ".sonde";
inline constexpr std::string_view events_map = "sonde_events";      // ring buffer
inline constexpr std::string_view failures_map = "sonde_failures";  // per-CPU array
inline constexpr std::string_view packets_map = "sonde_packets";    // perf event array
inline constexpr std::string_view run_section = ".rodata.run";      // a RunConstants
// The addresses of Image::kernel_symbols, a u64 each.
inline constexpr std::string_view kernel_symbols_section = ".rodata.ksyms";
inline constexpr std::string_view reader_section = ".data.reader";  // a ReaderState

// --- shared variables --------------------------------------------------------------------

// Set by the runtime before the load; constants to the verifier.
struct RunConstants {
  std::uint64_t start_boot_ns = 0;  // CLOCK_BOOTTIME when the script started
  std::uint32_t tracer_tgid = 0;    // the runtime's own process
  std::uint32_t possible_cpus = 1;  // how many parts a per-CPU value has
  std::uint64_t tai_offset_ns = 0;  // CLOCK_TAI when CLOCK_BOOTTIME was 0
  std::uint32_t traced_tgid = 0;    // -p: the process; 0: none
  std::uint32_t child_tgid = 0;     // -c: the child; 0: none
  // Processes are numbered by their own pid namespaces, which are these: the kernel's number of
  // the device, and the inode.
  std::uint64_t tracer_namespace[2] = {};
  std::uint64_t traced_namespace[2] = {};
};

// Written by both sides while the script runs (the runtime maps it).
struct ReaderState {
  // 1: the reader sleeps and wants to be woken by the next record, which sets it to 0.
  // 0: the reader will look by itself soon; records are submitted without a wake-up.
  std::uint32_t wants_wakeup = 0;
  std::uint32_t unused = 0;
  std::uint64_t zero = 0;  // stays 0; the verifier takes every bit of it for unknown
};

// --- records -----------------------------------------------------------------------------

struct RecordHeader {
  std::uint32_t event = 0;  // index in Image::events
};

// Of join: as many strings follow, each with its NUL.
struct JoinedHeader {
  RecordHeader header;
  std::uint32_t count = 0;
};

// Packets do not go through the ring buffer: only a perf event can hold all parts of one. In front
// of its bytes.
struct PacketHeader {
  std::uint64_t boot_ns = 0;         // when it was seen
  std::uint32_t file = 0;            // index in Image::packet_files
  std::uint32_t offset_bytes = 0;    // where what is wanted begins
  std::uint32_t captured_bytes = 0;  // that follow
  std::uint32_t packet_bytes = 0;    // of all of it
};

// A record wakes the reader in any case when this part of the ring is filled.
inline constexpr std::uint32_t wakeup_fill_divisor = 4;

// --- failure counters --------------------------------------------------------------------

// The value of the per-CPU failure array, one entry per FailureSite.
struct FailureCounter {
  std::uint64_t count = 0;
  std::int64_t last_code = 0;  // what the helper returned the last time
};

// --- text --------------------------------------------------------------------------------

// The last byte of a string that was cut when it was read. The text ends at a NUL in front of it,
// or right there. Otherwise the last byte is a NUL, or, where an array of C is full, a character.
inline constexpr char cut_mark = '\x01';

// --- map values --------------------------------------------------------------------------

// In front of the value of a scalar map.
struct ScalarHeader {
  std::uint64_t present = 0;  // 1 once it was assigned, 0 after delete and clear
};

// A CPU's part of an aggregation:
//   count, sum     u64 value
//   min, max       u64 value, u64 is_set
//   avg, stats     u64 total, u64 count
//   hist, lhist    u64 buckets[bucket_count(type)]
//   tseries        points[series_points], each of point_bytes(type): that of an interval is at its
//                  number (nanoseconds since 1970 by CLOCK_TAI, divided by the interval) modulo
//                  series_points
//     a point      u64 time of its last sample (0: there was none), u64 value; with Reduction::avg
//                  u64 total, u64 count
// Integers, booleans and pointers take 8 bytes as the value of a map (sign or zero extended);
// everything else takes its size_bytes.
std::uint32_t bucket_count(const ValueType& type);  // hist, lhist
std::uint32_t stored_size(const ValueType& type);   // without ScalarHeader
std::uint32_t entry_size(const ValueType& type);    // of an entry: of a long series, one point
bool is_aggregation(ValueKind kind);
bool is_additive(ValueKind kind);  // sums of 64-bit numbers on each CPU

// The low half of a stack value: an id in the stack map; from `first_stack_number` on the number of
// a stack that found its place there taken; or nothing.
inline constexpr std::uint64_t first_stack_number = 1U << 31;
inline constexpr std::uint64_t lost_stack = UINT32_MAX;

// Buckets of hist(): 0 for negative values, then values up to 2^64 - 1.
std::uint32_t hist_bucket_count(std::uint32_t bits);
// Buckets of lhist(): below min, one per step, at or above max.
std::uint32_t lhist_bucket_count(std::uint64_t min, std::uint64_t max, std::uint64_t step);

// Of a point of tseries().
std::uint32_t point_bytes(Reduction reduction);
inline constexpr std::uint32_t most_series_points = 1'000'000;
// A CPU's part of a value has at most 32 KiB (PCPU_MIN_UNIT_SIZE, include/linux/percpu.h). In a
// series with more points than that each point is an entry of its own: MapStorage::per_cpu_points.
std::uint32_t longest_whole_series(Reduction reduction);  // points
bool is_long_series(const ValueType& type);

// In front of the script's key in a map of points.
struct PointKey {
  std::uint64_t slot = 0;  // the number of the interval modulo series_points
};

// --- alignment ---------------------------------------------------------------------------

std::uint32_t alignment_of(const ValueType& type, const std::vector<ValueType>& types);
constexpr std::uint32_t align_up(std::uint32_t offset, std::uint32_t alignment) {
  return (offset + alignment - 1) / alignment * alignment;
}

// Lays values out one after the other with natural alignment, from `start` on. Gives the end.
std::uint32_t lay_out(std::vector<EventField>& fields, std::uint32_t start,
                      const std::vector<ValueType>& types);

}  // namespace sonde::image
