// SPDX-License-Identifier: Apache-2.0
// Text in, tree out. Knows no builtin, no probe kind and no kernel.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "ast/fwd.h"
#include "diag/span.h"

namespace sonde {
class Arena;
}
namespace sonde::diag {
class Diagnostics;
class SourceMap;
}  // namespace sonde::diag

namespace sonde::parser {

// Parses one file of `sources`. Several errors are reported in one run; the tree is null
// when there was any. Nodes live in `arena`. `params` are the positional parameters: their
// text replaces `$1`… inside attach points. With `tokens` they stay as written, and the places of
// all tokens are handed out.
ast::Program* parse(diag::FileId file, const diag::SourceMap& sources,
                    std::span<const std::string> params, Arena& arena,
                    diag::Diagnostics& diagnostics, std::vector<diag::Span>* tokens = nullptr);

}  // namespace sonde::parser
