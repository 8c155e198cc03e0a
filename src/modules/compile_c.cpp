// SPDX-License-Identifier: Apache-2.0
#include "modules/compile_c.h"

#include <charconv>
#include <filesystem>
#include <map>

#include "base/file.h"
#include "base/run_program.h"
#include "base/text.h"

namespace sonde::modules {

namespace {

using diag::DiagId;
namespace fs = std::filesystem;

// Newer first: what they know of BPF is more. Debian names them by version where the plain one is
// not installed.
constexpr const char* compilers[] = {"clang",    "clang-21", "clang-20", "clang-19", "clang-18",
                                     "clang-17", "clang-16", "clang-15", "clang-14"};

// As <bpf/bpf_tracing.h> wants to have it.
std::string target_macro(const std::string& architecture) {
  const std::string name = architecture == "x86_64"    ? "x86"
                           : architecture == "aarch64" ? "arm64"
                                                       : architecture;
  return "-D__TARGET_ARCH_" + name;
}

std::vector<std::string> command_for(const std::string& compiler, const std::string& path,
                                     const COptions& options) {
  std::vector<std::string> command{compiler,
                                   "-target",
                                   "bpf",
                                   "-mcpu=v3",
                                   "-O2",
                                   "-g",
                                   "-w",
                                   "-fno-color-diagnostics",
                                   "-fno-caret-diagnostics",
                                   target_macro(options.architecture)};
  for (const std::string& folder : options.include_folders) command.push_back("-I" + folder);
  command.push_back("-c");
  command.push_back(path);
  command.push_back("-o");
  command.push_back("-");  // standard output
  return command;
}

// `path:line:column: error: text`
struct Message {
  std::string path, text;
  std::uint32_t line = 0, column = 0;
};

std::optional<Message> parse_message(std::string_view line) {
  for (const std::string_view mark : {": fatal error: ", ": error: "}) {
    const std::size_t at = line.find(mark);
    if (at == line.npos) continue;
    Message message;
    message.text = line.substr(at + mark.size());
    std::string_view place = line.substr(0, at);
    for (std::uint32_t* number : {&message.column, &message.line}) {
      const std::size_t colon = place.rfind(':');
      if (colon == place.npos) return message;  // of the whole: "clang: error: …"
      const std::string_view digits = place.substr(colon + 1);
      if (std::from_chars(digits.data(), digits.data() + digits.size(), *number).ec != std::errc{})
        return message;
      place = place.substr(0, colon);
    }
    message.path = place;
    return message;
  }
  return std::nullopt;
}

struct Report {
  diag::Span place;  // of the import
  diag::SourceMap& sources;
  diag::Diagnostics& diag;
  std::map<std::string, std::optional<diag::FileId>> files = {};

  std::optional<diag::FileId> file(const std::string& path) {
    const auto [known, is_new] = files.try_emplace(path);
    if (is_new)
      if (auto text = read_file(path)) known->second = sources.add(path, std::move(*text), place);
    return known->second;
  }

  // From the column to the end of the word that is there.
  diag::Span span_of(const Message& message) {
    const auto id = message.line == 0 ? std::nullopt : file(message.path);
    if (!id) return place;
    const std::string_view text = sources.text(*id);
    std::size_t begin = 0;
    for (std::uint32_t line = 1; line < message.line; ++line) {
      begin = text.find('\n', begin);
      if (begin == text.npos) return place;
      ++begin;
    }
    begin = std::min(begin + (message.column > 0 ? message.column - 1 : 0), text.size());
    std::size_t end = begin;
    const auto in_word = [](char c) {
      return c == '_' || std::isalnum(static_cast<unsigned char>(c));
    };
    while (end < text.size() && in_word(text[end])) ++end;
    if (end == begin && end < text.size() && text[end] != '\n') ++end;
    return {*id, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
  }

  void operator()(const std::string& path, std::string_view output) {
    bool any = false;
    while (!output.empty()) {
      const std::size_t end = std::min(output.find('\n'), output.size());
      const std::string_view line = output.substr(0, end);
      output.remove_prefix(std::min(end + 1, output.size()));
      const auto message = parse_message(line);
      if (!message) continue;
      any = true;
      diag.error(DiagId::c_import, span_of(*message), "{}", message->text);
    }
    if (!any) diag.error(DiagId::c_import, place, "the C compiler refuses `{}`", path);
  }
};

}  // namespace

std::optional<std::string> compile_c(const std::string& path, diag::Span place,
                                     const COptions& options, diag::SourceMap& sources,
                                     diag::Diagnostics& diagnostics) {
  for (const char* compiler : compilers) {
    const auto ended = run_program(command_for(compiler, path, options), Streams::separate);
    if (!ended) continue;  // is not there
    if (ended->exit_code == 0 && ended->signal == 0) return ended->output;
    Report{place, sources, diagnostics}(path, ended->errors);
    return std::nullopt;
  }
  diagnostics.error(DiagId::c_import, place, "importing C needs Clang, which is not installed")
      .hint("install the package `clang`, or compile it elsewhere and import the `.bpf.o`");
  return std::nullopt;
}

}  // namespace sonde::modules
