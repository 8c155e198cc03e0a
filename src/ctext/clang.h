// SPDX-License-Identifier: Apache-2.0
// Reading C text with libclang, for what the own reader does not understand. The library is opened
// with dlopen when it is needed: it takes 13 ms and 50 MB, which no other script shall pay.
#pragma once

#include "base/result.h"
#include "ctext/clang_api.h"
#include "ctext/ctext.h"

namespace sonde::ctext {

// Defined in C text when the kernel has BTF.
inline constexpr std::string_view have_btf_macro = "BPFTRACE_HAVE_BTF";

// The newest libclang of this machine. Stays loaded.
Result<Clang> load_clang();

// Null when something was reported.
std::unique_ptr<CText> read_with_clang(const Clang& clang, std::span<const Piece> pieces,
                                       const Options& options, const target::Btf* kernel,
                                       diag::Diagnostics& diagnostics);

}  // namespace sonde::ctext
