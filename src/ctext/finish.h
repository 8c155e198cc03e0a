// SPDX-License-Identifier: Apache-2.0
// What both readers of C text do in the end.
#pragma once

#include "ctext/ctext.h"
#include "ctext/declarations.h"

namespace sonde::ctext {

// C tokens as text of the script's language.
std::string script_text(std::span<const Token> tokens);

// Makes the BTF, and warns of definitions that the kernel has differently.
std::unique_ptr<CText> finish(target::BtfBuilder& builder, std::span<const Definition> definitions,
                              const target::Btf* kernel, diag::Diagnostics& diagnostics);

}  // namespace sonde::ctext
