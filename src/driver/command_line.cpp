// SPDX-License-Identifier: Apache-2.0
#include "driver/command_line.h"

#include <getopt.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/text.h"
#include "driver/process_option.h"
#include "lang/options.h"
#include "lang/planned.h"

namespace sonde::driver {

namespace {

using diag::DiagId;
using lang::Option;

// Long-only options need a number that is no letter.
constexpr int first_long_only = 256;

struct GetoptTables {
  std::string letters = ":";  // tell a missing argument from an unknown option
  std::vector<option> flags;
};

GetoptTables getopt_tables() {
  GetoptTables tables;
  const auto rows = lang::options();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const lang::OptionRow& row = rows[i];
    if (row.letter != 0) {
      tables.letters += row.letter;
      if (!row.argument.empty()) tables.letters += ':';
    }
    if (!row.flag.empty())
      tables.flags.push_back({row.flag.data(),
                              row.argument.empty() ? no_argument : required_argument, nullptr,
                              first_long_only + static_cast<int>(i)});
  }
  tables.flags.push_back({nullptr, 0, nullptr, 0});
  return tables;
}

std::optional<Option> option_of(int code) {
  const auto rows = lang::options();
  if (code >= first_long_only) return static_cast<Option>(code - first_long_only);
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].letter != 0 && rows[i].letter == code) return static_cast<Option>(i);
  return std::nullopt;
}

// Also a pipe or terminal: what can be read.
bool is_file(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && !S_ISDIR(info.st_mode);
}

struct Parse {
  CommandLine line;
  diag::Diagnostics& diag;
  int first_parameter_ = 1;  // behind `--`

  diag::DiagnosticBuilder error(std::string text) {
    return diag.error(DiagId::command_line, {}, "{}", text);
  }

  void emit(std::string_view what) {
    constexpr std::pair<std::string_view, Emit> kinds[] = {
        {"ast", Emit::ast}, {"ir", Emit::ir}, {"asm", Emit::assembly}, {"image", Emit::image}};
    for (const auto& [name, kind] : kinds)
      if (name == what) line.emit = kind;
    if (line.emit == Emit::nothing)
      error(fmt::format("--emit knows ast, ir, asm and image, not `{}`", what));
  }

  void buffering(std::string_view mode) {
    if (mode == "line")
      line.buffering = runtime::Buffering::line;
    else if (mode == "full")
      line.buffering = runtime::Buffering::full;
    else if (mode == "none")
      line.buffering = runtime::Buffering::none;
    else
      error("USAGE: -B must be either 'line', 'full', or 'none'.");
  }

  void child(std::string_view command) {
    line.child = split_command(command);
    if (line.child.empty()) error("the command of `-c` is empty").hint("-c 'COMMAND ARGUMENT'");
  }

  void work(runtime::Work asked) {
    if (line.work != runtime::Work::script && line.work != asked)
      error("USAGE: --test and --bench cannot be used together.");
    line.work = asked;
  }

  void attach(std::string_view how) {
    constexpr std::pair<std::string_view, sema::KprobeAttach> ways[] = {
        {"auto", sema::KprobeAttach::automatic},
        {"kprobe", sema::KprobeAttach::kprobe},
        {"fentry", sema::KprobeAttach::fentry}};
    for (const auto& [name, way] : ways) {
      if (name != how) continue;
      line.kprobe_attach = way;
      return;
    }
    error(fmt::format("--attach knows auto, kprobe and fentry, not `{}`", how));
  }

  void no_feature(std::string_view names) {
    constexpr std::pair<std::string_view, target::Feature> known[] = {
        {"kprobe_multi", target::Feature::kprobe_multi},
        {"kprobe_session", target::Feature::kprobe_session},
        {"uprobe_multi", target::Feature::uprobe_multi}};
    for (const std::string_view name : split(names, ',')) {
      const auto found =
          std::ranges::find(known, name, [](const auto& each) { return each.first; });
      if (found == std::end(known)) {
        error(
            "USAGE: --no-feature can only have values 'kprobe_multi,kprobe_session,uprobe_multi'.");
        return;
      }
      line.left_out.push_back(found->second);
    }
  }

