// SPDX-License-Identifier: Apache-2.0
#include "runtime/swapped_maps.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <string>

namespace sonde::runtime {

namespace {

UniqueFd make_map(const char* name, bpf_map_type type, std::uint32_t key_bytes,
                  std::uint32_t value_bytes, std::uint32_t max_entries, std::uint32_t flags) {
  bpf_map_create_opts options{};
  options.sz = sizeof options;
  options.map_flags = flags;
  return UniqueFd(bpf_map_create(type, name, key_bytes, value_bytes, max_entries, &options));
}

}  // namespace

SwapExamples::SwapExamples(bpf_object* object, const image::Image& image) {
  for (const image::MapDesc& map : image.maps) {
    if (map.swap_name.empty()) continue;
    const bpf_map* first = bpf_object__find_map_by_name(object, map.elf_name.c_str());
    bpf_map* swap = bpf_object__find_map_by_name(object, map.swap_name.c_str());
    if (first == nullptr || swap == nullptr) continue;
    // How many entries it has room for makes no difference (kernel/bpf/map_in_map.c,
    // bpf_map_meta_equal).
    UniqueFd example =
        make_map(map.elf_name.c_str(), bpf_map__type(first), bpf_map__key_size(first),
                 bpf_map__value_size(first), 1, bpf_map__map_flags(first));
    if (!example.valid()) continue;
    bpf_map__set_inner_map_fd(swap, example.get());
    examples_.push_back(std::move(example));
  }
}

Result<UniqueFd> make_map_like(int map_fd) {
  bpf_map_info info{};
  std::uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(map_fd, &info, &size) != 0)
    return fail_errno(errno, "cannot ask for a map");
  UniqueFd made = make_map(info.name, static_cast<bpf_map_type>(info.type), info.key_size,
                           info.value_size, info.max_entries, info.map_flags);
  if (!made.valid())
    return fail_errno(errno, "cannot make a second map with room for " +
                                 std::to_string(info.max_entries) + " entries");
  return made;
}

Status put_in_place(int swap_fd, int map_fd) {
  constexpr std::uint32_t only_slot = 0;
  if (bpf_map_update_elem(swap_fd, &only_slot, &map_fd, BPF_ANY) != 0)
    return fail_errno(errno, "cannot put another map in its place");
  return {};
}

}  // namespace sonde::runtime
