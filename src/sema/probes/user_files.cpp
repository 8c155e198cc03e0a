// SPDX-License-Identifier: Apache-2.0
#include "sema/probes/user_files.h"

#include "base/wildcard.h"

namespace sonde::sema {

using diag::DiagId;

namespace {

void report_no_file(Resolution& r, const std::string& name) {
  auto report =
      r.error(DiagId::no_such_file, "{} target file '{}' does not exist or is not executable",
              r.row().name, name);
  if (name.find('/') == std::string::npos)
    report.hint("it was looked for {}in this folder and in $PATH; write the whole path",
                name.starts_with("lib") ? "among the libraries, " : "");
}

void report_not_elf(Resolution& r, const std::string& path, Wanted wanted) {
  auto report = r.error(DiagId::no_such_file, "'{}' is not an ELF program or library", path);
  if (path.contains("!/"))
    report.hint("only members that are stored in the archive without compression can be traced");
  else if (wanted == Wanted::any_file)
    report.hint("--unsafe attaches to an offset in any file");
  else
    report.hint("of a script, trace the interpreter that runs it");
}

}  // namespace

std::vector<std::string> find_user_files(Resolution& r, const std::string& name, Wanted wanted) {
  target::Target& target = r.script.target;
  // A process may see other files than we do; its own program is named as we see it.
  const auto& process = r.script.process;
  const std::optional<int> pid =
      process && name != process->executable ? process->pid : std::nullopt;
  std::vector<std::string> files = target.find_files(name, pid);
  if (has_wildcard(name)) {
    if (files.empty())
      r.missing(fmt::format("no program or library matches `{}`", name), "",
                [] { return std::vector<std::string>(); });
    return files;
  }
  if (files.empty()) {
    report_no_file(r, name);
    return {};
  }
  if (target.file_kind(files.front()) != target::FileKind::elf &&
      (wanted == Wanted::elf || !r.script.unsafe)) {
    report_not_elf(r, files.front(), wanted);
    return {};
  }
  if (files.size() > 1) {
    std::string others;
    for (std::size_t i = 1; i < files.size(); ++i) others += (i > 1 ? ", " : "") + files[i];
    r.diag
        .warning(DiagId::several_files, r.attach_point.span,
                 "attaching to {} target file '{}' but matched {} files", r.row().name,
                 files.front(), files.size())
        .hint("write the whole path to be sure; there is also {}", others);
    files.resize(1);
  }
  return files;
}

std::string in_files(const std::vector<std::string>& files) {
  if (files.size() == 1) return " in " + files.front();
  return fmt::format(" in any of {} files", files.size());
}

}  // namespace sonde::sema
