// SPDX-License-Identifier: Apache-2.0
#include "runtime/maps.h"

#include <bpf/bpf.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "base/assert.h"
#include "image/layout.h"
#include "runtime/map_entries.h"
#include "runtime/object.h"
#include "runtime/swapped_maps.h"

namespace sonde::runtime {

namespace {

using image::MapDesc;
using image::MapStorage;
using image::Taking;
using Bytes = std::vector<std::byte>;

constexpr std::uint32_t only_slot = 0;

// How a map's values lie in the kernel and in what it hands out.
struct Shape {
  bool is_scalar = false;
  bool is_per_cpu = false;
  bool has_points = false;   // entries are points of series, in front of whose keys is a PointKey
  unsigned parts = 1;        // CPUs
  std::uint32_t header = 0;  // bytes of ScalarHeader
  std::uint32_t stored = 0;  // bytes of the value behind it
  std::uint32_t stride = 0;  // bytes from one CPU's part to the next one's
  RawLayout raw;
};

Shape shape_of(const image::Image& image, const Object& object, const MapDesc& map) {
  Shape shape;
  shape.is_scalar = map.storage == MapStorage::scalar || map.storage == MapStorage::per_cpu_scalar;
  shape.is_per_cpu = map.storage != MapStorage::scalar && map.storage != MapStorage::hash;
  shape.has_points = map.storage == MapStorage::per_cpu_points;
  shape.header = shape.is_scalar ? sizeof(image::ScalarHeader) : 0;
  shape.stored = image::entry_size(image.types[map.value]);
  const Object::MapSizes sizes = object.map_sizes(map.elf_name);
  SONDE_ASSERT(sizes.value_bytes >= shape.header + shape.stored,
               "a map's value has room for its type");
  // A part is rounded up to 8 bytes (kernel/bpf/hashtab.c and arraymap.c).
  shape.stride = shape.is_per_cpu ? image::align_up(sizes.value_bytes, 8) : sizes.value_bytes;
  shape.parts = shape.is_per_cpu ? possible_cpus() : 1;
  SONDE_ASSERT(
      shape.is_scalar || !shape.is_per_cpu || shape.stride == image::align_up(shape.stored, 8),
      "the parts of a per-CPU hash lie as combine() wants them");
  shape.raw = {sizes.max_entries, sizes.key_bytes, shape.stride * shape.parts};
  return shape;
}

bool is_present(const std::byte* part) {
  image::ScalarHeader header;
  std::memcpy(&header, part, sizeof header);
  return header.present != 0;
}

// The values without their headers, as combine() wants them. A part that is not present counts
// nothing, whatever it held before it was deleted.
Bytes bare_parts(const Shape& shape, const Bytes& raw, bool& present) {
  const std::uint32_t stride = image::align_up(shape.stored, 8);
  Bytes parts(std::size_t{stride} * shape.parts);
  for (unsigned cpu = 0; cpu < shape.parts; ++cpu) {
    const std::byte* part = raw.data() + std::size_t{cpu} * shape.stride;
    if (!is_present(part)) continue;
    present = true;
    std::memcpy(parts.data() + std::size_t{cpu} * stride, part + shape.header, shape.stored);
  }
  return parts;
}

Status slot_error(const MapDesc& map, const char* what, int error) {
  return fail_errno(error, std::string("cannot ") + what + " map " + map.name);
}

Status fill_slot(int fd, const Bytes& value, const MapDesc& map) {
  if (bpf_map_update_elem(fd, &only_slot, value.data(), BPF_ANY) != 0)
    return slot_error(map, "clear", errno);
  return {};
}

// Where there is none yet.
Status add_zeros(int fd, const Shape& shape, const std::vector<Bytes>& keys, const MapDesc& map) {
  const Bytes zeros(shape.raw.value_bytes);
  for (const Bytes& key : keys)
    if (bpf_map_update_elem(fd, key.data(), zeros.data(), BPF_NOEXIST) != 0 && errno != EEXIST)
      return slot_error(map, "zero", errno);
  return {};
}

Result<Bytes> read_slot(int fd, const Shape& shape, const MapDesc& map) {
  Bytes raw(shape.raw.value_bytes);
  if (bpf_map_lookup_elem(fd, &only_slot, raw.data()) != 0)
    return std::unexpected(slot_error(map, "read", errno).error());
  return raw;
}

void subtract(Bytes& parts, const Bytes& taken) {
  for (std::size_t i = 0; i + sizeof(std::uint64_t) <= parts.size(); i += sizeof(std::uint64_t)) {
    std::uint64_t now, before;
    std::memcpy(&now, parts.data() + i, sizeof now);
    std::memcpy(&before, taken.data() + i, sizeof before);
    now -= before;
    std::memcpy(parts.data() + i, &now, sizeof now);
  }
}

// Makes of what the kernel hands out the entries as they are printed.
class Entries {
 public:
  Entries(const Shape& shape, image::ValueType type) : shape_(shape), type_(std::move(type)) {
    if (shape.has_points) type_.series_points = 1;
  }

