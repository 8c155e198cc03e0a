// SPDX-License-Identifier: Apache-2.0
// Diagnostics as text: `file:line:col-col: ERROR: text`, the source line, a marker line,
// then contexts and hints. The shape is parsed by editors.
#pragma once

#include <string>
#include <string_view>

#include "diag/diagnostics.h"
#include "diag/source_map.h"

namespace sonde::diag {

enum class Colour : std::uint8_t { off, on };
enum class ShowNames : std::uint8_t { no, yes };

struct RenderOptions {
  Colour colour = Colour::off;
  ShowNames names = ShowNames::no;  // append the diagnostic's name: `[unknown_field]`
};

std::string render(const Diagnostic& diagnostic, const SourceMap& sources,
                   const RenderOptions& options = {});

// The `expanded from` entries of a place inside macros, from the innermost call to the outermost;
// empty for what stands where it is written.
std::string render_expansions(std::string_view severity, Span span, const SourceMap& sources);

// One entry: the location line and, when `excerpt`, the source line with its marker.
// Used directly for messages of the running script, which have no diagnostic.
enum class Excerpt : std::uint8_t { no, yes };
std::string render_entry(std::string_view severity, Span span, std::string_view text,
                         const SourceMap& sources, Excerpt excerpt, std::string_view extra = {});

}  // namespace sonde::diag
