// SPDX-License-Identifier: Apache-2.0
// A resolved script to an image: LLVM IR, then an ELF object for the runtime. No LLVM type is
// in this header.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diag/diagnostics.h"
#include "diag/source_map.h"
#include "image/image.h"
#include "sema/script.h"

namespace sonde::codegen {

struct CodegenOptions {
  bool runtime_warnings = false;  // count failed memory reads (-k)
  bool want_ir = false;           // IR before LLVM's passes
  bool want_assembly = false;
  std::function<void(std::string_view phase, std::chrono::nanoseconds)> on_phase;
  // Called when the tables of the image are complete, before LLVM begins. Once more where the
  // script has to be compiled in another way, with tables of the same maps.
  std::function<void(const image::Image&)> on_tables;
};

struct CodegenResult {
  std::string elf;  // the image
  std::string ir;
  std::string assembly;
  std::vector<std::string> explanation;  // a line for each program: how it is attached, and why
};

// `architecture` as of uname -m.
bool is_supported(std::string_view architecture);

// The script must have passed all of sema without errors, for an architecture that is supported.
// Nothing when an error was reported.
std::optional<CodegenResult> generate(sema::Script& script, const diag::SourceMap& sources,
                                      diag::Diagnostics& diagnostics,
                                      const CodegenOptions& options);

}  // namespace sonde::codegen
