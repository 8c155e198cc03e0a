// SPDX-License-Identifier: Apache-2.0
// The texts that a script takes from elsewhere: imported files and the library.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>

#include "base/arena.h"
#include "diag/source_map.h"
#include "modules/compile_c.h"
#include "sema/foreign.h"
#include "sema/modules.h"

namespace sonde::modules {

class Files : public sema::Modules {
 public:
  // All outlive this; nodes live in `arena`. `params` replace `$1`… in attach points.
  Files(Arena& arena, diag::SourceMap& sources, std::span<const std::string> params,
        COptions c_options)
      : arena_(arena), sources_(sources), params_(params), c_options_(std::move(c_options)) {}

  const std::vector<ast::Macro*>& library_macros(std::string_view name) override;
  std::vector<std::string_view> library_names() const override;
  std::vector<ast::Item*> import(std::string_view path, diag::Span place,
                                 diag::Diagnostics& diagnostics) override;
  const sema::ForeignFunction* find_foreign(std::string_view name) const override;
  std::vector<const sema::ForeignObject*> objects() const override;

 private:
  void parse_library(std::size_t file);
  void import_file(const std::string& path, diag::Span place, diag::Diagnostics& diagnostics,
                   std::vector<ast::Item*>& items);
  void import_script(const std::string& path, diag::Span place, diag::Diagnostics& diagnostics,
                     std::vector<ast::Item*>& items);
  void import_c(const std::string& path, diag::Span place, diag::Diagnostics& diagnostics);
  void import_object(const std::string& path, std::string bytes, diag::Span place,
                     diag::Diagnostics& diagnostics);

  Arena& arena_;
  diag::SourceMap& sources_;
  std::span<const std::string> params_;
  COptions c_options_;
  std::vector<std::unique_ptr<sema::ForeignObject>> objects_;
  std::set<std::size_t> parsed_;  // files of the library
  std::map<std::string, std::vector<ast::Macro*>, std::less<>> macros_;
  std::set<std::string> imported_;  // absolute paths
};

}  // namespace sonde::modules
