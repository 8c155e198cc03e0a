// SPDX-License-Identifier: Apache-2.0
#include "driver/compile.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "ast/nodes.h"
#include "ast/ops.h"
#include "base/arena.h"
#include "base/file.h"
#include "base/pid_namespace.h"
#include "base/text.h"
#include "codegen/codegen.h"
#include "driver/probe_filter.h"
#include "driver/process_option.h"
#include "link/link_objects.h"
#include "modules/modules.h"
#include "parser/parser.h"
#include "sema/foreign.h"
#include "sema/passes.h"
#include "target/kernel_sizes.h"
#include "target/target.h"

namespace sonde::driver {

namespace {

using diag::DiagId;
using Clock = std::chrono::steady_clock;

// Where `#include "x.h"` begins to look.
std::string script_folder(const CommandLine& line) {
  if (line.program || line.file == "-") return ".";
  const std::size_t slash = line.file.rfind('/');
  return slash == std::string::npos ? "." : line.file.substr(0, slash + 1);
}

std::string environment_name(std::string_view setting) { return "BPFTRACE_" + to_upper(setting); }

// Settings of the environment: BPFTRACE_MAX_STRLEN=200. A name of older versions serves where the
// new one is not given.
std::vector<std::pair<lang::ConfigKey, std::string>> environment_settings(
    diag::Diagnostics& diagnostics) {
  std::vector<std::pair<lang::ConfigKey, std::string>> settings;
  for (std::size_t i = 0; i < lang::config_keys().size(); ++i)
    if (const char* text = std::getenv(environment_name(lang::config_keys()[i].name).c_str()))
      settings.emplace_back(static_cast<lang::ConfigKey>(i), text);
  for (const lang::RenamedKey& renamed : lang::renamed_config_keys()) {
    const std::string old_name = environment_name(renamed.old_name);
    const std::string name = environment_name(lang::row(renamed.key).name);
    const char* text = std::getenv(old_name.c_str());
    if (text == nullptr || std::getenv(name.c_str()) != nullptr) continue;
    diagnostics.warning(DiagId::bad_config, {}, "{} of the environment has been renamed to {}",
                        old_name, name);
    settings.emplace_back(renamed.key, text);
  }
  return settings;
}

// BPFTRACE_ and a name that nothing reads is most likely misspelled.
void warn_of_unknown_variables(diag::Diagnostics& diagnostics) {
  std::vector<std::string> known = {"BPFTRACE_BTF", "BPFTRACE_COLOR", "BPFTRACE_KERNEL_BUILD",
                                    "BPFTRACE_KERNEL_SOURCE", "BPFTRACE_VMLINUX"};
  for (const lang::ConfigRow& row : lang::config_keys())
    known.push_back(environment_name(row.name));
  for (const lang::RenamedKey& renamed : lang::renamed_config_keys())
    known.push_back(environment_name(renamed.old_name));
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view variable(*entry);
    const std::string_view name = variable.substr(0, variable.find('='));
    if (!name.starts_with("BPFTRACE_") || std::ranges::find(known, name) != known.end()) continue;
    diagnostics.warning(DiagId::bad_config, {}, "{} of the environment is no setting", name)
        .suggest(nearest(name, std::span<const std::string>(known)));
  }
}

// The running kernel's only: snapshots have no sizes of functions.
void check_kernel_image(const CommandLine& line, diag::Diagnostics& diagnostics) {
  if (!line.target.empty()) return;
  if (const Status given = target::check_given_image(); !given)
    diagnostics
        .error(DiagId::bad_config, {}, "BPFTRACE_VMLINUX of the environment: {}",
               given.error().message)
        .hint(
            "it names an uncompressed image of the kernel, such as /usr/lib/debug/boot/vmlinux-…");
}

bool check_pass_names(const CommandLine& line, diag::Diagnostics& diagnostics) {
  std::vector<std::string_view> names{"parse"};
  for (const sema::PassRow& pass : sema::passes()) names.push_back(pass.name);
  for (const std::string& wanted : line.print_after) {
    if (std::ranges::find(names, wanted) != names.end()) continue;
    auto report = diagnostics.error(DiagId::command_line, {}, "there is no pass `{}`", wanted);
    report.suggest(nearest(wanted, std::span<const std::string_view>(names)));
    std::string list;
    for (const std::string_view name : names)
      list += (list.empty() ? "" : ", ") + std::string(name);
    report.hint("passes are {}", list);
    return false;
  }
  return true;
}

bool wants_print(const CommandLine& line, std::string_view pass) {
  return std::ranges::find(line.print_after, pass) != line.print_after.end();
}

// Tests and benchmarks are there for themselves. `sonde check` looks at everything.
lang::ProbeSet wanted_probes(const CommandLine& line) {
  using lang::ProbeKind;
  if (line.command == Command::check) return lang::every_probe;
  const auto alone = lang::probe_set(ProbeKind::begin, ProbeKind::end);
  switch (line.work) {
    case runtime::Work::tests: return alone | lang::probe_set(ProbeKind::test);
    case runtime::Work::benchmarks: return alone | lang::probe_set(ProbeKind::bench);
    case runtime::Work::script: break;
  }
  return lang::every_probe & ~lang::probe_set(ProbeKind::test, ProbeKind::bench);
}

// One program of the kernel has one license.
bool check_licenses(const sema::Script& script, diag::Diagnostics& diagnostics) {
  const std::string& own = script.config.text(lang::ConfigKey::license);
  bool same = true;
  for (const sema::ForeignObject* object : script.modules->objects()) {
    if (object->license.empty() || object->license == own) continue;
    same = false;
    diagnostics
        .error(DiagId::c_import, object->imported_at,
               "`{}` has the license `{}`, and the script `{}`", object->path, object->license, own)
        .hint("`config = {{ license = \"{}\" }}`", object->license);
  }
  return same;
}

// The image with what the script imports of C.
std::optional<std::string> link_image(std::string image, const sema::Script& script,
                                      diag::Diagnostics& diagnostics) {
  const auto foreign = script.modules->objects();
  if (foreign.empty()) return image;
  if (!check_licenses(script, diagnostics)) return std::nullopt;
  std::vector<link::Object> objects{{"the script", image}};
  for (const sema::ForeignObject* object : foreign)
    objects.push_back({object->path, object->bytes});
  auto linked = link::link_objects(objects);
  if (linked) return std::move(*linked);
  diagnostics.error(DiagId::c_import, {}, "cannot link what is imported: {}",
                    linked.error().message);
  return std::nullopt;
}

std::optional<std::string> generate(const CommandLine& line, sema::Script& script,
                                    const diag::SourceMap& sources, diag::Diagnostics& diagnostics,
                                    PhaseTimes& times, const TablesObserver& on_tables) {
  codegen::CodegenOptions options;
  options.runtime_warnings = line.runtime_warnings;
  options.want_ir = line.emit == Emit::ir;
  options.want_assembly = line.emit == Emit::assembly;
  options.on_phase = [&](std::string_view phase, std::chrono::nanoseconds time) {
    times.add(phase, time);
  };
  options.on_tables = on_tables;
  auto result = codegen::generate(script, sources, diagnostics, options);
  if (!result) return std::nullopt;
  if (line.explain)
    for (const std::string& each : result->explanation) std::cerr << each << '\n';
  if (line.emit == Emit::ir) return std::move(result->ir);
  if (line.emit == Emit::assembly) return std::move(result->assembly);
  return link_image(std::move(result->elf), script, diagnostics);
}

}  // namespace

