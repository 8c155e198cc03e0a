// SPDX-License-Identifier: Apache-2.0
#include "symbols/btf_functions.h"

#include <linux/btf.h>

#include <cstring>
#include <optional>
#include <span>
#include <unordered_map>

#include "base/file.h"

namespace sonde::symbols {

namespace {

// The two sections of a BTF file. Documentation/bpf/btf.rst
struct Sections {
  std::span<const std::byte> types;
  std::string_view strings;
};

std::optional<Sections> find_sections(std::span<const std::byte> bytes) {
  btf_header header{};
  if (bytes.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.magic != BTF_MAGIC || header.hdr_len > bytes.size()) return std::nullopt;
  bytes = bytes.subspan(header.hdr_len);
  const auto fits = [&](std::uint64_t offset, std::uint64_t size) {
    return offset + size <= bytes.size();
  };
  if (!fits(header.type_off, header.type_len) || !fits(header.str_off, header.str_len))
    return std::nullopt;
  const auto strings = bytes.subspan(header.str_off, header.str_len);
  return Sections{bytes.subspan(header.type_off, header.type_len),
                  {reinterpret_cast<const char*>(strings.data()), strings.size()}};
}

// Bytes behind the head of a type's record.
std::size_t tail_size(std::uint32_t kind, std::size_t count) {
  switch (kind) {
    case BTF_KIND_INT:
    case BTF_KIND_VAR:
    case BTF_KIND_DECL_TAG: return 4;
    case BTF_KIND_ARRAY: return sizeof(btf_array);
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
    case BTF_KIND_DATASEC:
    case BTF_KIND_ENUM64: return 12 * count;
    case BTF_KIND_ENUM:
    case BTF_KIND_FUNC_PROTO: return 8 * count;
    default: return 0;
  }
}

// Calls `visit(kind, offset of the name)` for each type; gives how many there are.
template <typename Visit>
std::uint32_t for_each_type(std::span<const std::byte> types, Visit visit) {
  std::uint32_t count = 0;
  while (types.size() >= sizeof(btf_type)) {
    btf_type head{};
    std::memcpy(&head, types.data(), sizeof head);
    const std::uint32_t kind = BTF_INFO_KIND(head.info);
    visit(kind, head.name_off);
    ++count;
    const std::size_t size = sizeof head + tail_size(kind, BTF_INFO_VLEN(head.info));
    types = types.subspan(std::min(size, types.size()));
  }
  return count;
}

// The text that starts there and ends with a NUL.
std::string_view text_at(std::string_view strings, std::uint64_t offset) {
  if (offset >= strings.size()) return {};
  strings.remove_prefix(offset);
  return strings.substr(0, strings.find('\0'));
}

constexpr std::string_view kernel = "vmlinux";

// Of types of one kind (BTF_KIND_…).
std::vector<std::uint32_t> find_types(std::uint32_t wanted_kind, const std::string& module,
                                      const std::vector<std::string_view>& names,
                                      const std::string& folder) {
  std::vector<std::uint32_t> ids(names.size());
  const auto base_bytes = Mapping::open(folder + "/" + std::string(kernel));
  const auto base = base_bytes ? find_sections(base_bytes->bytes()) : std::nullopt;
  if (!base) return ids;
  // Number 0 is void. A module goes on with numbers and names where the kernel's end.
  std::uint32_t id = 1;
  std::uint64_t first_name = 0;
  std::optional<Sections> sections = base;
  Result<Mapping> module_bytes;
  if (module != kernel) {
    id += for_each_type(base->types, [](std::uint32_t, std::uint32_t) {});
    first_name = base->strings.size();
    module_bytes = Mapping::open(folder + "/" + module);
    sections = module_bytes ? find_sections(module_bytes->bytes()) : std::nullopt;
    if (!sections) return ids;
  }
  std::unordered_multimap<std::string_view, std::size_t> wanted;
  for (std::size_t i = 0; i < names.size(); ++i) wanted.emplace(names[i], i);
  for_each_type(sections->types, [&](std::uint32_t kind, std::uint32_t name) {
    if (kind == wanted_kind) {
      const std::string_view text = name < first_name
                                        ? text_at(base->strings, name)
                                        : text_at(sections->strings, name - first_name);
      for (auto [at, end] = wanted.equal_range(text); at != end; ++at)
        if (ids[at->second] == 0) ids[at->second] = id;
    }
    ++id;
  });
  return ids;
}

}  // namespace

std::vector<std::uint32_t> find_btf_functions(const std::string& module,
                                              const std::vector<std::string_view>& names,
                                              const std::string& folder) {
  return find_types(BTF_KIND_FUNC, module, names, folder);
}

std::vector<std::uint32_t> find_btf_tracepoints(const std::vector<std::string_view>& names,
                                                const std::string& folder) {
  std::vector<std::string> typedefs;
  for (const std::string_view name : names) typedefs.push_back("btf_trace_" + std::string(name));
  return find_types(BTF_KIND_TYPEDEF, std::string(kernel),
                    std::vector<std::string_view>(typedefs.begin(), typedefs.end()), folder);
}

}  // namespace sonde::symbols
