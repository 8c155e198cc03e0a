// SPDX-License-Identifier: Apache-2.0
#include "runtime/verifier_report.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/text.h"
#include "runtime/reporter.h"

namespace sonde::runtime {

namespace {

// `; @x = @y + 1 @ script.bt:4`. Linux 6.1 gives the text alone, 6.12 and 6.18 the place as well
// (seen with Debian's kernels), with the base name of the file.
struct QuotedLine {
  std::string_view text;
  std::string_view file;  // empty: not told
  std::uint32_t line = 0;
};

struct LogEnd {
  std::string_view reason;
  std::optional<std::uint32_t> instruction;
  std::optional<QuotedLine> quoted;  // what stands above the instruction
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// `12: (85) call bpf_map_lookup_elem#1`
std::optional<std::uint32_t> instruction_of(std::string_view line) {
  const std::size_t colon = line.find(": (");
  if (colon == line.npos || colon == 0 ||
      !std::all_of(line.begin(), line.begin() + colon, is_digit))
    return std::nullopt;
  const auto number = parse_u64(line.substr(0, colon));
  if (!number) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

QuotedLine parse_quoted(std::string_view line) {
  QuotedLine quoted{trim(line.substr(1)), {}, 0};
  const std::size_t at = quoted.text.rfind(" @ ");
  const std::size_t colon = quoted.text.rfind(':');
  if (at == quoted.text.npos || colon == quoted.text.npos || colon < at) return quoted;
  const auto number = parse_u64(quoted.text.substr(colon + 1));
  if (!number) return quoted;
  return {trim(quoted.text.substr(0, at)), quoted.text.substr(at + 3, colon - at - 3),
          static_cast<std::uint32_t>(*number)};
}

// "processed 7 insns ...", which the kernel writes last.
bool has_statistics(std::string_view log) {
  return log.starts_with("processed ") || log.rfind("\nprocessed ") != log.npos;
}

// Line by line from the end, until the instruction and the text above it are known.
LogEnd read_end(std::string_view log) {
  LogEnd end;
  bool next_is_reason = !has_statistics(log);
  while (!log.empty() && !end.quoted) {
    const std::size_t newline = log.rfind('\n');
    const std::string_view line = trim(newline == log.npos ? log : log.substr(newline + 1));
    log = log.substr(0, newline == log.npos ? 0 : newline);
    if (line.empty()) continue;
    if (next_is_reason) {
      end.reason = line;
      next_is_reason = false;
    } else if (line.starts_with("processed ") && end.reason.empty()) {
      next_is_reason = true;
    }
    if (!end.instruction) end.instruction = instruction_of(line);
    if (end.instruction && line.starts_with(';')) end.quoted = parse_quoted(line);
  }
  return end;
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::optional<diag::FileId> find_file(const diag::SourceMap& sources, std::string_view name) {
  std::optional<diag::FileId> similar;
  for (std::size_t i = 0; i < sources.file_count(); ++i) {
    const auto file = static_cast<diag::FileId>(i);
    if (sources.name(file) == name) return file;
    if (!similar && !name.empty() && base_name(sources.name(file)) == base_name(name))
      similar = file;
  }
  return similar;
}

std::uint32_t line_count(std::string_view text) {
  return static_cast<std::uint32_t>(std::ranges::count(text, '\n')) + 1;
}

// A word or one character at `column`; the whole line when there is no such column.
diag::Span span_at(const diag::SourceMap& sources, diag::FileId file, std::uint32_t line,
                   std::uint32_t column) {
  if (line == 0 || line > line_count(sources.text(file))) return {};
  const std::string_view text = sources.line_text(file, line);
  const auto start = static_cast<std::uint32_t>(text.data() - sources.text(file).data());
  if (column == 0 || column > text.size()) {
    const std::string_view shown = trim(text);
    const auto indent = static_cast<std::uint32_t>(shown.empty() ? 0 : shown.data() - text.data());
    return {file, start + indent, start + indent + static_cast<std::uint32_t>(shown.size())};
  }
  std::uint32_t end = column;  // the character at `column` has index column - 1
  if (is_word(text[column - 1]) || text[column - 1] == '@' || text[column - 1] == '$')
    while (end < text.size() && is_word(text[end])) ++end;
  return {file, start + column - 1, start + end};
}

const LineInfo* line_of(const ProgramLines& program, std::uint32_t instruction) {
  if (instruction >= program.instruction_count) return nullptr;
  const LineInfo* found = nullptr;
  for (const LineInfo& line : program.lines)
    if (line.instruction <= instruction) found = &line;
  return found;
}

// The first line of any source that reads like this.
diag::Span find_text(const diag::SourceMap& sources, std::string_view text) {
  if (text.empty()) return {};
  for (std::size_t i = 0; i < sources.file_count(); ++i) {
    const auto file = static_cast<diag::FileId>(i);
    const std::uint32_t lines = line_count(sources.text(file));
    for (std::uint32_t line = 1; line <= lines; ++line)
      if (trim(sources.line_text(file, line)) == text) return span_at(sources, file, line, 0);
  }
  return {};
}

// The number of the instruction gives the column too, but only inside the program's own function:
// what libbpf appended behind it is numbered on.
diag::Span place_of(const LogEnd& end, const ProgramLines& program,
                    const diag::SourceMap& sources) {
  if (end.instruction) {
    if (const LineInfo* line = line_of(program, *end.instruction))
      if (const auto file = find_file(sources, line->file))
        return span_at(sources, *file, line->line, line->column);
  }
  if (!end.quoted) return {};
  if (const auto file = find_file(sources, end.quoted->file))
    return span_at(sources, *file, end.quoted->line, 0);
  return find_text(sources, end.quoted->text);
}

// What to do about some refusals, by words of the reason.
std::string_view advice(std::string_view reason) {
  struct Advice {
    std::string_view words, text;
  };
  static constexpr Advice known[] = {
      {"cannot use helper bpf_probe_write_user",
       "write_user() works in kprobes, tracepoints and user probes of a kernel that is not locked "
       "down (/sys/kernel/security/lockdown)"},
      // kernel/trace/bpf_trace.c, btf_allowlist_d_path
      {"helper call is not allowed in probe",
       "outside of iterators path() works in a few functions only: security_file_permission, "
       "security_inode_getattr, security_file_open, security_path_truncate, vfs_truncate, "
       "vfs_fallocate, dentry_open, vfs_getattr, filp_close"},
      {"failed to find the address for kernel symbol",
       "the kernel finds its variables by name only with CONFIG_KALLSYMS_ALL"},
  };
  for (const auto& [words, text] : known)
    if (reason.contains(words)) return text;
  return "use -v for the kernel's whole log";
}

}  // namespace

Refusal read_verifier_log(std::string_view log, const ProgramLines& program,
                          const diag::SourceMap& sources) {
  const LogEnd end = read_end(log);
  return {std::string(end.reason), place_of(end, program, sources)};
}

void report_refusal(Reporter& reporter, std::string_view probe, int error, std::string_view log,
                    const ProgramLines& program) {
  Refusal refusal = read_verifier_log(log, program, reporter.sources());
  // The end of the log is missing, and with it the reason: the last line is any line.
  if (error == ENOSPC && !has_statistics(log)) refusal = {"its log is too long to be kept", {}};
  if (refusal.reason.empty()) refusal.reason = std::strerror(error);
  reporter.error(refusal.span, "the kernel refused " + std::string(probe) + ": " + refusal.reason);
  if (log.empty()) return;
  if (reporter.options().verbose)
    reporter.say(std::string(log) + (log.ends_with('\n') ? "" : "\n"));
  else
    reporter.hint(advice(refusal.reason));
}

}  // namespace sonde::runtime
