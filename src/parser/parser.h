// SPDX-License-Identifier: Apache-2.0
// Text in, tree out. Knows no builtin, no probe kind and no kernel.
#pragma once

#include <span>
#include <string>
#include <string_view>
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

// Parses text that is one expression, such as that of a macro. Every node gets the place `span`.
// Null when it is anything else; nothing is reported.
ast::Expr* parse_expression(std::string_view text, diag::Span span, Arena& arena);

}  // namespace sonde::parser
