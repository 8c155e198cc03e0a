// SPDX-License-Identifier: Apache-2.0
#include "sema/probes/user_places.h"

#include <algorithm>
#include <span>

#include "target/instructions.h"

namespace sonde::sema {

using diag::DiagId;

namespace {

// Whether --unsafe lets it pass.
bool report_danger(Resolution& r, const std::string& text, const std::string& instead = "") {
  if (r.script.unsafe) {
    r.diag.warning(DiagId::unsafe_place, r.attach_point.span, "{}", text);
    return true;
  }
  r.error(DiagId::unsafe_place, "{}", text)
      .hint("{}--unsafe attaches there nevertheless, which may damage the traced program", instead);
  return false;
}

// A breakpoint in the middle of an instruction changes what the program does. `named(address)` is
// how the script would call that address.
template <typename Named>
bool check_instruction(Resolution& r, const std::string& path, const target::UserSymbol& function,
                       std::uint64_t address, Named named) {
  target::Target& target = r.script.target;
  if (target.architecture() != "x86_64" || address == function.address) return true;
  const std::uint64_t offset = address - function.address;
  const auto next = target::next_instruction(
      target.user_code(path, function.address, offset + target::longest_instruction_bytes), offset);
  if (!next)
    return report_danger(r,
                         fmt::format("it cannot be told whether an instruction begins at {}:{}",
                                     path, named(address)),
                         next.error().message + "; ");
  if (*next == offset) return true;
  return report_danger(
      r,
      fmt::format("{} would be put into the middle of an instruction: {}:{}", r.row().name, path,
                  named(address)),
      fmt::format("the next instruction begins at `{}`; ", named(function.address + *next)));
}

void report_no_statement(Resolution& r, std::span<const target::SourceRow> rows,
                         const SourceLine& at) {
  const bool has_line = std::ranges::any_of(rows, [&](auto& row) { return row.line == at.line; });
  std::uint32_t next = UINT32_MAX;
  for (const target::SourceRow& row : rows)
    if (has_line ? row.line == at.line && row.column > at.column : row.line > at.line)
      next = std::min(next, has_line ? row.column : row.line);
  const std::string what = has_line ? fmt::format("column {} of line {}", at.column, at.line)
                                    : fmt::format("line {}", at.line);
  auto report = r.error(DiagId::no_such_probe, "no statement begins in {} of {}", what, at.file);
  if (next != UINT32_MAX)
    report.hint("the next one begins in {} {}", has_line ? "column" : "line", next);
}

}  // namespace

bool check_offset(Resolution& r, const std::string& path, const std::string& function,
                  std::uint64_t offset) {
  const auto symbol = r.script.target.user_symbol(path, function);
  if (!symbol) return true;  // of snapshots no more is known
  if (symbol->size_bytes == 0)
    return report_danger(
        r, fmt::format("it is not known where `{}` ends: its symbol has size 0", function));
  if (offset >= symbol->size_bytes)
    return report_danger(r, fmt::format("the offset is outside of the function: `{}` has {} bytes",
                                        function, symbol->size_bytes));
  return check_instruction(r, path, *symbol, symbol->address + offset, [&](std::uint64_t address) {
    return fmt::format("{}+{}", function, address - symbol->address);
  });
}

bool check_address(Resolution& r, const std::string& path, std::uint64_t address) {
  target::Target& target = r.script.target;
  if (target.file_kind(path) != target::FileKind::elf) return true;  // an offset, with --unsafe
  if (target.user_code(path, address, 1).empty()) {
    r.error(DiagId::no_such_probe, "could not resolve the address: {}:{:#x}", path, address)
        .hint(
            "addresses are those of code, as `nm` and `objdump` show them, not those of a running "
            "process");
    return false;
  }
  const auto function = target.user_function_at(path, address);
  if (r.row().at_return && function && function->address != address)
    return report_danger(r, fmt::format("{:#x} is not the start of a function: what lies on the "
                                        "stack there is no return address",
                                        address));
  // Where nobody knows in which function it is, it is left to the user.
  return !function || check_instruction(r, path, *function, address, [](std::uint64_t each) {
    return fmt::format("{:#x}", each);
  });
}

std::vector<std::uint64_t> addresses_of_line(Resolution& r, const std::string& path,
                                             const SourceLine& at) {
  const target::UserTypes* program = r.script.type_sources.open_program(path);
  if (!program) {
    r.error(DiagId::no_debug_info, "a source line of '{}' cannot be found: {}", path,
            r.script.type_sources.program_problem(path))
        .hint("build it with `-g`, or install its debug symbols");
    return {};
  }
  std::vector<std::uint64_t> addresses = program->line_addresses(at.file, at.line, at.column);
  if (!addresses.empty()) return addresses;
  const std::vector<target::SourceRow> rows = program->source_rows(at.file);
  if (rows.empty()) {
    r.error(DiagId::no_such_probe, "{} has no code of a source file `{}`", path, at.file);
    return {};
  }
  report_no_statement(r, rows, at);
  return {};
}

}  // namespace sonde::sema
