// SPDX-License-Identifier: Apache-2.0
// How programs find out who called a place of user code (x86-64): the tables that the runtime fills
// in, and that the programs search. A place is in a range of its process, and there in the last row
// at or before it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sonde::image {

// BPF hash: process id (u32) → UnwoundProcess.
inline constexpr std::string_view unwound_map = "sonde_unwound";
// BPF array of UnwindRanges: two for each process, which the runtime writes in turn.
inline constexpr std::string_view unwind_ranges_map = "sonde_ranges";
// BPF array of UnwindChunk: the rows of all files, one after the other.
inline constexpr std::string_view unwind_rows_map = "sonde_rows";

// How the stack pointer of the caller, as it was before the call (CFA), comes from registers. The
// return address is in the word below it.
enum class CfaRule : std::uint8_t {
  unknown,    // no code, or code whose table says what is not here
  stack,      // stack pointer + cfa_words
  frame,      // frame pointer + cfa_words
  at_frame,   // in memory, at frame pointer + cfa_words
  linkage,    // stack pointer + 8, and 8 more from byte `frame_words` of 16 on: entries of a PLT
  signal,     // the interrupted code's registers are in the frame of a signal
  outermost,  // nobody called it
};

// Where the caller's frame pointer is.
enum class FrameRule : std::uint8_t {
  same,      // in the register
  at_cfa,    // in memory, at CFA + frame_words
  at_frame,  // in memory, at frame pointer + frame_words
};

struct UnwindRow {
  std::uint32_t place = 0;     // where it begins, from UnwindRange::base on; to the next row's
  std::int16_t cfa_words = 0;  // of 8 bytes
  std::int8_t frame_words = 0;
  std::uint8_t rules = 0;  // CfaRule, FrameRule << frame_rule_shift
};
static_assert(sizeof(UnwindRow) == 8);
inline constexpr unsigned frame_rule_shift = 4;
inline constexpr std::uint8_t cfa_rule_mask = 15;

// The program's searches are as long as these are, which are powers of two.
inline constexpr std::uint32_t chunk_rows = 8192;
inline constexpr std::uint32_t most_ranges = 2048;
using UnwindChunk = std::array<UnwindRow, chunk_rows>;

// UAPI: include/uapi/linux/bpf.h, struct bpf_stack_build_id, whose `offset` follows.
struct BuildIdHead {
  static constexpr std::int32_t valid = 1, address_only = 2;
  static constexpr std::int32_t failure = 3;  // ours: as unwind_failure
  std::int32_t status = address_only;
  std::array<unsigned char, 20> build_id{};
};

// A part of a process's code whose rows are in one chunk. Those that are not used begin behind all
// addresses.
struct UnwindRange {
  static constexpr std::uint64_t unused = std::uint64_t{1} << 62;
  std::uint64_t start = unused;
  std::uint64_t end = unused;
  std::uint64_t base = 0;  // what place 0 of its file would be in the process
  std::uint32_t chunk = 0;
  std::uint16_t first_row = 0;
  std::uint16_t row_count = 0;
  // What makes a bpf_stack_build_id of an address: its head, and what is taken off.
  std::uint64_t file_base = 0;
  BuildIdHead build_id{};
};
static_assert(sizeof(UnwindRange) == 64);
using UnwindRanges = std::array<UnwindRange, most_ranges>;  // by start

struct UnwoundProcess {
  std::uint32_t index = 0;  // of its ranges: index * 2 + version % 2
  std::uint32_t reserved = 0;
  std::uint64_t version = 0;  // grows with each change
};

// Behind the frames of a stack that was not unwound to its end.
inline constexpr std::uint64_t unwind_failure = UINT64_MAX;

}  // namespace sonde::image
