// SPDX-License-Identifier: Apache-2.0
// The values of the kernel's enums, as names of a script.
#pragma once

#include <string_view>

#include "target/btf.h"

namespace sonde::sema {

// Looks through all enums: only on the way to a message.
bool is_enumerator(const target::Btf& btf, std::string_view name);

}  // namespace sonde::sema
