// SPDX-License-Identifier: Apache-2.0
#include "codegen/codegen.h"

#include <llvm/Support/raw_ostream.h>

#include "codegen/arch/registers.h"
#include "codegen/emit.h"
#include "codegen/lowering.h"
#include "codegen/module_builder.h"
#include "codegen/program_plan.h"

namespace sonde::codegen {

namespace {

using diag::DiagId;

// Room for a few thousand records with strings while the reader is away for its 10 ms. It counts
// twice in the reader's memory, as the kernel maps a ring buffer twice in a row.
constexpr std::uint32_t default_ring_bytes = 1U << 20;
constexpr std::uint32_t page_bytes = 4096;

std::uint32_t ring_bytes(const lang::Config& config) {
  const std::uint64_t pages = config.number(lang::ConfigKey::perf_rb_pages);
  if (pages == 0) return default_ring_bytes;
  std::uint32_t bytes = page_bytes;  // a power of two
  while (bytes < pages * page_bytes && bytes < 1U << 30) bytes *= 2;
  return bytes;
}

image::ProbeDesc describe(const PlannedProgram& planned, const llvm::Function& function,
                          image::SourceRange range) {
  return {.name = planned.probe->name,
          .program = function.getName().str(),
          .attach = planned.how.kind,
          .places = planned.how.places,
          .served = planned.how.served,
          .range = range};
}

void set_options(image::Image& image, const lang::Config& config) {
  using lang::ConfigKey;
  image.ring_bytes = ring_bytes(config);
  image.print_maps_on_exit = config.flag(ConfigKey::print_maps_on_exit);
  image.demangle = config.flag(ConfigKey::cpp_demangle);
  image.show_source_lines = config.flag(ConfigKey::show_debug_info);
  image.truncation_trailer = config.text(ConfigKey::str_trunc_trailer);
  image.most_cat_bytes = static_cast<std::uint32_t>(config.number(ConfigKey::max_cat_bytes));
  image.attach_failures_are_errors = config.text(ConfigKey::missing_probes) == "error";
  image.warn_of_attach_failures = config.text(ConfigKey::missing_probes) == "warn";
  image.log_bytes = static_cast<std::uint32_t>(config.number(ConfigKey::log_size));
}

llvm::Function* lower(ModuleBuilder& builder, const PlannedProgram& planned,
                      std::vector<std::string>& explanation) {
  Lowering lowering(builder, *planned.probe, planned.how);
  switch (planned.role) {
    case PlannedProgram::Role::body:
      lowering.run();
      explanation.push_back(explain(*planned.probe, planned.how));
      break;
    case PlannedProgram::Role::dispatcher: lowering.run_dispatcher(); break;
    case PlannedProgram::Role::session: {
      llvm::Function* entry = lower(builder, planned.parts.front(), explanation);
      lowering.run_session(entry, lower(builder, planned.parts.back(), explanation));
      break;
    }
  }
  return lowering.function;
}

// Gives what --explain shows.
std::vector<std::string> lower_probes(ModuleBuilder& builder) {
  std::vector<std::string> explanation;
  for (const PlannedProgram& planned : plan_programs(builder.script)) {
    const llvm::Function* function = lower(builder, planned, explanation);
    const image::SourceRange range = builder.range(planned.probe->attach_point->span);
    builder.image.probes.push_back(describe(planned, *function, range));
    builder.resolved_probes.push_back(planned.probe);
  }
  return explanation;
}

// The probe with the longest code.
const sema::ResolvedProbe& longest_probe(const ModuleBuilder& builder) {
  std::size_t longest = 0, most = 0;
  for (std::size_t i = 0; i < builder.image.probes.size(); ++i) {
    const auto* function = builder.module.getFunction(builder.image.probes[i].program);
    const std::size_t count = function->getInstructionCount();
    if (count > most) longest = i, most = count;
  }
  return *builder.resolved_probes[longest];
}

struct Attempt {
  std::optional<CodegenResult> result;
  std::string problem;                              // of LLVM
  const sema::ResolvedProbe* long_probe = nullptr;  // jumps cannot cross it
  // The first probe that needs more stack than there is, and how much.
  const sema::ResolvedProbe* deep_probe = nullptr;
  std::uint64_t stack_bytes = 0;
};

// Looks for it when LLVM has made the code: only then is known what it spills.
void check_stack(const ModuleBuilder& builder, const BackEndReport& report, Attempt& attempt) {
  for (std::size_t i = 0; i < builder.image.probes.size(); ++i) {
    const auto* function = builder.module.getFunction(builder.image.probes[i].program);
    const std::uint64_t bytes = stack_depth(*function, report.stack_sizes);
    if (bytes <= most_stack_bytes) continue;
    attempt = {.deep_probe = builder.resolved_probes[i], .stack_bytes = bytes};
    return;
  }
}

Attempt attempt(sema::Script& script, const diag::SourceMap& sources,
                diag::Diagnostics& diagnostics, const CodegenOptions& options, bool spare_stack) {
  const auto start = std::chrono::steady_clock::now();
  BackEndReport report;
  ModuleBuilder builder(script, sources, diagnostics, options);
  builder.spare_stack = spare_stack;
  collect_reports(builder.context, report);
  set_options(builder.image, script.config);
  CodegenResult result;
  result.explanation = lower_probes(builder);
  // Maps that are only read get a place too, so that they are printed at the end.
  for (const sema::Map& map : script.maps)
    if (map.is_used) builder.map_index(map);
  builder.finish();
  if (options.on_phase) options.on_phase("codegen", std::chrono::steady_clock::now() - start);
  if (diagnostics.has_errors()) return {};
  if (options.on_tables) options.on_tables(builder.image);

  if (options.want_ir) {
    llvm::raw_string_ostream out(result.ir);
    builder.module.print(out, nullptr);
  }
  // No feature row says so, but whoever has may_goto (6.9) has these (6.6).
  const auto has_far_jumps = [&] { return script.target.has(target::Feature::may_goto); };
  auto emitted = emit(builder.module, options.want_assembly, has_far_jumps, options.on_phase);
  Attempt made;
  check_stack(builder, report, made);
  if (made.deep_probe) return made;
  if (!report.error.empty()) return {.problem = report.error};
  if (!emitted) return {.problem = emitted.error().message};
  if (emitted->jumps_too_far) return {.long_probe = &longest_probe(builder)};
  result.elf = std::move(emitted->object);
  result.assembly = std::move(emitted->assembly);
  made.result = std::move(result);
  return made;
}

}  // namespace

bool is_supported(std::string_view architecture) { return find_registers(architecture) != nullptr; }

std::optional<CodegenResult> generate(sema::Script& script, const diag::SourceMap& sources,
                                      diag::Diagnostics& diagnostics,
                                      const CodegenOptions& options) {
  Attempt made = attempt(script, sources, diagnostics, options, false);
  if (made.deep_probe) made = attempt(script, sources, diagnostics, options, true);
  if (made.deep_probe)
    diagnostics
        .error(DiagId::cannot_compile, made.deep_probe->attach_point->span,
               "this probe needs {} bytes of stack; {} is the limit", made.stack_bytes,
               most_stack_bytes)
        .hint("split long expressions by variables, or nest loops less deeply");
  else if (made.long_probe)
    diagnostics
        .error(DiagId::cannot_compile, made.long_probe->attach_point->span,
               "this probe is too long for the kernel: its jumps reach over more than 16383 "
               "instructions")
        .hint("Linux 6.6 and later have longer jumps; on this one, make several probes of it");
  else if (!made.problem.empty())
    diagnostics.error(DiagId::cannot_compile, {}, "LLVM could not compile the script: {}",
                      made.problem);
  return std::move(made.result);
}

}  // namespace sonde::codegen
