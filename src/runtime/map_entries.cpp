// SPDX-License-Identifier: Apache-2.0
#include "runtime/map_entries.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

namespace sonde::runtime {

namespace {

constexpr std::uint32_t batch_bytes = 256 * 1024;
constexpr std::uint32_t smallest_batch = 64;
// Larger than any bucket of a hash that is not under attack.
constexpr std::uint32_t largest_batch = 1 << 20;
constexpr std::uint32_t token_bytes = 8;  // at least a key, or a bucket's number

constexpr int enotsupp = 524;  // the kernel's own ENOTSUPP, not in errno.h

struct Batch {
  Batch(const RawLayout& layout, std::uint32_t wanted)
      : capacity(wanted),
        keys(std::make_unique_for_overwrite<std::byte[]>(std::size_t{wanted} * layout.key_bytes)),
        values(
            std::make_unique_for_overwrite<std::byte[]>(std::size_t{wanted} * layout.value_bytes)) {
  }

  std::uint32_t capacity;
  // Not zeroed: most of it is never touched.
  std::unique_ptr<std::byte[]> keys;
  std::unique_ptr<std::byte[]> values;
};

Status read_error(int error) { return fail_errno(error, "cannot read a map"); }

Status walk_keys(int map_fd, const RawLayout& layout, const EntryHandler& handle) {
  std::vector<std::byte> key(layout.key_bytes), next(layout.key_bytes), value(layout.value_bytes);
  const void* from = nullptr;
  for (;;) {
    const int error = -bpf_map_get_next_key(map_fd, from, next.data());
    if (error == ENOENT) return {};
    if (error != 0) return read_error(error);
    std::swap(key, next);
    from = key.data();
    // An entry may be removed between the two calls.
    if (bpf_map_lookup_elem(map_fd, key.data(), value.data()) == 0)
      handle(key.data(), value.data());
  }
}

void hand_out(const Batch& batch, std::uint32_t count, const RawLayout& layout,
              const EntryHandler& handle) {
  for (std::size_t i = 0; i < count; ++i)
    handle(batch.keys.get() + i * layout.key_bytes, batch.values.get() + i * layout.value_bytes);
}

// bpf_map_lookup_batch, or the call that also removes.
using ReadBatch = decltype(&bpf_map_lookup_batch);

// `without_batches` is for kernels and maps that have none.
template <typename WithoutBatches>
Status read_batches(int map_fd, const RawLayout& layout, const EntryHandler& handle,
                    ReadBatch read_batch, WithoutBatches without_batches) {
  const std::uint32_t fitting = batch_bytes / (layout.key_bytes + layout.value_bytes);
  Batch batch(layout, std::min(layout.max_entries, std::max(smallest_batch, fitting)));
  std::vector<std::byte> token(std::max(token_bytes, layout.key_bytes));
  for (void* from = nullptr;;) {
    std::uint32_t count = batch.capacity;
    const int error = -read_batch(map_fd, from, token.data(), batch.keys.get(), batch.values.get(),
                                  &count, nullptr);
    // One bucket of the hash holds more than the batch; nothing was read.
    if (error == ENOSPC && batch.capacity < largest_batch) {
      batch = Batch(layout, batch.capacity * 2);
      continue;
    }
    if ((error == EINVAL || error == enotsupp) && from == nullptr) return without_batches();
    if (error != 0 && error != ENOENT) return read_error(error);
    hand_out(batch, count, layout, handle);
    if (error == ENOENT) return {};
    from = token.data();
  }
}

}  // namespace

Status for_each_entry(int map_fd, const RawLayout& layout, const EntryHandler& handle) {
  return read_batches(map_fd, layout, handle, bpf_map_lookup_batch,
                      [&] { return walk_keys(map_fd, layout, handle); });
}

Status take_each_entry(int map_fd, const RawLayout& layout, const EntryHandler& handle) {
  return read_batches(map_fd, layout, handle, bpf_map_lookup_and_delete_batch, [&]() -> Status {
    std::vector<std::vector<std::byte>> keys;
    SONDE_CHECK(for_each_entry(map_fd, layout, [&](const std::byte* key, const std::byte* value) {
      handle(key, value);
      keys.emplace_back(key, key + layout.key_bytes);
    }));
    for (const auto& key : keys)
      if (bpf_map_delete_elem(map_fd, key.data()) != 0 && errno != ENOENT) return read_error(errno);
    return {};
  });
}

unsigned possible_cpus() {
  const int count = libbpf_num_possible_cpus();
  return count > 0 ? static_cast<unsigned>(count) : 1;
}

}  // namespace sonde::runtime
