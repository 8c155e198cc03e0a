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
#include <set>
#include <utility>
#include <vector>

#include "base/archive.h"
#include "base/elf_file.h"
#include "base/file.h"
#include "base/text.h"
#include "base/unique_fd.h"
#include "base/wildcard.h"
#include "target/process_files.h"

namespace sonde::target {

namespace {

// Also a member of an archive, whether there is one of that name or not.
bool is_regular_file(const std::string& path) {
  struct stat info {};
  return ::stat(file_of(path).c_str(), &info) == 0 && S_ISREG(info.st_mode);
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

// Of what the shell knows as special only `*` is so in our patterns.
std::string escape(std::string_view pattern) {
  std::string text;
  for (const char c : pattern) {
    if (std::string_view("?[]\\").contains(c)) text += '\\';
    text += c;
  }
  return text;
}

// The folders named in /etc/ld.so.conf.d, then those that the dynamic linker always searches.
// The linker's own cache is not read: its format is glibc's private matter.
std::vector<std::string> library_folders(const std::string& root) {
  std::vector<std::string> folders;
  for (const std::string& file : expand(root + "/etc/ld.so.conf.d/*.conf")) {
    const auto content = read_file(file);
    if (!content) continue;
    for (std::string_view line : split(*content, '\n')) {
      line = trim(line.substr(0, line.find('#')));
      if (line.starts_with('/')) folders.push_back(root + std::string(line));
    }
  }
  for (const std::string& base : {root + "/lib", root + "/usr/lib"}) {
    for (std::string& triplet : expand(base + "/*-linux-gnu*")) folders.push_back(triplet);
    folders.push_back(base + "64");
    folders.push_back(base);
  }
  return folders;
}

bool is_elf_file(const std::string& path) { return read_file_kind(path) == FileKind::elf; }

// `libssl.so.3` exactly, `libc` through libc.so (which may be a text for the linker: no) or
// libc.so.6.
std::optional<std::string> find_library(std::string_view name, const std::string& root) {
  for (const std::string& folder : library_folders(root)) {
    const std::string exact = folder + '/' + std::string(name);
    for (const std::string& path : {exact, exact + ".so"})
      if (is_elf_file(path)) return path;
    for (const std::string& path : expand(escape(exact) + ".so.*"))
      if (is_elf_file(path)) return path;
  }
  return std::nullopt;
}

// The places where a shell would find a program of that name.
std::vector<std::string> places_in_path(std::string_view name) {
  const char* path = std::getenv("PATH");
  if (!path) path = "/usr/local/bin:/usr/bin:/bin";  // what a shell assumes
  std::vector<std::string> places;
  for (const std::string_view folder : split(path, ':'))
    // An empty entry means the current folder.
    places.push_back((folder.empty() ? "." : std::string(folder)) + '/' + std::string(name));
  return places;
}

// In the order of preference. A name without folder gets one, so that nobody searches again. What
// lies below /proc is ours: it is how files of other roots are named.
std::vector<std::string> candidates(std::string_view pattern, const std::string& root) {
  if (pattern.starts_with("/proc/")) return {std::string(pattern)};
  if (pattern.starts_with('/')) return {root + std::string(pattern)};
  if (pattern.find('/') != std::string_view::npos) return {std::string(pattern)};
  std::vector<std::string> places;
  if (pattern.starts_with("lib") && !has_wildcard(pattern))
    if (auto library = find_library(pattern, root)) return {*library};
  places.push_back("./" + std::string(pattern));
  for (const std::string& place : places_in_path(pattern)) places.push_back(root + place);
  return places;
}

std::vector<std::string> match_files(std::string_view pattern, const std::string& root) {
  std::vector<std::string> found;
  for (const std::string& candidate : candidates(pattern, root))
    for (std::string& path : expand(escape(candidate)))
      if (is_elf_file(path)) found.push_back(std::move(path));
  return found;
}

// Folders may be links to each other, as /bin and /usr/bin often are.
std::vector<std::string> each_file_once(const std::vector<std::string>& paths) {
  std::set<std::pair<dev_t, ino_t>> seen;
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    struct stat info {};
    if (::stat(file_of(path).c_str(), &info) == 0 && seen.emplace(info.st_dev, info.st_ino).second)
      files.push_back(path);
  }
  return files;
}

}  // namespace

std::vector<std::string> find_program_files(std::string_view pattern, std::optional<int> pid) {
  if (pattern.empty()) return {};
  if (pattern == "*") return executed_files(pid);
  const std::string root = pid ? root_of_process(*pid) : "";
  if (has_wildcard(pattern)) {
    std::vector<std::string> files = each_file_once(match_files(pattern, root));
    std::ranges::sort(files);
    return files;
  }
  std::vector<std::string> files = candidates(pattern, root);
  std::erase_if(files, [](const std::string& path) { return !is_regular_file(path); });
  return each_file_once(files);
}

FileKind read_file_kind(const std::string& path) {
  if (!is_regular_file(path)) return FileKind::missing;
  if (split_archive_path(path)) return ElfFile::open(path) ? FileKind::elf : FileKind::not_elf;
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char magic[SELFMAG] = {};
  if (!fd.valid() || ::read(fd.get(), magic, SELFMAG) != SELFMAG) return FileKind::not_elf;
  return std::memcmp(magic, ELFMAG, SELFMAG) == 0 ? FileKind::elf : FileKind::not_elf;
}

}  // namespace sonde::target
