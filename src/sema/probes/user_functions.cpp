// SPDX-License-Identifier: Apache-2.0
// uprobe and uretprobe.
#include <map>
#include <set>

#include "base/demangle.h"
#include "base/text.h"
#include "base/wildcard.h"
#include "sema/probes/functions.h"
#include "sema/probes/user_files.h"
#include "sema/probes/user_places.h"

namespace sonde::sema {

using diag::DiagId;

namespace {

// How the functions of C++ are called in the source. Without a parameter list it means all of
// them.
class CppPattern {
 public:
  explicit CppPattern(const std::string& pattern)
      : pattern_(pattern), has_parameters_(without_parameters(pattern) != pattern) {}

  bool names(std::string_view demangled) const {
    return matches(pattern_, has_parameters_ ? demangled : without_parameters(demangled));
  }

 private:
  const std::string& pattern_;
  bool has_parameters_;
};

class FunctionPlaces {
 public:
  FunctionPlaces(Resolution& resolution, const CodePlace& place, bool is_cpp)
      : r_(resolution), place_(place), is_cpp_(is_cpp) {}

  // What the file has of them.
  void add(const std::string& path) {
    target::Target& target = r_.script.target;
    if (is_cpp_)
      add_cpp(path);
    else if (!has_wildcard(place_.function)) {
      if (target.has_user_function(path, place_.function)) add(path, place_.function, "");
    } else {
      for (const std::string& each : target.user_functions(path))
        if (matches(place_.function, each)) add(path, each, "");
    }
  }

  // A function was found and cannot be attached to, which was reported.
  bool is_refused() const { return is_refused_; }

  std::vector<std::string> candidates(const std::string& path) {
    std::vector<std::string> names = r_.script.target.user_functions(path);
    if (is_cpp_)
      for (std::string& name : names) name = without_parameters(demangle(name));
    return names;
  }

 private:
  void add_cpp(const std::string& path) {
    const CppPattern pattern(place_.function);
    std::map<std::string, std::vector<std::string>> symbols;  // by their names in the source
    for (const std::string& each : r_.script.target.user_functions(path))
      if (std::string name = demangle(each); pattern.names(name))
        symbols[std::move(name)].push_back(each);
    for (const auto& [name, same] : symbols)
      for (const std::string& each : different_functions(path, same)) add(path, each, name);
  }

  // Constructors have several symbols, which may be one function.
  std::vector<std::string> different_functions(const std::string& path,
                                               const std::vector<std::string>& symbols) {
    if (symbols.size() == 1) return symbols;
    std::vector<std::string> different;
    std::set<std::uint64_t> addresses;
    for (const std::string& each : symbols) {
      const auto symbol = r_.script.target.user_symbol(path, each);
      if (!symbol || addresses.insert(symbol->address).second) different.push_back(each);
    }
    return different;
  }

  void add(const std::string& path, const std::string& function, const std::string& cpp) {
    const bool is_named = !has_wildcard(place_.function);
    if ((is_named || place_.offset != 0) && !check_offset(r_, path, function, place_.offset)) {
      is_refused_ = true;
      return;
    }
    std::string name = cpp.empty() ? function : cpp;
    if (place_.offset != 0) name += fmt::format("+{}", place_.offset);
    Place place{.target = path, .function = function, .value = place_.offset};
    if (is_cpp_)
      r_.add(std::move(place), {path, "cpp", name});
    else
      r_.add(std::move(place), {path, name});
  }

