// SPDX-License-Identifier: Apache-2.0
#include "modules/modules.h"

#include <fmt/format.h>
#include <algorithm>
#include <filesystem>

#include "ast/match.h"
#include "base/assert.h"
#include "base/file.h"
#include "modules/find_import.h"
#include "modules/library.h"
#include "modules/read_object.h"
#include "parser/parser.h"

namespace sonde::modules {

namespace fs = std::filesystem;
using diag::DiagId;

namespace {

std::string folder_of(const std::string& file) {
  const fs::path folder = fs::path(file).parent_path();
  return folder.string();
}

// A header is looked for beside the file that includes it, and the compiler of C text knows of one
// text only, that of the script.
void make_absolute(ast::CDefinition& c_text, const std::string& folder) {
  constexpr std::string_view word = "#include \"";
  const std::size_t end = c_text.text.rfind('"');
  if (!c_text.text.starts_with(word) || end <= word.size()) return;
  const fs::path name = c_text.text.substr(word.size(), end - word.size());
  std::error_code error;
  const fs::path header = fs::absolute(fs::path(folder) / name, error);
  if (fs::exists(header, error))
    c_text.text = fmt::format("{}{}\"", word, header.lexically_normal().string());
}

}  // namespace

// --- the library -----------------------------------------------------------------------------

void Files::parse_library(std::size_t file) {
  if (!parsed_.insert(file).second) return;
  const LibraryFile& text = library_files()[file];
  diag::Diagnostics problems;
  const diag::FileId id = sources_.add(std::string(text.name), std::string(text.text));
  const ast::Program* program = parser::parse(id, sources_, {}, arena_, problems);
  SONDE_ASSERT(program, "the library is written in the language");
  for (ast::Item* item : program->items)
    if (auto* macro = ast::as<ast::Macro>(item)) macros_[macro->name].push_back(macro);
}

const std::vector<ast::Macro*>& Files::library_macros(std::string_view name) {
  static const std::vector<ast::Macro*> none;
  for (const LibraryMacro& macro : modules::library_macros()) {
    if (macro.name != name) continue;
    parse_library(macro.file);
    return macros_.find(name)->second;
  }
  return none;
}

std::vector<std::string_view> Files::library_names() const {
  std::vector<std::string_view> names;
  for (const LibraryMacro& macro : modules::library_macros()) names.push_back(macro.name);
  return names;
}

// --- imports ---------------------------------------------------------------------------------

std::vector<ast::Item*> Files::import(std::string_view path, diag::Span place,
                                      diag::Diagnostics& diagnostics) {
  const std::string importer(sources_.name(place.file));
  std::error_code error;
  imported_.insert(fs::weakly_canonical(importer, error).string());
  std::vector<ast::Item*> items;
  for (const std::string& file : find_import(path, folder_of(importer), place, diagnostics))
    import_file(file, place, diagnostics, items);
  return items;
}

void Files::import_file(const std::string& path, diag::Span place, diag::Diagnostics& diagnostics,
                        std::vector<ast::Item*>& items) {
  std::error_code error;
  const std::string absolute = fs::canonical(path, error).string();
  if (!imported_.insert(absolute).second) return;
  switch (kind_of(path)) {
    case FileKind::script: import_script(path, place, diagnostics, items); break;
    case FileKind::header:
      items.push_back(
          ast::make<ast::CDefinition>(arena_, place, fmt::format("#include \"{}\"", absolute)));
      break;
    case FileKind::bpf_source: import_c(path, place, diagnostics); break;
    case FileKind::bpf_object:
      if (auto bytes = read_file(path))
        import_object(path, std::move(*bytes), place, diagnostics);
      else
        diagnostics.error(DiagId::import_not_found, place, "{}", bytes.error().message);
      break;
    case FileKind::unknown: break;  // reported, or not asked for
  }
}

void Files::import_script(const std::string& path, diag::Span place, diag::Diagnostics& diagnostics,
                          std::vector<ast::Item*>& items) {
  auto text = read_file(path);
  if (!text) {
    diagnostics.error(DiagId::import_not_found, place, "{}", text.error().message);
    return;
  }
  const diag::FileId id = sources_.add(path, std::move(*text), place);
  const ast::Program* program = parser::parse(id, sources_, params_, arena_, diagnostics);
  if (!program) return;
  for (ast::Item* item : program->items) {
    if (const auto* nested = ast::as<ast::RootImport>(item)) {
      std::ranges::copy(import(nested->path, nested->span, diagnostics), std::back_inserter(items));
    } else if (const auto* config = ast::as<ast::Config>(item)) {
      if (!config->settings.empty())
        diagnostics
            .error(DiagId::misplaced_item, config->span,
                   "a file that is imported cannot have settings")
            .hint("`config` stands in the script itself");
    } else {
      if (auto* c_text = ast::as<ast::CDefinition>(item)) make_absolute(*c_text, folder_of(path));
      items.push_back(item);
    }
  }
}

// --- C ---------------------------------------------------------------------------------------

void Files::import_c(const std::string& path, diag::Span place, diag::Diagnostics& diagnostics) {
  if (auto bytes = compile_c(path, place, c_options_, sources_, diagnostics))
    import_object(path, std::move(*bytes), place, diagnostics);
}

void Files::import_object(const std::string& path, std::string bytes, diag::Span place,
                          diag::Diagnostics& diagnostics) {
  auto object = read_object(path, std::move(bytes), place);
  if (!object) {
    diagnostics.error(DiagId::c_import, place, "`{}` cannot be imported: {}", path,
                      object.error().message);
    return;
  }
  for (const sema::ForeignFunction& function : (*object)->functions)
    if (const sema::ForeignFunction* known = find_foreign(function.name))
      diagnostics
          .error(DiagId::c_import, place, "`{}` defines {}(), which `{}` does too", path,
                 function.name, known->object->path)
          .label(known->object->imported_at, "that is imported here");
  objects_.push_back(std::move(*object));
}

const sema::ForeignFunction* Files::find_foreign(std::string_view name) const {
  for (const auto& object : objects_)
    for (const sema::ForeignFunction& function : object->functions)
      if (function.name == name) return &function;
  return nullptr;
}

std::vector<const sema::ForeignObject*> Files::objects() const {
  std::vector<const sema::ForeignObject*> all;
  for (const auto& object : objects_) all.push_back(object.get());
  return all;
}

}  // namespace sonde::modules
