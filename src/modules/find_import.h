// SPDX-License-Identifier: Apache-2.0
// Which files an `import` names. Private to this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "diag/diagnostics.h"

namespace sonde::modules {

enum class FileKind : unsigned char { script, header, bpf_source, bpf_object, unknown };
FileKind kind_of(std::string_view path);

// The files that `path`, written at `place` in a file of `folder`, means: itself, or what a folder
// holds, in the order of their names. Reports what is not there or cannot be trusted.
std::vector<std::string> find_import(std::string_view path, const std::string& folder,
                                     diag::Span place, diag::Diagnostics& diagnostics);

}  // namespace sonde::modules
