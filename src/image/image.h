// SPDX-License-Identifier: Apache-2.0
// The contract between compiler and runtime. An image is an ELF object that libbpf loads, with
// one more section, `.sonde`, that holds the tables below as JSON. The runtime is given the
// object and nothing else. Names of sections and maps, and the layout of what lies in them, are
// in layout.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "image/format.h"

namespace sonde::image {

// How the runtime attaches a program; one row of attach_kinds.def each.
enum class AttachKind : std::uint8_t {
#define ATTACH_KIND(NAME, SECTION, SUMMARY) NAME,
#include "image/attach_kinds.def"
#undef ATTACH_KIND
};

// What the runtime does with a record; one row of actions.def each.
enum class Action : std::uint8_t {
#define ACTION(NAME, SUMMARY) NAME,
#include "image/actions.def"
#undef ACTION
};

// What can go wrong in the kernel; one row of failures.def each.
enum class Failure : std::uint8_t {
#define FAILURE(NAME, SHOWN, HELPER, TEXT) NAME,
#include "image/failures.def"
#undef FAILURE
};

// A value in a record, a map key or a map value. Little or big endian as the machine.
enum class ValueKind : std::uint8_t {
  none,
  boolean,      // 1 byte
  integer,      // 1, 2, 4 or 8 bytes
  pointer,      // 8 bytes
  string,       // size_bytes, NUL-terminated unless it was cut
  buffer,       // u32 count, then that many of size_bytes - 4 bytes
  array,        // `count` times the one element
  tuple,        // elements at their offsets
  record,       // the same with names: structs and unions of C too, whose elements may overlap
  kstack,       // u64: id in the stack maps of its limit; lost_stack when it could not be taken
  ustack,       // u64: such an id in the low half, the process (tgid) in the high half
  ksym,         // u64: an address
  usym,         // u64 address, u32 tgid, u32 zero
  username,     // u64: a user id
  inet,         // u64 address family (AF_…), then 4 or 16 bytes in network order, 16 in all
  mac,          // 6 bytes
  timestamp,    // u64 ns, u32 index of the format in `texts`, u32 Clock
  cgroup_path,  // u64 id of a cgroup, u64 index of the filter in `texts`
  count,
  sum,
  min,
  max,
  avg,
  stats,
  hist,
  lhist,
  tseries,  // aggregations: see layout.h
};

// How the frames of a stack are shown.
enum class StackMode : std::uint8_t { bpftrace, perf, raw, build_id };

// What the samples of an interval of tseries() come to.
enum class Reduction : std::uint8_t { last, avg, max, min, sum };

// What a number of nanoseconds counts from.
enum class Clock : std::uint8_t {
  boot,       // the start of the machine, time asleep included
  monotonic,  // the same without the time asleep
  tai,        // 1970, leap seconds included
};

using TypeIndex = std::uint32_t;
inline constexpr TypeIndex no_type = UINT32_MAX;

struct Element {
  TypeIndex type = no_type;  // in a record: of kind `none` for what cannot be shown
  std::uint32_t offset_bytes = 0;
  std::string name;              // record
  std::uint32_t bit_offset = 0;  // of a bit field, inside the integer at offset_bytes
  std::uint32_t bit_size = 0;    // 0: not a bit field

  bool operator==(const Element&) const = default;
};

struct Enumerator {
  std::uint64_t value = 0;  // in two's complement
  std::string name;

  bool operator==(const Enumerator&) const = default;
};

struct ValueType {
  ValueKind kind = ValueKind::none;
  std::uint32_t size_bytes = 0;
  bool is_signed = false;               // integers and aggregations
  std::vector<Element> elements;        // tuple, record, array: of types with a lower index
  std::uint32_t count = 0;              // array
  std::vector<Enumerator> enumerators;  // integers that are enums
  std::uint32_t stack_limit = 0;        // kstack, ustack: most frames
  StackMode stack_mode{};               // kstack, ustack
  std::uint32_t hist_bits = 0;          // hist
  std::uint64_t lhist_min = 0;          // lhist: [min, max) in steps
  std::uint64_t lhist_max = 0;
  std::uint64_t lhist_step = 0;
  std::uint64_t series_interval_ns = 0;  // tseries
  std::uint32_t series_points = 0;       // tseries: intervals that are kept
  Reduction reduction{};                 // tseries
};

// Bytes [begin, end) of `sources[file]`; file no_source for what has no place. `expansion`: 0, or
// the macro call that it comes from is `expansions[expansion - 1]`.
struct SourceRange {
  static constexpr std::uint16_t no_source = 0xffff;
  std::uint16_t file = no_source;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint16_t expansion = 0;
};

struct Source {
  std::string name;
  std::string text;
};

enum class MapStorage : std::uint8_t {
  scalar,          // BPF array of one slot: ScalarHeader, then the value
  per_cpu_scalar,  // per-CPU array of one slot: the same
  hash,            // BPF hash: key, value
  per_cpu_hash,    // per-CPU hash: key, the CPU's part of the aggregation
  // A long tseries(), with or without key. Per-CPU hash: PointKey, and the script's key behind it;
  // the CPU's part of that point.
  per_cpu_points,
};

struct MapDesc {
  std::string name;      // as in the script: "@x"
  std::string elf_name;  // in the object: "AT_x"
  MapStorage storage{};
  TypeIndex key = no_type;  // no_type: scalar
  TypeIndex value = no_type;
  std::uint32_t max_entries = 0;
  bool made_early = false;  // a per-CPU hash that the kernel takes long to make
  // In the object: the map of maps in whose only slot programs find the map that they use; while
  // there is none, it is that of elf_name. Empty: they use that one itself.
  std::string swap_name;
};

// One thing that a program is attached to.
struct PlaceDesc {
  std::string name;  // what `probe` yields there
  // tracepoint: category; user probes: path; kernel functions: module; system_call: the map
  std::string target;
  std::string function;  // event, symbol, kernel function, iterator; watchpoint: mode
  // Frequency (Hz), period (ns), count; offset behind the symbol; address; system_call: number.
  std::uint64_t value = 0;
  // usdt: offset of the semaphore in the file, 0 none; watchpoint: length; perf: number of the
  // event; fentry, fexit: the kernel's number of the BPF program that `function` is in, 0 none
  std::uint64_t detail = 0;

