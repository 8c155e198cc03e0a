// SPDX-License-Identifier: Apache-2.0
#include "output/order.h"

#include <algorithm>
#include <compare>
#include <optional>
#include <utility>

#include "image/layout.h"
#include "output/numbers.h"
#include "output/value.h"

namespace sonde::output {

namespace {

using image::ValueKind;
using image::ValueType;

// Makes the order of signed numbers that of unsigned ones.
std::uint64_t ordered(std::uint64_t value, bool is_signed) {
  return is_signed ? value ^ (std::uint64_t{1} << 63) : value;
}

std::uint64_t total_of(const ValueType& type, const std::byte* data) {
  std::uint64_t total = 0;
  for (std::uint32_t i = 0; i < bucket_count(type); ++i) total += load_u64(data + 8 * i);
  return total;
}

// What maps are sorted by whose values are numbers; nothing when keys decide.
std::optional<std::uint64_t> rank_of(const ValueType& type, const std::byte* data) {
  switch (type.kind) {
    case ValueKind::integer:
    case ValueKind::count:
    case ValueKind::sum: return ordered(load_u64(data), type.is_signed);
    case ValueKind::min:
    case ValueKind::max: return load_u64(data);  // unsigned whatever the type: as bpftrace
    case ValueKind::avg:
    case ValueKind::stats: return ordered(average_of(type, data), type.is_signed);
    case ValueKind::hist:
    case ValueKind::lhist: return total_of(type, data);
    default: return std::nullopt;
  }
}

struct Ranked {
  std::uint64_t rank;
  std::size_t index;
};

void sort_by_value(const ValueType& type, std::vector<MapEntry>& entries) {
  std::vector<Ranked> ranking;
  ranking.reserve(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i)
    ranking.push_back({rank_of(type, entries[i].value.data()).value_or(0), i});
  std::ranges::stable_sort(ranking, {}, &Ranked::rank);
  // In place, along the cycles of the permutation: there may be very many.
  for (std::size_t start = 0; start < entries.size(); ++start) {
    MapEntry first = std::move(entries[start]);
    std::size_t to = start;
    for (;;) {
      const std::size_t from = std::exchange(ranking[to].index, to);
      if (from == start) break;
      entries[to] = std::move(entries[from]);
      to = from;
    }
    entries[to] = std::move(first);
  }
}

// Series have no single number, and are found by their keys as they lie in memory (as bpftrace).
void sort_by_bytes(std::vector<MapEntry>& entries) {
  std::ranges::stable_sort(entries, std::ranges::lexicographical_compare, &MapEntry::key);
}

// Integers compare as signed numbers even if their type is not (as bpftrace). Kinds that are
// neither integers nor strings do not take part.
std::strong_ordering compare(const ValueType& type, const std::byte* a, const std::byte* b) {
  if (type.kind == ValueKind::integer)
    return ordered(load_integer(a, type.size_bytes, true), true) <=>
           ordered(load_integer(b, type.size_bytes, true), true);
  if (type.kind == ValueKind::string) return string_at(type, a) <=> string_at(type, b);
  return std::strong_ordering::equal;
}

std::strong_ordering compare_keys(const TextContext& context, const ValueType& type,
                                  const std::byte* a, const std::byte* b) {
  if (type.kind != ValueKind::tuple) return compare(type, a, b);
  for (const image::Element& element : type.elements) {
    const std::strong_ordering order = compare(context.image.types[element.type],
                                               a + element.offset_bytes, b + element.offset_bytes);
    if (order != 0) return order;
  }
  return std::strong_ordering::equal;
}

}  // namespace

void sort_entries(const TextContext& context, const image::MapDesc& map,
                  std::vector<MapEntry>& entries) {
  if (entries.size() < 2) return;
  const ValueType& value = context.image.types[map.value];
  if (rank_of(value, entries.front().value.data())) return sort_by_value(value, entries);
  if (value.kind == ValueKind::tseries) return sort_by_bytes(entries);
  const ValueType& key = context.image.types[map.key];
  std::ranges::stable_sort(entries, [&](const MapEntry& a, const MapEntry& b) {
    return compare_keys(context, key, a.key.data(), b.key.data()) < 0;
  });
}

}  // namespace sonde::output