  void format(std::string_view name) {
    if (name == "text")
      line.format = runtime::Format::text;
    else if (name == "json")
      line.format = runtime::Format::json;
    else
      error(fmt::format("Invalid output format \"{}\"", name))
          .hint("Valid formats: 'text', 'json'");
  }

  void dwarf_pid(std::string_view text) {
    if (const auto pid = parse_pid("--dwarf-pid", text, diag)) line.dwarf_pids.push_back(*pid);
  }

  void take(Option option, const char* argument) {
    switch (option) {
      case Option::program: line.program = argument; break;
      case Option::include_folder: line.include_folders.emplace_back(argument); break;
      case Option::include_file: line.include_files.emplace_back(argument); break;
      case Option::debuginfo:
        line.debug_folders += (line.debug_folders.empty() ? "" : ":") + std::string(argument);
        break;
      case Option::list: line.command = Command::list; break;
      case Option::traceable_functions: line.traceable_functions = argument; break;
      case Option::unsafe: line.unsafe = true; break;
      case Option::no_warnings: line.no_warnings = true; break;
      case Option::runtime_warnings: line.runtime_warnings = true; break;
      case Option::process: line.pid = parse_pid("-p", argument, diag); break;
      case Option::child: child(argument); break;
      case Option::dwarf_pid: dwarf_pid(argument); break;
      case Option::probe_filter: line.probe_filter = argument; break;
      case Option::test: work(runtime::Work::tests); break;
      case Option::bench: work(runtime::Work::benchmarks); break;
      case Option::output: line.output = argument; break;
      case Option::format: format(argument); break;
      case Option::buffering: buffering(argument); break;
      case Option::quiet: line.quiet = true; break;
      case Option::verbose: line.verbose = true; break;
      case Option::attach: attach(argument); break;
      case Option::no_feature: no_feature(argument); break;
      case Option::explain: line.explain = true; break;
      case Option::dry_run: line.dry_run = true; break;
      case Option::target: line.target = argument; break;
      case Option::emit: emit(argument); break;
      case Option::print_after: line.print_after.emplace_back(argument); break;
      case Option::time_passes: line.time_passes = true; break;
      case Option::fmt: line.command = Command::fmt; break;
      case Option::write: line.write = true; break;
      case Option::check_format: line.check_format = true; break;
      case Option::warnings_as_errors: line.warnings_as_errors = true; break;
      case Option::keep: line.keep.emplace_back(argument); break;
      case Option::help: line.command = Command::help; break;
      case Option::version: line.command = Command::version; break;
    }
  }

  // What getopt did not know: `-x` or the whole word of a long one.
  void unknown(const char* word, int letter) {
    // A long option that is known here was given `=…`.
    if (letter >= first_long_only) {
      error(fmt::format("option `--{}` takes no argument", lang::row(*option_of(letter)).flag));
      return;
    }
    std::string name = letter != 0 ? std::string(1, static_cast<char>(letter)) : std::string(word);
    if (name.starts_with("--")) name = name.substr(2, name.find('=') - 2);
    const std::string shown = (letter != 0 ? "-" : "--") + name;
    if (lang::is_planned(lang::PlannedGroup::option, name)) {
      diag.error(DiagId::not_supported_yet, {}, "the option `{}` is not supported yet", shown);
      return;
    }
    std::vector<std::string> flags;
    for (const lang::OptionRow& row : lang::options())
      if (!row.flag.empty()) flags.push_back("--" + std::string(row.flag));
    error(fmt::format("unknown option `{}`", shown))
        .suggest(name.size() > 1 ? nearest(shown, std::span<const std::string>(flags)) : "")
        .hint("`sonde --help` lists the options; those of the script stand behind `--`");
  }

  void options(int argc, char** argv) {
    const GetoptTables tables = getopt_tables();
    // getopt moves the words behind `--` together with the others.
    while (first_parameter_ < argc && std::string_view(argv[first_parameter_]) != "--")
      ++first_parameter_;
    ++first_parameter_;
    opterr = 0;
    int code = 0;
    while ((code = getopt_long(argc, argv, tables.letters.c_str(), tables.flags.data(), nullptr)) !=
           -1) {
      if (code == ':')
        error(fmt::format("option `{}` needs an argument", argv[optind - 1]));
      else if (code == '?')
        unknown(argv[optind - 1], optopt);
      else
        take(*option_of(code), optarg);
    }
  }