  void add(const std::byte* key, const std::byte* value) {
    const std::size_t before_key = shape_.has_points ? sizeof(image::PointKey) : 0;
    Bytes own_key(key + before_key, key + shape_.raw.key_bytes);
    Bytes part;
    if (shape_.is_per_cpu)
      part = output::combine(type_, {value, shape_.raw.value_bytes}, shape_.parts);
    else
      part.assign(value, value + shape_.stored);
    if (!shape_.has_points) {
      entries_.push_back({std::move(own_key), std::move(part)});
      return;
    }
    const std::string name(reinterpret_cast<const char*>(own_key.data()), own_key.size());
    const auto [known, is_new] = series_.try_emplace(name, entries_.size());
    if (is_new) entries_.push_back({std::move(own_key), {}});
    Bytes& points = entries_[known->second].value;
    points.insert(points.end(), part.begin(), part.end());
  }
  std::vector<output::MapEntry> take() { return std::move(entries_); }

 private:
  const Shape& shape_;
  image::ValueType type_;  // of what an entry of the kernel holds
  std::vector<output::MapEntry> entries_;
  std::unordered_map<std::string, std::size_t> series_;  // key: place in entries_
};

}  // namespace

// `parts` becomes what the parts hold now, also what was taken.
Result<std::vector<output::MapEntry>> Maps::read_scalar(int fd, const MapDesc& map,
                                                        Bytes& parts) const {
  const Shape shape = shape_of(image_, object_, map);
  SONDE_TRY(const Bytes raw, read_slot(fd, shape, map));
  std::vector<output::MapEntry> entries;
  bool present = false;
  parts = bare_parts(shape, raw, present);
  Bytes value = parts;
  if (const auto taken = taken_.find(&map); taken != taken_.end()) {
    if (taken->second.what == Taking::entries && parts == taken->second.parts) return entries;
    subtract(value, taken->second.parts);
  }
  if (!present) return entries;
  if (shape.is_per_cpu)
    value = output::combine(image_.types[map.value], value, shape.parts);
  else
    value.resize(shape.stored);
  entries.push_back({{}, std::move(value)});
  return entries;
}

int Maps::fd_of(const MapDesc& map) const {
  const auto pair = pairs_.find(&map);
  return pair != pairs_.end() && pair->second.is_second_used ? pair->second.second.get()
                                                             : object_.map_fd(map.elf_name);
}

Result<std::vector<output::MapEntry>> Maps::read(const MapDesc& map) const {
  const Shape shape = shape_of(image_, object_, map);
  Bytes parts;
  if (shape.is_scalar) return read_scalar(fd_of(map), map, parts);
  Entries entries(shape, image_.types[map.value]);
  const auto add = [&](const auto* key, const auto* value) { entries.add(key, value); };
  if (Status status = for_each_entry(fd_of(map), shape.raw, add); !status)
    return std::unexpected(std::move(status).error().while_doing("reading " + map.name));
  return entries.take();
}

Result<std::vector<output::MapEntry>> Maps::take(const MapDesc& map, Taking what,
                                                 Programs programs) {
  if (map.swap_name.empty()) {
    SONDE_ASSERT(image::is_additive(image_.types[map.value].kind) && map.key == image::no_type,
                 "of a map that is neither swapped nor subtracted from nothing is taken");
    Bytes parts;
    SONDE_TRY(auto entries, read_scalar(fd_of(map), map, parts));
    if (!entries.empty()) taken_[&map] = {std::move(parts), what};
    return entries;
  }
  const bool is_scalar =
      map.storage == MapStorage::scalar || map.storage == MapStorage::per_cpu_scalar;
  const bool in_place = programs_have_ended_ || programs == Programs::are_ending;
  return is_scalar ? take_scalar(map, what, in_place) : take_entries(map, what, in_place);
}

Result<std::vector<output::MapEntry>> Maps::take_scalar(const MapDesc& map, Taking what,
                                                        bool in_place) {
  const Shape shape = shape_of(image_, object_, map);
  Bytes start(shape.raw.value_bytes);
  if (what == Taking::values) {
    SONDE_TRY(const Bytes raw, read_slot(fd_of(map), shape, map));
    for (unsigned cpu = 0; cpu < shape.parts; ++cpu)
      std::memcpy(start.data() + std::size_t{cpu} * shape.stride,
                  raw.data() + std::size_t{cpu} * shape.stride, shape.header);
  }
  Bytes parts;
  Result<std::vector<output::MapEntry>> entries;
  if (in_place) {
    entries = read_scalar(fd_of(map), map, parts);
    SONDE_CHECK(fill_slot(fd_of(map), start, map));
  } else {
    // What it starts with has to be there before programs see it.
    SONDE_TRY(const int fresh, unused(map));
    SONDE_CHECK(fill_slot(fresh, start, map));
    SONDE_TRY(const int before, swap(map));
    entries = read_scalar(before, map, parts);
  }
  return entries;
}

Result<std::vector<output::MapEntry>> Maps::take_entries(const MapDesc& map, Taking what,
                                                         bool in_place) {
  const Shape shape = shape_of(image_, object_, map);
  std::vector<Bytes> keys;
  const auto keep = [&](const std::byte* key) {
    if (what == Taking::values) keys.emplace_back(key, key + shape.raw.key_bytes);
  };
  Entries entries(shape, image_.types[map.value]);
  const auto take = [&](const std::byte* key, const std::byte* value) {
    entries.add(key, value);
    if (in_place) keep(key);
  };
  if (in_place) {
    SONDE_CHECK(take_each_entry(fd_of(map), shape.raw, take));
    SONDE_CHECK(add_zeros(fd_of(map), shape, keys, map));
    return entries.take();
  }
  // Programs find the keys from the beginning. None is added later: they may have deleted it by
  // then. So a key that comes between this and the swap is not kept.
  if (what == Taking::values)
    SONDE_CHECK(for_each_entry(fd_of(map), shape.raw,
                               [&](const std::byte* key, const std::byte*) { keep(key); }));
  SONDE_TRY(const int fresh, unused(map));
  SONDE_CHECK(add_zeros(fresh, shape, keys, map));
  SONDE_TRY(const int before, swap(map));
  SONDE_CHECK(take_each_entry(before, shape.raw, take));
  return entries.take();
}

// The one of the two that programs do not use; made when it is first asked for.
Result<int> Maps::unused(const MapDesc& map) {
  Pair& pair = pairs_[&map];
  const int first = object_.map_fd(map.elf_name);
  if (!pair.second.valid()) {
    auto second = make_map_like(first);
    if (!second)
      return std::unexpected(std::move(second).error().while_doing("emptying " + map.name));
    pair.second = std::move(*second);
  }
  return pair.is_second_used ? first : pair.second.get();
}

// Gives the one that programs used before.
Result<int> Maps::swap(const MapDesc& map) {
  const int before = fd_of(map);
  SONDE_TRY(const int fresh, unused(map));
  if (Status status = put_in_place(object_.map_fd(map.swap_name), fresh); !status)
    return std::unexpected(std::move(status).error().while_doing("emptying " + map.name));
  has_waited_ = true;
  Pair& pair = pairs_[&map];
  pair.is_second_used = !pair.is_second_used;
  return before;
}

}  // namespace sonde::runtime