std::optional<diag::FileId> read_script(const CommandLine& line, diag::SourceMap& sources,
                                        diag::Diagnostics& diagnostics) {
  if (line.program) return sources.add("stdin", *line.program);
  const bool from_stdin = line.file == "-";
  auto text = read_file(from_stdin ? "/dev/stdin" : line.file);
  if (text) return sources.add(from_stdin ? "stdin" : line.file, std::move(*text));
  diagnostics.error(DiagId::command_line, {}, "failed to open file '{}': {}", line.file,
                    text.error().message.substr(text.error().message.rfind(": ") + 2));
  return std::nullopt;
}

std::unique_ptr<target::Target> open_target(const CommandLine& line,
                                            diag::Diagnostics& diagnostics) {
  const std::string& functions = line.traceable_functions;
  if (!functions.empty() && ::access(functions.c_str(), R_OK) != 0) {
    diagnostics.error(DiagId::command_line, {}, "--traceable-functions: cannot read {}: {}",
                      functions, std::strerror(errno));
    return nullptr;
  }
  std::unique_ptr<target::Target> target;
  if (line.target.empty()) {
    target = target::open_live_target({.traceable_functions = functions});
  } else if (auto snapshot = target::open_snapshot(line.target)) {
    target = std::move(*snapshot);
  } else {
    diagnostics.error(DiagId::command_line, {}, "--target: {}", snapshot.error().message);
    return nullptr;
  }
  for (const target::Feature feature : line.left_out) target->leave_out(feature);
  return target;
}