  bool operator==(const PlaceDesc&) const = default;
};

struct ProbeDesc {
  std::string name;     // what `probe` yields; of several places, what the script says
  std::string program;  // the function in the object
  AttachKind attach{};
  // Never empty. More than one: the same program serves all of them, and is given the number of
  // its place as cookie where it asks for that.
  std::vector<PlaceDesc> places;
  std::uint32_t served = 0;  // probes of the script that the one place stands for; 0: one
  SourceRange range;         // of the attach point
};

struct EventField {
  TypeIndex type = no_type;
  std::uint32_t offset_bytes = 0;  // from the start of the record
};

// What is taken out of a map when it has been printed: nothing, its entries (clear), or what their
// values are (zero).
enum class Taking : std::uint8_t { nothing, entries, values };

// One place in the script that sends records. A record starts with RecordHeader.
struct EventDesc {
  Action action{};
  std::vector<FormatPiece> format;  // printf
  // printf: the arguments; print_value: the value, none where it is the format's text; exit: the
  // code
  std::vector<EventField> fields;
  std::uint32_t map = UINT32_MAX;  // print_map, clear_map, zero_map: index in `maps`
  std::uint64_t top = 0;           // print_map: 0 is all
  std::uint64_t divisor = 1;       // print_map
  Taking taking{};                 // print_map
  bool is_last = false;            // print_map, clear_map, zero_map: an exit() follows
  SourceRange range;
};

// One place in the script where something can be lost; index in the failure counters.
struct FailureSite {
  Failure failure{};
  SourceRange range;
};

// Where the programs keep stacks of up to `limit` frames, each distinct one once.
struct StackMap {
  // BPF stack map: by a hash of the frames, so their places may be taken. Not there where nobody
  // looks for one.
  std::string elf_name;
  std::string more_name;  // BPF hash: those that found their place taken, by number (u64)
  std::uint32_t limit = 0;
  bool build_ids = false;  // frames are build ids and offsets in files (bpf_stack_build_id)
};

struct Image {
  std::vector<Source> sources;
  std::vector<SourceRange> expansions;  // one may name only those in front of it
  std::vector<ValueType> types;
  std::vector<MapDesc> maps;
  std::vector<StackMap> stack_maps;
  std::vector<ProbeDesc> probes;  // in source order
  std::vector<EventDesc> events;
  std::vector<FailureSite> failures;
  std::vector<std::string> texts;           // what values name by its index
  std::vector<std::string> kernel_symbols;  // whose addresses the programs are given, in order
  std::vector<std::string> packet_files;    // what packets name by its index

  // Options of the script that matter while it runs.
  std::uint32_t ring_bytes = 0;  // 0: the script sends no records
  bool print_maps_on_exit = true;
  bool demangle = true;           // names of C++ and Rust in user stacks
  bool show_source_lines = true;  // in user stacks, where there is debug information
  bool unwinds = false;           // programs unwind user stacks by tables (unwinding.h)
  std::string truncation_trailer = "..";
  std::uint32_t most_cat_bytes = 0;
  bool attach_failures_are_errors = true;  // missing_probes = "error"
  bool warn_of_attach_failures = true;     // missing_probes = "warn"
  std::uint32_t log_bytes = 0;             // for the verifier's log
};

// The content of the `.sonde` section.
std::string write_tables(const Image& image);
Result<Image> read_tables(std::string_view tables);

// Finds and reads `.sonde` in an ELF object.
Result<Image> read_image(std::string_view elf);

}  // namespace sonde::image
