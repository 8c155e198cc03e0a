// SPDX-License-Identifier: Apache-2.0
// Everything that the compiler may know of a kernel. Two makers: the live machine and a
// snapshot file. Answers are looked up when asked for and remembered; nothing is read that a
// script does not need. No other folder opens /sys, /proc/kallsyms or BTF.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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

// A function or variable of a program, where its file says that it lies.
struct UserSymbol {
  std::uint64_t address = 0;
  std::uint64_t size_bytes = 0;  // 0: not known
};

enum class FileKind : std::uint8_t { missing, not_elf, elf };

class Target {
 public:
  virtual ~Target() = default;

  virtual std::string_view release() const = 0;       // uname -r
  virtual std::string_view architecture() const = 0;  // uname -m

  virtual bool has(Feature feature) = 0;

  // Null, with the reason in `btf_problem()`, when the kernel has no BTF or it cannot be read.
  virtual const Btf* btf() = 0;
  virtual std::string_view btf_problem() const = 0;
  // The types of a kernel module, which build on `btf()`; null when it has none. Modules are
  // never looked at unless asked for.
  virtual const Btf* module_btf(std::string_view) { return nullptr; }
  virtual std::vector<std::string> btf_modules() { return {}; }

  // A miss is `nullopt`; an error means that the question could not be asked (no permission to
  // read tracefs, an unreadable format file) and says what is missing.
  virtual Result<std::optional<Tracepoint>> find_tracepoint(std::string_view category,
                                                            std::string_view event) = 0;
  // For suggestions: slow, only on the way to an error message.
  virtual std::vector<std::string> tracepoint_categories() = 0;
  virtual std::vector<std::string> tracepoint_events(std::string_view category) = 0;

  // A tracepoint that a raw program can attach to: BTF has `btf_trace_NAME`.
  virtual bool has_raw_tracepoint(std::string_view name) = 0;
  virtual std::vector<std::string> raw_tracepoints() = 0;

  // Number of the system call behind `syscalls:sys_enter_NAME`, by the name that tracefs uses
  // (`newstat` is stat). Nothing when unknown: then the classic tracepoint is attached.
  virtual std::optional<std::uint32_t> syscall_number(std::string_view tracefs_name) = 0;

  // Kernel functions that a kprobe can be put on. False also when there are no kprobes.
  virtual bool has_kernel_function(std::string_view name) = 0;
  virtual std::vector<std::string> kernel_functions() = 0;

  // Any symbol of the kernel, function or variable.
  virtual bool has_kernel_symbol(std::string_view name) { return has_kernel_function(name); }
  // The number by which the kernel calls the cgroup of that folder.
  virtual std::optional<std::uint64_t> cgroup_id(const std::string&) { return std::nullopt; }

  // User-space files. `path` absolute or relative; `find_program` looks through $PATH and, for
  // names that start with `lib`, through the library folders; gives the path to attach to.
  virtual std::optional<std::string> find_program(std::string_view name) = 0;
  virtual FileKind file_kind(const std::string& path) = 0;
  virtual bool has_user_function(const std::string& path, std::string_view name) = 0;
  virtual std::vector<std::string> user_functions(const std::string& path) = 0;
  // From the debug information of the file; `folders` as in dwarf.h. Fails with a reason when there
  // is none.
  virtual Result<std::unique_ptr<UserTypes>> open_user_types(const std::string&,
                                                             const std::string&) {
    return fail("a snapshot has no debug information of programs");
  }
  virtual std::optional<UserSymbol> user_symbol(const std::string&, const std::string&) {
    return std::nullopt;
  }
};

// The running kernel. Never fails: what cannot be read is said by the answer that needs it.
std::unique_ptr<Target> open_live_target();

// A file written by write_snapshot().
Result<std::unique_ptr<Target>> open_snapshot(const std::string& path);

// What a snapshot holds. Empty lists: everything, but no files.
struct SnapshotSelection {
  std::vector<std::string> tracepoints;       // "category:event"
  std::vector<std::string> structs;           // with what they contain by value; pointers to
                                              // other structs become forward declarations
  std::vector<std::string> raw_tracepoints;   // their btf_trace_ typedefs and prototypes
  std::vector<std::string> kernel_functions;  // also without kprobes; with their prototypes
  std::vector<std::string> files;             // programs whose function names are kept
};

// Writes the facts of the running kernel.
Status write_snapshot(const std::string& path, const SnapshotSelection& selection);

}  // namespace sonde::target
