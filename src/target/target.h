// SPDX-License-Identifier: Apache-2.0
// Everything that the compiler may know of a kernel. Two makers: the live machine and a
// snapshot file. Answers are looked up when asked for and remembered; nothing is read that a
// script does not need. No other folder opens /sys, /proc/kallsyms or BTF.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "target/btf.h"
#include "target/user_types.h"

namespace sonde::target {

// What a kernel may offer; a row of features.def each.
enum class Feature : std::uint8_t {
#define FEATURE(NAME, SINCE, SUMMARY) NAME,
#include "target/features.def"
#undef FEATURE
};

// One field of a tracepoint's record (tracefs: events/CATEGORY/EVENT/format).
struct TraceField {
  std::string name;
  std::string type;          // as in the file: "const char *", "char[16]", "__data_loc char[]"
  std::uint32_t offset = 0;  // bytes, from the start of the program's context
  std::uint32_t size = 0;    // bytes
  bool is_signed = false;
  bool is_data_loc = false;  // a u32: low half offset in the record, high half length
};

struct Tracepoint {
  std::uint32_t id = 0;            // what perf_event_open wants as config
  std::vector<TraceField> fields;  // the event's own, without common_*
};

// The category and the event of `category:event`.
std::pair<std::string_view, std::string_view> split_tracepoint(std::string_view name);

// What the kernel itself is called where modules have their names.
inline constexpr std::string_view core_module = "vmlinux";

// A function of the kernel or of one of its modules. Ordered by name, then module.
struct KernelFunction {
  std::string name;
  std::string module;
  auto operator<=>(const KernelFunction&) const = default;
};

// A function of a loaded BPF program that has BTF: its main one or a subprogram.
struct BpfFunction {
  std::uint32_t program_id = 0;  // the kernel's number of the program
  std::string name;
  BtfId type = 0;  // a BtfKind::func of the program's BTF
  auto operator<=>(const BpfFunction&) const = default;
};

// A statically defined probe of a program: one place, of which a probe may have several.
struct UsdtProbe {
  std::string provider, name;
  std::uint64_t address = 0;           // virtual address in the file
  std::uint64_t file_offset = 0;       // of the instruction
  std::uint64_t semaphore_offset = 0;  // of the counter of those who trace it, in the file; 0: none
  std::string arguments;               // as the assembler wrote them: "-4@%edi 8@-16(%rbp)"
  auto operator<=>(const UsdtProbe&) const = default;
};

// A function or variable of a program, where its file says that it lies.
struct UserSymbol {
  std::uint64_t address = 0;
  std::uint64_t size_bytes = 0;  // 0: not known
};

// Types of programs, as far as the kernel lets them call different functions of it.
enum class ProgramKind : std::uint8_t { kprobe, tracepoint, raw_tracepoint, perf_event, tracing };

enum class FileKind : std::uint8_t { missing, not_elf, elf };

class Target {
 public:
  virtual ~Target() = default;

  virtual std::string_view release() const = 0;       // uname -r
  virtual std::string_view architecture() const = 0;  // uname -m

  bool has(Feature feature) {
    return std::ranges::find(left_out_, feature) == left_out_.end() && offers(feature);
  }
  // From here on the kernel is taken for one without it.
  void leave_out(Feature feature) { left_out_.push_back(feature); }

  // Null, with the reason in `btf_problem()`, when the kernel has no BTF or it cannot be read. With
  // such a reason and not null it could be read in part.
  virtual const Btf* btf() = 0;
  virtual std::string_view btf_problem() const = 0;
  // The types of a kernel module, which build on `btf()`; null when it has none. Modules are
  // never looked at unless asked for.
  virtual const Btf* module_btf(std::string_view) { return nullptr; }
  virtual std::vector<std::string> btf_modules() { return {}; }
  // The types of `vmlinux` or of a module; null when there are none.
  const Btf* btf_of(std::string_view module) {
    return module == core_module ? btf() : module_btf(module);
  }
  // Without the kernel itself; sorted.
  virtual std::vector<std::string> loaded_modules() { return {}; }

  // A miss is `nullopt`; an error means that the question could not be asked (no permission to
  // read tracefs, an unreadable format file) and says what is missing.
  virtual Result<std::optional<Tracepoint>> find_tracepoint(std::string_view category,
                                                            std::string_view event) = 0;
  // All that can be attached, as `category:event`, sorted. Of one category alone it is faster.
  virtual std::vector<std::string> tracepoints() { return {}; }
  std::vector<std::string> tracepoint_categories();
  virtual std::vector<std::string> tracepoint_events(std::string_view category);

  // A tracepoint that a raw program can attach to: BTF has `btf_trace_NAME`.
  virtual bool has_raw_tracepoint(std::string_view name) = 0;
  virtual std::vector<std::string> raw_tracepoints() = 0;

  // Number of the system call behind `syscalls:sys_enter_NAME`, by the name that tracefs uses
  // (`newstat` is stat). Nothing when unknown: then the classic tracepoint is attached.
  virtual std::optional<std::uint32_t> syscall_number(std::string_view tracefs_name) = 0;

