// SPDX-License-Identifier: Apache-2.0
// Functions of C that a script can call, from BPF objects. Private to this folder.
#pragma once

#include <memory>
#include <string>

#include "diag/span.h"
#include "sema/foreign.h"

namespace sonde::modules {

// `bytes` is an ELF object for BPF with BTF; `path` names it in messages.
Result<std::unique_ptr<sema::ForeignObject>> read_object(std::string path, std::string bytes,
                                                         diag::Span place);

}  // namespace sonde::modules
