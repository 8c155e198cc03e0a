// SPDX-License-Identifier: Apache-2.0
// uprobe and uretprobe.
#include "base/text.h"
#include "base/wildcard.h"
#include "sema/probes/functions.h"

namespace sonde::sema {

using diag::DiagId;
using lang::Construct;

namespace {

// A process may see other files than we do.
std::optional<std::string> find_path(Resolution& r, const std::string& name) {
  target::Target& target = r.script.target;
  if (!r.script.process || !r.script.process->pid) return target.find_program(name);
  std::vector<std::string> files = target.find_files(name, r.script.process->pid);
  return files.empty() ? std::nullopt : std::optional(std::move(files.front()));
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

// Nothing: it was reported.
std::optional<std::string> find_file(Resolution& r, const std::string& name) {
  target::Target& target = r.script.target;
  const auto path = find_path(r, name);
  const target::FileKind kind = path ? target.file_kind(*path) : target::FileKind::missing;
  if (kind == target::FileKind::elf) return path;
  if (kind == target::FileKind::not_elf) {
    r.error(DiagId::no_such_file, "'{}' is not an ELF program or library", *path)
        .hint("of a script, trace the interpreter that runs it");
    return std::nullopt;
  }
  auto report =
      r.error(DiagId::no_such_file, "{} target file '{}' does not exist or is not executable",
              r.row().name, name);
  if (name.find('/') == std::string::npos)
    report.hint("it was looked for in $PATH{}; write the whole path",
                name.starts_with("lib") ? " and among the libraries" : "");
  return std::nullopt;
}

// `file.c:LINE[:COLUMN]`
bool names_line(const std::vector<std::string>& parts) {
  if (parts[0].find('@') == std::string::npos) return false;
  return parts.size() == 1 || parse_u64(parts[1]);
}

void resolve_user_function(Resolution& r) {
  if (!r.parts.empty() && names_line(r.parts)) return r.planned(Construct::probe_line);
  if (r.parts.size() == 3) return r.planned(Construct::probe_language);
  if (!add_program_of_process(r)) return;
  if (!r.check_part_count()) return;
  if (has_wildcard(r.parts[0])) return r.planned(Construct::probe_wildcard);
  const auto path = find_file(r, r.parts[0]);
  const std::string& function = r.parts[1];
  if (!path || !check_function(r, function)) return;
  target::Target& target = r.script.target;
  if (has_wildcard(function)) {
    for (const std::string& each : target.user_functions(*path))
      if (matches(function, each)) r.add({.target = *path, .function = each}, {*path, each});
  } else if (target.has_user_function(*path, function)) {
    r.add({.target = *path, .function = function}, {*path, function});
  }
  if (r.matches.empty())
    r.missing(fmt::format("there is no function `{}` in {}", function, *path), function,
              [&] { return target.user_functions(*path); });
}

}  // namespace

void resolve_uprobe(Resolution& r) { resolve_user_function(r); }
void resolve_uretprobe(Resolution& r) { resolve_user_function(r); }

}  // namespace sonde::sema
