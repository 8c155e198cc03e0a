// SPDX-License-Identifier: Apache-2.0
// C to a BPF object, by the machine's Clang. Private to this folder.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "diag/diagnostics.h"
#include "diag/source_map.h"

namespace sonde::modules {

struct COptions {
  std::string architecture;                      // "x86_64"
  std::span<const std::string> include_folders;  // of -I
};

// The object's bytes; nothing when Clang is missing or refuses the file, which is reported: its
// messages at their places, which are looked up in `sources`.
std::optional<std::string> compile_c(const std::string& path, diag::Span place,
                                     const COptions& options, diag::SourceMap& sources,
                                     diag::Diagnostics& diagnostics);

}  // namespace sonde::modules
