// SPDX-License-Identifier: Apache-2.0
#include "modules/find_import.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "modules/library.h"

namespace sonde::modules {

namespace {

using diag::DiagId;
namespace fs = std::filesystem;

bool is_world_writable(const fs::path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && (info.st_mode & S_IWOTH) != 0;
}

// Whoever can write there could make this script, which runs as root, do anything.
bool can_be_trusted(const fs::path& path, diag::Span place, diag::Diagnostics& diag) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  for (const fs::path& part : {path, folder}) {
    if (!is_world_writable(part)) continue;
    diag.error(DiagId::import_refused, place, "`{}` is not imported: everybody can write to `{}`",
               path.string(), part.string())
        .hint("`chmod o-w {}`", part.string());
    return false;
  }
  return true;
}

std::vector<std::string> files_of(const fs::path& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.is_regular_file(error) && kind_of(entry.path().native()) != FileKind::unknown)
      files.push_back(entry.path().string());
  std::ranges::sort(files);
  return files;
}

void report_not_found(std::string_view path, const fs::path& checked, diag::Span place,
                      diag::Diagnostics& diag) {
  auto report = diag.error(DiagId::import_not_found, place, "there is no `{}` to import", path);
  report.hint("looked for `{}`", checked.string());
  std::vector<std::string_view> known;
  for (const LibraryFile& file : library_files()) known.push_back(file.name);
  const std::string_view similar = nearest(path, std::span<const std::string_view>(known));
  if (!similar.empty()) report.hint("the library has `{}`, and its macros need no import", similar);
}

}  // namespace

FileKind kind_of(std::string_view path) {
  if (path.ends_with(".bt")) return FileKind::script;
  if (path.ends_with(".h")) return FileKind::header;
  if (path.ends_with(".bpf.c")) return FileKind::bpf_source;
  if (path.ends_with(".bpf.o")) return FileKind::bpf_object;
  return FileKind::unknown;
}

std::vector<std::string> find_import(std::string_view path, const std::string& folder,
                                     diag::Span place, diag::Diagnostics& diag) {
  const fs::path wanted = (fs::path(folder) / path).lexically_normal();
  std::error_code error;
  if (!fs::exists(wanted, error)) {
    const bool in_library = path == "stdlib" || std::ranges::any_of(library_files(), [&](auto& f) {
                              return f.name == path;
                            });
    if (!in_library) report_not_found(path, wanted, place, diag);
    return {};  // its macros are known without
  }
  if (!can_be_trusted(wanted, place, diag)) return {};
  if (fs::is_directory(wanted, error)) {
    std::vector<std::string> files = files_of(wanted);
    std::erase_if(files, [&](const std::string& f) { return !can_be_trusted(f, place, diag); });
    return files;
  }
  if (kind_of(path) == FileKind::unknown) {
    diag.error(DiagId::unknown_import, place, "it is not known how `{}` is imported", path)
        .hint("files that can be imported end in `.bt`, `.h`, `.bpf.c` or `.bpf.o`");
    return {};
  }
  return {wanted.string()};
}

}  // namespace sonde::modules
