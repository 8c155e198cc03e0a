// SPDX-License-Identifier: Apache-2.0
// From text to image: parser, sema, codegen in a row.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "diag/diagnostics.h"
#include "diag/source_map.h"
#include "driver/command_line.h"
#include "image/image.h"
#include "target/target.h"

namespace sonde::driver {

struct Phase {
  std::string name;
  std::chrono::nanoseconds time{};
};

// Where the time went, for --time-passes.
class PhaseTimes {
 public:
  void add(std::string_view name, std::chrono::nanoseconds time) {
    phases_.push_back({std::string(name), time});
  }
  std::string table() const;

 private:
  std::vector<Phase> phases_;
};

// Reads the script that the command line names; nothing when an error was reported.
std::optional<diag::FileId> read_script(const CommandLine& line, diag::SourceMap& sources,
                                        diag::Diagnostics& diagnostics);

// The kernel that is compiled for; null when an error was reported.
std::unique_ptr<target::Target> open_target(const CommandLine& line,
                                            diag::Diagnostics& diagnostics);

// Once the kernel was asked for all that is wanted of it: its BTF is read no further than that. A
// kernel without BTF is told where some is needed.
void warn_of_damaged_btf(target::Target& kernel, diag::Diagnostics& diagnostics);

// Told of the tables of the image before LLVM begins (CodegenOptions::on_tables).
using TablesObserver = std::function<void(const image::Image&)>;

// What the command line asked for: the image, or the text of what --emit names. Nothing when an
// error was reported.
std::optional<std::string> compile(const CommandLine& line, diag::SourceMap& sources,
                                   diag::Diagnostics& diagnostics, PhaseTimes& times,
                                   const TablesObserver& on_tables = {});

}  // namespace sonde::driver
