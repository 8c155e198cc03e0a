// SPDX-License-Identifier: Apache-2.0
// A script while sema works on it, and its result: every name, type, probe and map resolved.
// Codegen looks nothing up by name.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ast/nodes.h"
#include "base/arena.h"
#include "diag/diagnostics.h"
#include "diag/source_map.h"
#include "diag/span.h"
#include "lang/config.h"
#include "lang/ids.h"
#include "lang/probe_kinds.h"
#include "sema/type.h"
#include "sema/type_sources.h"
#include "target/target.h"
#include "target/usdt_arguments.h"

namespace sonde::sema {

class Modules;

// A `$variable` of one probe. The same name in sibling blocks is two variables.
struct Variable {
  std::string name;  // without `$`
  ast::Hygiene hygiene;
  diag::Span declared_at;
  bool is_declaration = false;  // by `let` or a loop, not by its first assignment
  bool is_loop_variable = false;
  diag::Span typed_at;               // check_types: what gave it its type
  const Type* fixed_type = nullptr;  // check_types: of `let $x : type`
  const Type* type = nullptr;        // check_types
  bool waits = false;                // check_types: for a value of which the type is not known yet
  bool declaration_waits = false;    // check_types: the same of `let $x : typeof(…)`
  diag::Span locked_at;              // check_types: what asked for its type, which stays since then
};

// An `@map` of the script.
struct Map {
  std::string name;                          // with `@`
  diag::Span first_use;                      // not known: it is only declared
  diag::Span declared_at;                    // known: declare_maps
  std::optional<lang::MapKind> kind;         // declare_maps; else as its values want it
  std::uint32_t max_entries = 0;             // declare_maps; 0: as many as max_map_keys says
  bool has_key_use = false;                  // some place names a key
  diag::Span shaped_at, keyed_at, typed_at;  // check_types: what decided `keyed`, `key`, `value`
  bool keyed = false;                        // check_types
  bool shape_known = false;                  // check_types: `keyed` was decided by a use
  const Type* key = nullptr;                 // check_types; null for scalar maps
  const Type* value = nullptr;               // check_types
  // check_types: an aggregation that is assigned to it as a whole.
  diag::Span copied_at;
  const Map* copied_from = nullptr;
  bool is_used = true;   // check_types: by what `if comptime` has left in
  bool waits = false;    // check_types: as of a variable
  diag::Span locked_at;  // check_types: as of a variable
};

// How a field is reached.
struct FieldAccess {
  enum class Source : std::uint8_t {
    memory,               // at `offset_bytes` behind the object's address
    element,              // element `index` of a record
    trace_record,         // field `index` of the probe's tracepoint
    raw_argument,         // slot `index` of the raw tracepoint's arguments
    trampoline_argument,  // word `index` of a trampoline's context
    register_argument,    // number `index` of the registers for integer arguments
  };
  Source source{};
  std::uint32_t offset_bytes = 0;
  unsigned index = 0;
  std::uint8_t bit_offset = 0;  // of a bit field, inside the integer at offset_bytes
  std::uint8_t bit_size = 0;    // 0: not a bit field
  const Type* type = nullptr;
};

// One thing of the target that an attach point names.
struct Place {
  std::string name;  // what `probe` yields
  // As in image::PlaceDesc.
  std::string target;
  std::string function;
  std::uint64_t value = 0;
  std::uint64_t detail = 0;
};

// A function of the kernel, as BTF describes it.
struct KernelFunctionType {
  const target::Btf* btf = nullptr;  // of its module or BPF program
  target::BtfId id = 0;              // a BtfKind::func
};

// One attach point with its own copy of the body, or a function that nothing calls.
struct ResolvedProbe {
  // From add_uncalled to remove_uncalled; of the rest it has only a name and a body.
  bool is_uncalled = false;
  lang::ProbeKind kind{};
  std::string name;  // of its place; of several, the attach point as it is written
  ast::AttachPoint* attach_point = nullptr;
  ast::Expr* predicate = nullptr;  // may be absent
  ast::BlockExpr* body = nullptr;

  // Never empty. More than one: none of what the body does depends on which of them it is, but
  // for the text of `probe`.
  std::vector<Place> places;
  const Place& place() const { return places.front(); }

  bool is_frequency = false;
  std::optional<target::Tracepoint> tracepoint;
  target::BtfId raw_prototype = 0;  // rawtracepoint: func_proto of btf_trace_NAME, 0 unknown
  std::vector<target::UsdtArgument> usdt_arguments;  // of each of its places
  bool reads_record = false;  // check_types: uses a field of `args` (tracepoint)
  // Functions of the kernel: of the one place, where BTF has it.
  std::optional<KernelFunctionType> function_type;
  // The context is the one of a trampoline: of fentry and fexit, and of what is attached as such.
  bool by_trampoline = false;
  std::string attach_reason;  // for people: why a kprobe is attached as it is
  // The body calls what only programs may call of whose arguments the verifier knows the types.
  bool typed_context = false;

