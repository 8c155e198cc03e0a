// SPDX-License-Identifier: Apache-2.0
// The verifier's log, read back to a line of the script.
#pragma once

#include <string>
#include <string_view>

#include "diag/source_map.h"
#include "diag/span.h"
#include "runtime/line_info.h"

namespace sonde::runtime {

class Reporter;

struct Refusal {
  std::string reason;  // the verifier's own words; empty when the log has none
  diag::Span span;     // not known() when the place cannot be found
};

// The kernel stops at the first fault, so the log's last instruction is the one that it did not
// want, and the line before the statistics says why.
Refusal read_verifier_log(std::string_view log, const ProgramLines& program,
                          const diag::SourceMap& sources);

// Says that the kernel refused `probe`, and where. `error`, an errno, stands for a missing reason.
// The whole log follows with -v, else a hint.
void report_refusal(Reporter& reporter, std::string_view probe, int error, std::string_view log,
                    const ProgramLines& program);

}  // namespace sonde::runtime