  // Whether these words are of `fmt` or `check`; the command's own word is taken away.
  bool takes_files(std::vector<std::string>& rest) {
    if (line.command == Command::fmt) return true;  // --fmt
    if (line.command != Command::run || rest.empty()) return false;
    if (rest.front() != "fmt" && rest.front() != "check") return false;
    line.command = rest.front() == "fmt" ? Command::fmt : Command::check;
    rest.erase(rest.begin());
    return true;
  }

  // How many words stand behind `--`.
  std::size_t parameters_of(int argc, char** argv) const {
    const bool ended = optind > 0 && std::string_view(argv[optind - 1]) == "--";
    return ended ? static_cast<std::size_t>(argc - first_parameter_) : 0;
  }

  void take_files(std::vector<std::string> rest, std::size_t parameters) {
    if (line.command == Command::check) {
      line.params.assign(rest.end() - static_cast<std::ptrdiff_t>(parameters), rest.end());
      rest.resize(rest.size() - parameters);
    }
    line.files = std::move(rest);
    if (line.program && !line.files.empty())
      error("-e has given a program already; a file cannot be used as well");
    const bool nothing = line.files.empty() && !line.program;
    if (line.command == Command::check && nothing)
      error("`sonde check` needs a script").hint("sonde check FILE…");
    if (line.command != Command::fmt) return;
    const bool from_stdin =
        line.program || nothing || std::ranges::find(line.files, "-") != line.files.end();
    if (line.write && from_stdin)
      error("-w needs files: there is nothing to write to").hint("sonde fmt -w FILE…");
    if (line.write && line.check_format) error("--check writes nothing, so -w has no meaning");
    if (!line.output.empty() && (line.files.size() > 1 || line.write))
      error("-o takes the text of one script").hint("`-w` writes every file in its place");
  }

  // Options that the command has no use for.
  void check_use() {
    if (line.command == Command::help || line.command == Command::version) return;
    const auto only_for = [&](bool given, Command command, std::string_view option,
                              std::string_view name) {
      if (given && line.command != command)
        error(fmt::format("`{}` is an option of `sonde {}`", option, name));
    };
    only_for(line.write, Command::fmt, "-w", "fmt");
    only_for(line.check_format, Command::fmt, "--check", "fmt");
    only_for(line.warnings_as_errors, Command::check, "--warnings-as-errors", "check");
    only_for(!line.keep.empty(), Command::snapshot, "--keep", "snapshot");
    if (line.pid && !line.child.empty()) error("USAGE: Cannot use both -c and -p.");
    const bool reads_only = line.command == Command::fmt || line.command == Command::check;
    const std::string_view name = line.command == Command::fmt ? "fmt" : "check";
    const auto not_for = [&](bool given, std::string_view option) {
      if (given) error(fmt::format("`sonde {}` has no use for `{}`", name, option));
    };
    if (!reads_only) return;
    not_for(line.emit != Emit::nothing, "--emit");
    not_for(line.dry_run, "--dry-run");
    not_for(!line.child.empty(), "-c");
    not_for(line.pid.has_value(), "-p");
    not_for(line.command == Command::fmt && !line.dwarf_pids.empty(), "--dwarf-pid");
    not_for(line.work == runtime::Work::tests, "--test");
    not_for(line.work == runtime::Work::benchmarks, "--bench");
    not_for(line.command == Command::check && !line.output.empty(), "-o");
    not_for(line.command == Command::fmt && !line.target.empty(), "--target");
  }

  // A pattern, or a script with its parameters.
  void take_listed(const std::vector<std::string>& rest) {
    if (rest.empty()) return;
    const bool is_script = line.program || rest.front() == "-" || is_file(rest.front());
    line.params.assign(rest.begin() + (line.program ? 0 : 1), rest.end());
    if (line.program) return;
    (is_script ? line.file : line.pattern) = rest.front();
    if (!is_script && rest.size() > 1)
      error(fmt::format("-l takes one pattern, found {}", rest.size()))
          .hint("put it in quotes, so that the shell leaves `*` alone; `A,B` are two patterns");
  }

