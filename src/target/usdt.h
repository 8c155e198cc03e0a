// SPDX-License-Identifier: Apache-2.0
// The statically defined probes of a program: notes that <sys/sdt.h> leaves in it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "target/target.h"

namespace sonde::target {

// Fails when the file cannot be read or is not ELF. Damaged notes are left out.
Result<std::vector<UsdtProbe>> read_usdt_probes(const std::string& path);

}  // namespace sonde::target