  Resolution& r_;
  const CodePlace& place_;
  bool is_cpp_;
  bool is_refused_ = false;
};

void resolve_address(Resolution& r, const std::vector<std::string>& files, std::uint64_t address) {
  if (files.size() > 1 || has_wildcard(r.parts[0])) {
    r.error(DiagId::attach_point_parts, "an address cannot be meant in a pattern of files")
        .hint("name one file: each has other code at {:#x}", address);
    return;
  }
  if (check_address(r, files.front(), address))
    r.add({.target = files.front(), .value = address}, {files.front(), fmt::format("{}", address)});
}

// `FILE@SOURCE:LINE[:COLUMN]`
void resolve_line(Resolution& r) {
  const std::size_t at = r.parts[0].rfind('@');
  const std::string source = r.parts[0].substr(at + 1);
  const auto line = r.parts.size() > 1 ? parse_u64(r.parts[1]) : std::nullopt;
  const auto column = r.parts.size() > 2 ? parse_u64(r.parts[2]) : std::optional<std::uint64_t>(0);
  std::string pattern = r.parts[0].substr(0, at);
  if (pattern.empty() && r.script.process) pattern = r.script.process->executable;
  if (pattern.empty() || source.empty() || !line || !column || r.parts.size() > 3 ||
      *line > UINT32_MAX || *column > UINT32_MAX) {
    r.error(DiagId::attach_point_parts,
            "in front of `@` there must be a file, behind it a source file and a line")
        .hint("write `{}:FILE@main.c:12` or, with a column, `{}:FILE@main.c:12:5`", r.row().name,
              r.row().name);
    return;
  }
  if (r.row().at_return || has_wildcard(r.parts[0])) {
    r.error(DiagId::attach_point_parts, "{}",
            r.row().at_return ? "uretprobe takes no source line: it fires where a function returns"
                              : "wildcards are not allowed with a source line")
        .hint("write `uprobe:FILE@main.c:12`");
    return;
  }
  const std::vector<std::string> files = find_user_files(r, pattern);
  if (files.empty()) return;
  for (const std::uint64_t address : addresses_of_line(
           r, files.front(),
           {source, static_cast<std::uint32_t>(*line), static_cast<std::uint32_t>(*column)})) {
    std::string where = fmt::format("{}@{}:{}", files.front(), source, *line);
    if (*column != 0) where += fmt::format(":{}", *column);
    r.add({.target = files.front(), .value = address}, {where});
  }
}

// `uprobe:FUNCTION` is one of the program that the process executes. False: it was reported.
bool add_program_of_process(Resolution& r) {
  if (r.parts.size() != 1 || !r.script.process) return true;
  const std::string& executable = r.script.process->executable;
  if (executable.empty()) {
    r.error(DiagId::no_such_file, "the program of the process cannot be found")
        .hint("write it in front of the function: `{}`", r.row().syntax);
    return false;
  }
  r.parts.insert(r.parts.begin(), executable);
  return true;
}

// Names of files may have a `@` of their own.
bool names_line(Resolution& r) {
  const std::size_t at = r.parts.empty() ? std::string::npos : r.parts[0].rfind('@');
  if (at == std::string::npos) return false;
  if (r.parts.size() == 1 || parse_u64(r.parts[1])) return true;
  target::Target& target = r.script.target;
  return target.find_files(r.parts[0]).empty() &&
         (at == 0 || !target.find_files(r.parts[0].substr(0, at)).empty());
}

void resolve_user_function(Resolution& r) {
  if (names_line(r)) return resolve_line(r);
  if (!add_program_of_process(r)) return;
  if (!r.check_part_count()) return;
  const bool is_cpp = r.parts.size() == 3 && r.parts[1] == "cpp";
  if (r.parts.size() == 3 && !is_cpp) {
    r.error(DiagId::attach_point_parts, "unsupported language type: `{}`", r.parts[1])
        .hint("the language of functions may be `cpp`: write `{}`", r.row().syntax);
    return;
  }
  const auto place = parse_code_place(r, r.parts.back());
  if (!place) return;
  const std::vector<std::string> files =
      find_user_files(r, r.parts[0], place->address ? Wanted::any_file : Wanted::elf);
  if (files.empty()) return;
  if (place->address) return resolve_address(r, files, *place->address);
  FunctionPlaces functions(r, *place, is_cpp);
  for (const std::string& path : files) functions.add(path);
  if (r.matches.empty() && !functions.is_refused())
    r.missing(fmt::format("there is no function `{}`{}", place->function, in_files(files)),
              place->function, [&] { return functions.candidates(files.front()); });
}

}  // namespace

void resolve_uprobe(Resolution& r) { resolve_user_function(r); }
void resolve_uretprobe(Resolution& r) { resolve_user_function(r); }

}  // namespace sonde::sema
