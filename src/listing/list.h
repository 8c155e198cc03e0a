// SPDX-License-Identifier: Apache-2.0
// What can be traced, one line for each probe.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "diag/diagnostics.h"
#include "target/target.h"

namespace sonde::listing {

struct Options {
  bool with_arguments = false;  // below each line, with their types
  std::optional<int> pid;       // the process whose programs are meant
  std::string debug_folders;    // where separate debug information is; as in target/dwarf.h
};

// Takes text of many lines at a time.
using Sink = std::function<void(std::string_view)>;

// `patterns`: attach points with wildcards, `struct NAME` and its kin, several separated by `,`;
// empty: every probe of the kernel. What cannot be looked up is reported; what is not found is not.
void list_patterns(std::string_view patterns, target::Target& target, const Options& options,
                   diag::Diagnostics& diagnostics, const Sink& sink);

// The probes that a script would attach, from the texts of its attach points.
void list_attach_points(std::span<const std::string> texts, target::Target& target,
                        const Options& options, diag::Diagnostics& diagnostics, const Sink& sink);

}  // namespace sonde::listing
