// SPDX-License-Identifier: Apache-2.0
#include "sema/enumerators.h"

#include <cstring>

namespace sonde::sema {

namespace {

// UAPI: include/uapi/linux/btf.h. Behind struct btf_type stand `vlen` of struct btf_enum or
// struct btf_enum64, both beginning with the offset of the name.
constexpr std::size_t header_bytes = 12, enum_bytes = 8, enum64_bytes = 12;

}  // namespace

bool is_enumerator(const target::Btf& btf, std::string_view name) {
  for (target::BtfId id = 1; id < btf.type_count(); ++id) {
    const target::BtfType type = btf.type(id);
    const bool wide = type.kind == target::BtfKind::enum64;
    if (!wide && type.kind != target::BtfKind::enum_) continue;
    const auto record = btf.record(id);
    const std::size_t step = wide ? enum64_bytes : enum_bytes;
    for (std::size_t at = header_bytes; at + step <= record.size(); at += step) {
      std::uint32_t offset = 0;
      std::memcpy(&offset, record.data() + at, sizeof(offset));
      if (btf.string(offset) == name) return true;
    }
  }
  return false;
}

}  // namespace sonde::sema