std::string PhaseTimes::table() const {
  std::string out;
  std::chrono::nanoseconds total{};
  const auto row = [&](std::string_view name, std::chrono::nanoseconds time) {
    out += fmt::format("{:<20} {:>9.3f} ms\n", name, static_cast<double>(time.count()) / 1e6);
  };
  for (const Phase& phase : phases_) {
    row(phase.name, phase.time);
    total += phase.time;
  }
  row("total", total);
  return out;
}

void warn_of_damaged_btf(target::Target& kernel, diag::Diagnostics& diagnostics) {
  if (kernel.btf_problem().empty() || !kernel.btf()) return;
  diagnostics.warning(DiagId::cannot_ask_kernel, {},
                      "the kernel's types are known in part only: {}", kernel.btf_problem());
}

std::optional<std::string> compile(const CommandLine& line, diag::SourceMap& sources,
                                   diag::Diagnostics& diagnostics, PhaseTimes& times,
                                   const TablesObserver& on_tables) {
  if (!check_pass_names(line, diagnostics)) return std::nullopt;
  auto start = Clock::now();
  const auto lap = [&](std::string_view name) {
    times.add(name, Clock::now() - start);
    start = Clock::now();
  };
  const auto file = read_script(line, sources, diagnostics);
  if (!file) return std::nullopt;
  const auto kernel = open_target(line, diagnostics);
  if (!kernel) return std::nullopt;
  lap("read");

  Arena arena;
  sema::Script script(arena, sources, *kernel);
  script.params = line.params;
  for (const auto& [name, value] : line.named_params) script.named_params.push_back({name, value});
  script.unsafe = line.unsafe;
  script.process = describe_process(line, *kernel);
  script.unwinds_others = !line.dwarf_pids.empty();
  script.in_pid_namespace = in_pid_namespace();
  script.wanted_probes = wanted_probes(line);
  script.keeps_probe = probe_filter(line);
  script.kprobe_attach = line.kprobe_attach;
  script.environment = environment_settings(diagnostics);
  warn_of_unknown_variables(diagnostics);
  check_kernel_image(line, diagnostics);
  script.c_options.include_folders = line.include_folders;
  script.c_options.include_files = line.include_files;
  script.type_sources.set_debug_folders(line.debug_folders);
  script.c_options.script_folder = script_folder(line);
  script.program = parser::parse(*file, sources, line.params, arena, diagnostics);
  modules::Files modules(arena, sources, line.params,
                         {std::string(script.target.architecture()), line.include_folders});
  script.modules = &modules;
  lap("parse");
  if (!script.program) return std::nullopt;
  if (wants_print(line, "parse")) std::cerr << ast::print(*script.program);
  if (line.emit == Emit::ast) return ast::print(*script.program);
  // Sema would complain of arguments and registers that it does not know there.
  if (!codegen::is_supported(kernel->architecture())) {
    diagnostics.error(DiagId::cannot_compile, {}, "the architecture {} is not supported",
                      kernel->architecture());
    return std::nullopt;
  }

  const bool sound = sema::run_passes(script, diagnostics,
                                      [&](std::string_view pass, std::chrono::nanoseconds time) {
                                        times.add(pass, time);
                                        if (wants_print(line, pass))
                                          std::cerr << sema::print_script(script);
                                      });
  warn_of_damaged_btf(*kernel, diagnostics);
  if (!sound) return std::nullopt;
  if (script.options_help) {
    std::cerr << *script.options_help;
    return std::nullopt;
  }
  return generate(line, script, sources, diagnostics, times, on_tables);
}

}  // namespace sonde::driver