  // Kernel functions that a kprobe can be put on. False also when there are no kprobes.
  virtual bool has_kernel_function(std::string_view name) = 0;
  // What wildcards choose from, sorted: without functions that the kernel refuses and without
  // parts that the compiler has split off. Also on a kernel without kprobes.
  virtual std::span<const KernelFunction> traceable_functions() { return {}; }
  virtual std::vector<std::string> kernel_functions() = 0;
  // Where functions of that name can be traced: `vmlinux` or names of modules, sorted. Also on a
  // kernel without kprobes.
  virtual std::vector<std::string> modules_with(std::string_view function) {
    const auto by_name = [](const KernelFunction& each) { return std::string_view(each.name); };
    std::vector<std::string> modules;
    for (const KernelFunction& each :
         std::ranges::equal_range(traceable_functions(), function, {}, by_name))
      modules.push_back(each.module);
    return modules;
  }
  // Of the BPF programs that are loaded now, sorted.
  virtual std::vector<BpfFunction> bpf_functions() { return {}; }
  // The types of one of them; null when it is gone.
  virtual const Btf* bpf_program_btf(std::uint32_t) { return nullptr; }

  // Nothing where neither an image of the kernel nor its symbols tell.
  virtual std::optional<std::uint64_t> kernel_function_size(std::string_view) {
    return std::nullopt;
  }

  // Whether BPF programs of that kind may call a function of the kernel. True where that cannot be
  // asked: then the kernel tells when the program is loaded.
  virtual bool may_call(std::string_view, ProgramKind) { return false; }

  // Any symbol of the kernel, function or variable.
  virtual bool has_kernel_symbol(std::string_view name) { return has_kernel_function(name); }
  // The number by which the kernel calls the cgroup of that folder.
  virtual std::optional<std::uint64_t> cgroup_id(const std::string&) { return std::nullopt; }

  // Every file that the target of a user probe means, as a path to attach to. A name without
  // wildcard: the candidates in the order of preference, the same file once; without folder it is
  // looked for in the library folders when it starts with `lib`, then here and in $PATH. `*` in a
  // path: all programs and libraries that match, sorted; `*` alone: all that running processes
  // execute. With a process: what it executes, and paths as it sees them, given as /proc/PID/root/…
  // where it sees other files. In the functions behind it `path` is absolute or relative.
  virtual std::vector<std::string> find_files(std::string_view, std::optional<int> = {}) {
    return {};
  }
  // What that process executes, to be opened from here. Nothing where it may not be looked at.
  virtual std::optional<std::string> executable_of(int) { return std::nullopt; }
  virtual FileKind file_kind(const std::string& path) = 0;
  virtual bool has_user_function(const std::string& path, std::string_view name) = 0;
  virtual std::vector<std::string> user_functions(const std::string& path) = 0;
  // The one that holds a virtual address of the file.
  virtual std::optional<UserSymbol> user_function_at(const std::string&, std::uint64_t) {
    return std::nullopt;
  }
  // So many bytes of the file from a virtual address on; fewer where its segment ends.
  virtual std::string user_code(const std::string&, std::uint64_t, std::uint64_t) { return {}; }
  // In the order of the file, which may name one probe at several places.
  virtual std::vector<UsdtProbe> usdt_probes(const std::string&) { return {}; }
  // From the debug information of the file; `folders` as in dwarf.h. Fails with a reason when there
  // is none.
  virtual Result<std::unique_ptr<UserTypes>> open_user_types(const std::string&,
                                                             const std::string&) {
    return fail("a snapshot has no debug information of programs");
  }
  virtual std::optional<UserSymbol> user_symbol(const std::string&, const std::string&) {
    return std::nullopt;
  }

 private:
  virtual bool offers(Feature feature) = 0;

  std::vector<Feature> left_out_;
};

struct LiveOptions {
  // A file in the form of tracefs' available_filter_functions that is read instead of it.
  std::string traceable_functions;
};

// The running kernel. Never fails: what cannot be read is said by the answer that needs it.
std::unique_ptr<Target> open_live_target(const LiveOptions& options = {});

// A file written by write_snapshot().
Result<std::unique_ptr<Target>> open_snapshot(const std::string& path);

// What a snapshot holds. Empty lists: everything, but no files.
struct SnapshotSelection {
  std::vector<std::string> tracepoints;       // "category:event"
  std::vector<std::string> structs;           // with what they contain by value; pointers to
                                              // other structs become forward declarations
  std::vector<std::string> raw_tracepoints;   // their btf_trace_ typedefs and prototypes
  std::vector<std::string> kernel_functions;  // FUNCTION or MODULE:FUNCTION, also without kprobes;
                                              // those of the kernel itself with their prototypes
  std::vector<std::string> files;             // programs whose functions and USDT probes are kept
  std::vector<std::string> callable;  // functions that programs may call; empty: those of sonde
};

// Writes the facts of the running kernel.
Status write_snapshot(const std::string& path, const SnapshotSelection& selection);

}  // namespace sonde::target
