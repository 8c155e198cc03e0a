// SPDX-License-Identifier: Apache-2.0
#include "driver/list.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "ast/match.h"
#include "ast/nodes.h"
#include "base/arena.h"
#include "driver/compile.h"
#include "driver/report.h"
#include "listing/list.h"
#include "parser/parser.h"

namespace sonde::driver {

using diag::DiagId;

namespace {

// Where the lines go: standard output, or the file of -o.
class Output {
 public:
  explicit Output(const std::string& path) {
    if (path.empty()) return;
    own_.reset(std::fopen(path.c_str(), "we"));
    file_ = own_.get();
  }
  bool is_open() const { return file_ != nullptr; }
  void write(std::string_view text) { std::fwrite(text.data(), 1, text.size(), file_); }
  bool finish() { return std::fflush(file_) == 0 && std::ferror(file_) == 0; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> own_;
  std::FILE* file_ = stdout;
};

std::vector<std::string> attach_points(const ast::Program& program) {
  std::vector<std::string> texts;
  for (const ast::Item* item : program.items)
    if (const auto* probe = ast::as<ast::Probe>(item))
      for (const ast::AttachPoint* point : probe->attach_points) texts.push_back(point->text);
  return texts;
}

void warn_of_missing_file(const CommandLine& line, diag::Diagnostics& diagnostics) {
  const bool looks_like_file = line.pattern.find('.') != std::string::npos &&
                               line.pattern.find_first_of(":*") == std::string::npos;
  if (looks_like_file)
    diagnostics.warning(DiagId::command_line, {},
                        "It appears that '{0}' is a filename but the file does not exist. Treating "
                        "'{0}' as a search pattern.",
                        line.pattern);
}

void write_lines(const CommandLine& line, target::Target& target, diag::SourceMap& sources,
                 diag::Diagnostics& diagnostics, const listing::Sink& sink) {
  const listing::Options options{
      .with_arguments = line.verbose, .pid = line.pid, .debug_folders = line.debug_folders};
  if (!line.program && line.file.empty()) {
    warn_of_missing_file(line, diagnostics);
    return listing::list_patterns(line.pattern, target, options, diagnostics, sink);
  }
  const auto file = read_script(line, sources, diagnostics);
  if (!file) return;
  Arena arena;
  const ast::Program* program = parser::parse(*file, sources, line.params, arena, diagnostics);
  if (program && !diagnostics.has_errors())
    listing::list_attach_points(attach_points(*program), target, options, diagnostics, sink);
}

}  // namespace

int list(const CommandLine& line) {
  diag::Diagnostics diagnostics;
  diag::SourceMap sources;
  Output output(line.output);
  if (!output.is_open()) {
    diagnostics.error(DiagId::command_line, {}, "Failed to open output file: \"{}\": {}",
                      line.output, std::strerror(errno));
  } else {
    if (const auto target = open_target(line, diagnostics)) {
      write_lines(line, *target, sources, diagnostics,
                  [&](std::string_view text) { output.write(text); });
      warn_of_damaged_btf(*target, diagnostics);
    }
    if (!output.finish())
      diagnostics.error(DiagId::command_line, {}, "cannot write the list: {}",
                        std::strerror(errno));
  }
  print_diagnostics(diagnostics, sources, line);
  return diagnostics.has_errors() ? 1 : 0;
}

}  // namespace sonde::driver