  // What is left: the command or the script's file, then parameters.
  void words(int argc, char** argv) {
    std::vector<std::string> rest(argv + optind, argv + argc);
    if (line.command == Command::list) {
      take_listed(rest);
      return;
    }
    if (!line.program && !rest.empty() && rest.front() == "snapshot") {
      line.command = line.command == Command::run ? Command::snapshot : line.command;
      rest.erase(rest.begin());
      if (line.output.empty() && line.command == Command::snapshot)
        error("`sonde snapshot` needs a file to write").hint("sonde snapshot -o FILE");
      return;
    }
    if (takes_files(rest)) {
      take_files(std::move(rest), parameters_of(argc, argv));
      return;
    }
    if (!line.program && !rest.empty()) {
      line.file = rest.front();
      rest.erase(rest.begin());
    }
    for (std::string& word : rest) {
      if (word.size() > 2 && word.starts_with("--")) {
        const std::size_t equals = word.find('=');
        line.named_params.emplace_back(
            word.substr(2, equals == word.npos ? word.npos : equals - 2),
            equals == word.npos ? std::nullopt : std::optional(word.substr(equals + 1)));
        continue;
      }
      line.params.push_back(std::move(word));
    }
    const bool nothing_to_run = line.file.empty() && (!line.program || line.program->empty());
    if (line.command == Command::run && nothing_to_run)
      error("USAGE: filename or -e 'program' required.").hint("`sonde --help` shows how");
  }
};

}  // namespace

CommandLine parse_command_line(int argc, char** argv, diag::Diagnostics& diagnostics) {
  Parse parse{{}, diagnostics};
  parse.options(argc, argv);
  if (!diagnostics.has_errors()) parse.words(argc, argv);
  if (!diagnostics.has_errors()) parse.check_use();
  return std::move(parse.line);
}

std::string version_text() { return "sonde v" SONDE_VERSION "\n"; }

std::string help_text() {
  std::string out =
      "Usage: sonde [options] FILE [parameters] [-- --NAME=VALUE …]\n"
      "       sonde [options] -e 'PROGRAM' [parameters] [-- --NAME=VALUE …]\n"
      "       sonde -l [-v] [PATTERN | FILE | -e 'PROGRAM']\n"
      "       sonde check [options] FILE... [-- parameters]\n"
      "       sonde fmt [-w | --check] [FILE...]\n"
      "       sonde snapshot -o FILE [--keep WHAT]\n"
      "\n"
      "Traces the running system with a script of the bpftrace language. FILE `-` is standard\n"
      "input. Ctrl-C ends the script and prints its maps. `check` compiles scripts without "
      "running\n"
      "them, `fmt` prints them in canonical form.\n";
  std::string_view section;
  for (const lang::OptionRow& row : lang::options()) {
    if (row.section != section) out += fmt::format("\n{}:\n", section = row.section);
    std::string flags = row.letter != 0 ? fmt::format("-{}", row.letter) : "   ";
    if (!row.flag.empty()) flags += fmt::format("{} --{}", row.letter != 0 ? "," : "", row.flag);
    if (!row.argument.empty()) flags += fmt::format(" {}", row.argument);
    out += fmt::format("  {:<26} {}\n", flags, row.help);
  }
  out +=
      "\nExamples:\n"
      "  sonde -e 'tracepoint:raw_syscalls:sys_enter { @[comm] = count(); }'\n"
      "  sonde -e 'profile:hz:99 { @[kstack] = count(); }'\n"
      "  sonde -l '*:*sleep*'\n"
      "  sonde -lv tracepoint:sched:sched_switch\n"
      "  sonde -c 'ls /tmp' -e 'uprobe:libc:malloc { @bytes = hist(arg0); }'\n"
      "  sonde script.bt\n";
  return out;
}

}  // namespace sonde::driver
