// SPDX-License-Identifier: Apache-2.0
// Providers of programs and libraries.
#include <fmt/format.h>

#include <array>

#include "base/demangle.h"
#include "base/wildcard.h"
#include "listing/c_text.h"
#include "listing/providers.h"

namespace sonde::listing {

using diag::DiagId;

namespace {

// What the parts of an attach point mean.
struct UserPattern {
  std::string file = "*";  // `*`: what runs
  std::string middle;      // the language, or the namespace of a USDT probe; `*`: any
  std::string name = "*";
};

// FILE:NAME, FILE:MIDDLE:NAME; of a process also NAME alone; a file alone means all that it has.
UserPattern read_pattern(const Request& request, std::string_view any_middle) {
  const auto& parts = request.parts;
  UserPattern pattern{.middle = std::string(any_middle)};
  const bool is_name =
      parts.size() == 1 && request.context.options.pid && parts[0].find('/') == std::string::npos;
  if (is_name) {
    pattern.name = parts[0];
    return pattern;
  }
  if (!parts[0].empty()) pattern.file = parts[0];
  if (parts.size() > 1) pattern.name = parts.back();
  if (parts.size() > 2 && !parts[1].empty()) pattern.middle = parts[1];
  return pattern;
}

std::vector<std::string> find_files(const Request& request, const std::string& pattern) {
  auto files = request.target().find_files(pattern, request.context.options.pid);
  // A name means the first file that it fits, as in an attach point.
  if (!has_wildcard(pattern) && files.size() > 1) files.resize(1);
  if (files.empty() && !has_wildcard(pattern) && request.is_named)
    request.context.diag.warning(DiagId::no_such_file, {},
                                 "{} target file '{}' does not exist or is not executable",
                                 request.provider.name(), pattern);
  return files;
}

// The arguments of the functions of one file.
class FileTypes {
 public:
  FileTypes(Request& request, const std::string& path) : request_(request), path_(path) {}

  // Before any is asked for.
  void read(const std::vector<std::string>& symbols) {
    if (symbols.empty()) return;
    open();
    if (types_) types_->read_params(symbols);
  }

  std::string details(const std::string& symbol) {
    if (!types_) return "";
    const auto& params = types_->params(symbol);
    if (!params) return "";
    std::string text;
    for (const target::UserParam& param : *params)
      text += "    " + argument(types_->btf(), param.type, param.name) + "\n";
    return text;
  }

 private:
  void open() {
    auto types = request_.target().open_user_types(path_, request_.context.options.debug_folders);
    if (types)
      types_ = *std::move(types);
    else
      request_.context.diag.warning(DiagId::no_debug_info, {}, "no arguments are shown: {}",
                                    types.error().message);
  }

  Request& request_;
  const std::string& path_;
  std::unique_ptr<target::UserTypes> types_;
};

// A name of C++ without a parenthesis means all functions of that name.
bool matches_cpp(const std::string& pattern, const std::string& demangled) {
  return matches(pattern, demangled) || (pattern.find('(') == std::string::npos &&
                                         matches(pattern, without_parameters(demangled)));
}

}  // namespace

void list_user_functions(Request& request) {
  const UserPattern pattern = read_pattern(request, "");
  const bool is_cpp = pattern.middle == "cpp";
  if (!pattern.middle.empty() && !is_cpp) {
    request.context.diag
        .error(DiagId::command_line, {}, "unsupported language type: {}", pattern.middle)
        .hint("the only one is `cpp`");
    return;
  }
  // What is no name of C++ has no other name.
  const auto is_listed = [&](const std::string& name) {
    if (!is_cpp) return matches(pattern.name, name);
    const std::string shown = demangle(name);
    return shown != name && matches_cpp(pattern.name, shown);
  };
  for (const std::string& path : find_files(request, pattern.file)) {
    std::vector<std::string> names = request.target().user_functions(path);
    std::erase_if(names, [&](const std::string& name) { return !is_listed(name); });
    FileTypes types(request, path);
    if (request.with_arguments()) types.read(names);
    for (const std::string& name : names)
      request.lines.add(is_cpp ? request.line({path, "cpp", "\"" + demangle(name) + "\""})
                               : request.line({path, name}),
                        types.details(name));
  }
}

void list_usdt_probes(Request& request) {
  const UserPattern pattern = read_pattern(request, "*");
  for (const std::string& path : find_files(request, pattern.file))
    for (const target::UsdtProbe& probe : request.target().usdt_probes(path))
      if (matches(pattern.middle, probe.provider) && matches(pattern.name, probe.name))
        request.lines.add(request.line({path, probe.provider, probe.name}));
}

}  // namespace sonde::listing