  std::deque<Variable> variables;  // resolve_names
};

// Of kprobe, kretprobe, fentry and fexit: its `args` are the parameters of the function.
inline bool traces_kernel_function(const ResolvedProbe& probe) {
  return lang::row(probe.kind).address_space == lang::AddressSpace::kernel &&
         (lang::row(probe.kind).context == lang::Context::registers ||
          lang::row(probe.kind).context == lang::Context::trampoline);
}

// As far as the kernel lets its program call different functions.
inline target::ProgramKind program_kind(const ResolvedProbe& probe) {
  using target::ProgramKind;
  switch (lang::row(probe.kind).context) {
    case lang::Context::none: return ProgramKind::raw_tracepoint;
    case lang::Context::registers:
      return probe.by_trampoline ? ProgramKind::tracing : ProgramKind::kprobe;
    // What asks for this makes it a classic or a typed one.
    case lang::Context::trace_record: return ProgramKind::tracepoint;
    case lang::Context::perf_event: return ProgramKind::perf_event;
    case lang::Context::raw_args:
    case lang::Context::trampoline:
    case lang::Context::iterator: return ProgramKind::tracing;
  }
  return ProgramKind::raw_tracepoint;
}

// A BPF program that somebody has loaded, where other modules are called by their names.
inline constexpr std::string_view bpf_module = "bpf";
inline bool traces_bpf_program(const ResolvedProbe& probe) {
  return probe.by_trampoline && probe.place().detail != 0;
}

// `--name` or `--name=value` behind the script.
struct NamedParam {
  std::string name;
  std::optional<std::string> value;
};

// The one process that -p or -c restrict the script to.
struct TracedProcess {
  std::optional<int> pid;  // -p, as our own pid namespace counts; a child of -c has none yet
  // The file that it executes, as we reach it: /proc/PID/root/… where it sees other files.
  std::string executable;
};

// How kprobes and kretprobes are attached: as the script and the kernel allow, or always so.
enum class KprobeAttach : std::uint8_t { automatic, kprobe, fentry };

struct Script {
  Script(Arena& nodes, diag::SourceMap& texts, target::Target& kernel)
      : arena(nodes), sources(texts), target(kernel) {
    types.set_completion([this](TypeTable::Described declared) {
      const FoundType found = type_sources.complete({declared.first, declared.second});
      return TypeTable::Described{found.btf, found.id};
    });
  }
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  Arena& arena;
  diag::SourceMap& sources;
  target::Target& target;
  std::optional<TracedProcess> process;  // none: all of them
  bool unwinds_others = false;           // --dwarf-pid names some
  // We are in a pid namespace: the numbers of processes that we see are not the kernel's.
  bool in_pid_namespace = false;
  // Kinds that are asked for; other probes of the script are as if they were not there.
  lang::ProbeSet wanted_probes = lang::every_probe;
  // Of --probe-filter, by what `probe` yields; begin and end stay. Empty: all stay.
  std::function<bool(const std::string& name)> keeps_probe;
  // Imported files and the library; null: there are none.
  Modules* modules = nullptr;
  ast::Program* program = nullptr;
  std::vector<std::string> params;  // positional
  std::vector<NamedParam> named_params;
  // resolve_options: what `--help` behind the script shows, instead of running it.
  std::optional<std::string> options_help;
  // Settings of the environment, which win over the script's: key, text.
  std::vector<std::pair<lang::ConfigKey, std::string>> environment;
  bool unsafe = false;
  KprobeAttach kprobe_attach{};
  // What could not be read (an import, C text) may define names, so an unknown one is nothing to
  // report.
  bool has_unread_names = false;
  lang::Config config;                                 // apply_config
  ctext::Options c_options;                            // -I, --include and the script's folder
  TypeSources type_sources{target};                    // read_c_text
  std::vector<std::unique_ptr<ResolvedProbe>> probes;  // resolve_probes, in source order
  std::deque<Map> maps;                                // resolve_names, in order of first use
  TypeTable types;
  std::deque<FieldAccess> fields;  // owner of what FieldRef points to
  // resolve_names: what is wrong inside the branches of `if comptime`; fold_constants reports it
  // for the branch that is kept.
  std::map<const ast::Node*, std::vector<diag::Diagnostic>> in_branches;
};

}  // namespace sonde::sema
