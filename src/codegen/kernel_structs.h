// SPDX-License-Identifier: Apache-2.0
// Where the kernel's own structs have what programs read on their own account.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "target/btf.h"

namespace sonde::codegen {

// In bytes from the struct on: of a member, or of a member of a member …. Nothing when this kernel
// has none of that name.
std::optional<std::uint32_t> offset_of(const target::Btf& btf, std::string_view structure,
                                       std::initializer_list<std::string_view> members);

}  // namespace sonde::codegen
