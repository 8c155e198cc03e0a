// SPDX-License-Identifier: Apache-2.0
// The texts that a script takes from elsewhere: imported files and the library.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>

#include "base/arena.h"
#include "diag/source_map.h"
#include "sema/modules.h"

namespace sonde::modules {

class Files : public sema::Modules {
 public:
  // All outlive this; nodes live in `arena`. `params` replace `$1`… in attach points.
  Files(Arena& arena, diag::SourceMap& sources, std::span<const std::string> params)
      : arena_(arena), sources_(sources), params_(params) {}

  const std::vector<ast::Macro*>& library_macros(std::string_view name) override;
  std::vector<std::string_view> library_names() const override;
  std::vector<ast::Item*> import(std::string_view path, diag::Span place,
                                 diag::Diagnostics& diagnostics) override;

 private:
  void parse_library(std::size_t file);
  void import_file(const std::string& path, diag::Span place, diag::Diagnostics& diagnostics,
                   std::vector<ast::Item*>& items);
  void import_script(const std::string& path, diag::Span place, diag::Diagnostics& diagnostics,
                     std::vector<ast::Item*>& items);

  Arena& arena_;
  diag::SourceMap& sources_;
  std::span<const std::string> params_;
  std::set<std::size_t> parsed_;  // files of the library
  std::map<std::string, std::vector<ast::Macro*>, std::less<>> macros_;
  std::set<std::string> imported_;  // absolute paths
};

}  // namespace sonde::modules
