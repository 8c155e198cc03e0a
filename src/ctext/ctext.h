// SPDX-License-Identifier: Apache-2.0
// The C text of a script: its `#` lines and its struct, union and enum definitions. Read by a
// small reader of our own; what that does not understand (#include above all) by libclang, which
// is loaded then and only then. Either way the types become BTF on top of the kernel's.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "diag/diagnostics.h"
#include "diag/span.h"
#include "target/btf.h"

namespace sonde::ctext {

// One item of C text, verbatim.
struct Piece {
  std::string_view text;  // must outlive the reading
  diag::Span span;
};

struct Options {
  std::vector<std::string> include_folders;  // -I
  std::vector<std::string> include_files;    // --include, in order
  std::string script_folder;                 // where `#include "x.h"` begins to look
  std::string architecture;                  // of the target, as `uname -m`
  std::string release;                       // of the target, as `uname -r`
};

// An object-like macro as text of the script's language: C's suffixes and characters are gone.
struct Macro {
  std::string text;
  diag::Span span;  // of its definition; not known() in a header
};

struct CText {
  std::vector<std::byte> bytes;
  target::Btf btf;  // looks into `bytes`; only what the text defines is its own
  std::map<std::string, Macro, std::less<>> macros;
  std::set<std::string, std::less<>> function_macros;
};

// Null when something was reported. `kernel` may be null.
std::unique_ptr<CText> read_c_text(std::span<const Piece> pieces, const Options& options,
                                   const target::Btf* kernel, diag::Diagnostics& diagnostics);

}  // namespace sonde::ctext
