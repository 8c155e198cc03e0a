// SPDX-License-Identifier: Apache-2.0
#include "target/files.h"

#include <elf.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "base/unique_fd.h"

namespace sonde::target {

namespace {

bool is_regular_file(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

// Paths that match a shell pattern, sorted.
std::vector<std::string> expand(const std::string& pattern) {
  std::vector<std::string> paths;
  glob_t matches{};
  if (::glob(pattern.c_str(), 0, nullptr, &matches) == 0)
    paths.assign(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
  ::globfree(&matches);
  return paths;
}

// The folders named in /etc/ld.so.conf.d, then those that the dynamic linker always searches.
// The linker's own cache is not read: its format is glibc's private matter.
std::vector<std::string> library_folders() {
  std::vector<std::string> folders;
  for (const std::string& file : expand("/etc/ld.so.conf.d/*.conf")) {
    const auto content = read_file(file);
    if (!content) continue;
    for (std::string_view line : split(*content, '\n')) {
      line = trim(line.substr(0, line.find('#')));
      if (line.starts_with('/')) folders.emplace_back(line);
    }
  }
  for (const std::string base : {"/lib", "/usr/lib"}) {
    for (std::string& triplet : expand(base + "/*-linux-gnu*")) folders.push_back(triplet);
    folders.push_back(base + "64");
    folders.push_back(base);
  }
  return folders;
}

// `libssl.so.3` exactly, `libc` through libc.so (which may be a text for the linker: no) or
// libc.so.6.
std::optional<std::string> find_library(std::string_view name) {
  const bool wildcard = name.find_first_of("*?[") != std::string_view::npos;
  if (wildcard) return std::nullopt;
  for (const std::string& folder : library_folders()) {
    const std::string exact = folder + '/' + std::string(name);
    for (const std::string& path : {exact, exact + ".so"})
      if (is_regular_file(path) && read_file_kind(path) == FileKind::elf) return path;
    for (const std::string& path : expand(exact + ".so.*"))
      if (is_regular_file(path) && read_file_kind(path) == FileKind::elf) return path;
  }
  return std::nullopt;
}

std::optional<std::string> find_in_path(std::string_view name) {
  const char* path = std::getenv("PATH");
  if (!path) path = "/usr/local/bin:/usr/bin:/bin";  // what a shell assumes
  for (const std::string_view folder : split(path, ':')) {
    // An empty entry means the current folder.
    std::string candidate =
        folder.empty() ? std::string(name) : std::string(folder) + '/' + std::string(name);
    if (is_regular_file(candidate)) return candidate;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> find_program_file(std::string_view name) {
  if (name.empty()) return std::nullopt;
  std::string as_is(name);
  if (name.find('/') != std::string_view::npos)
    return is_regular_file(as_is) ? std::optional(as_is) : std::nullopt;
  if (name.starts_with("lib"))
    if (auto library = find_library(name)) return library;
  if (auto program = find_in_path(name)) return program;
  // A path with a folder in it, so that nobody searches for it again.
  if (is_regular_file(as_is)) return "./" + as_is;
  return std::nullopt;
}

FileKind read_file_kind(const std::string& path) {
  if (!is_regular_file(path)) return FileKind::missing;
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char magic[SELFMAG] = {};
  if (!fd.valid() || ::read(fd.get(), magic, SELFMAG) != SELFMAG) return FileKind::not_elf;
  return std::memcmp(magic, ELFMAG, SELFMAG) == 0 ? FileKind::elf : FileKind::not_elf;
}

}  // namespace sonde::target
