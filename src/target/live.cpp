// SPDX-License-Identifier: Apache-2.0
// The running kernel. Each fact is read when it is first asked for.
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <unordered_set>

#include "base/elf_file.h"
#include "base/elf_symbols.h"
#include "base/file.h"
#include "base/text.h"
#include "target/bpf_programs.h"
#include "target/callable_functions.h"
#include "target/features.h"
#include "target/files.h"
#include "target/kernel_functions.h"
#include "target/kernel_sizes.h"
#include "target/process_files.h"
#include "target/raw_tracepoints.h"
#include "target/syscalls.h"
#include "target/target.h"
#include "target/tracefs.h"
#include "target/usdt.h"

namespace sonde::target {

namespace {

constexpr std::string_view btf_folder = "/sys/kernel/btf";

// The category of what tracefs' own tracers record: it has formats, and nothing to enable.
constexpr std::string_view tracer_records = "ftrace";

// One part of a path below events/: without it a name could lead elsewhere.
bool is_file_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\0", 2)) == std::string_view::npos;
}

std::vector<std::string> sorted_unique(std::vector<std::string> names) {
  std::ranges::sort(names);
  const auto extra = std::ranges::unique(names);
  names.erase(extra.begin(), extra.end());
  return names;
}

// Nothing for a module without types.
using NamesByModule = std::map<std::string, std::optional<std::unordered_set<std::string_view>>>;

class LiveTarget : public Target {
 public:
  explicit LiveTarget(LiveOptions options) : options_(std::move(options)) { ::uname(&uname_); }

  std::string_view release() const override { return uname_.release; }
  std::string_view architecture() const override { return uname_.machine; }

  const Btf* btf() override {
    if (!btf_) btf_ = load_btf();
    return *btf_ ? &**btf_ : nullptr;
  }
  std::string_view btf_problem() const override {
    if (!btf_) return {};
    return *btf_ ? (*btf_)->problem() : (*btf_).error().message;
  }
  const Btf* module_btf(std::string_view module) override;
  std::vector<std::string> btf_modules() override;

  Result<std::optional<Tracepoint>> find_tracepoint(std::string_view category,
                                                    std::string_view event) override;
  std::vector<std::string> tracepoints() override;
  std::vector<std::string> tracepoint_events(std::string_view category) override;

  bool has_raw_tracepoint(std::string_view name) override {
    return find_raw_tracepoint(btf(), name).has_value();
  }
  std::vector<std::string> raw_tracepoints() override { return raw_tracepoint_names(btf()); }

  std::optional<std::uint32_t> syscall_number(std::string_view tracefs_name) override {
    return target::syscall_number(tracefs_name);
  }

  std::vector<std::string> loaded_modules() override;

  bool has_kernel_function(std::string_view name) override;
  std::span<const KernelFunction> traceable_functions() override;
  std::vector<std::string> kernel_functions() override;
  std::vector<std::string> modules_with(std::string_view function) override;
  std::vector<BpfFunction> bpf_functions() override { return read_bpf_functions(); }
  const Btf* bpf_program_btf(std::uint32_t program_id) override {
    const auto [known, is_new] = bpf_programs_.try_emplace(program_id);
    BpfProgram& program = known->second;
    if (is_new) {
      program.bytes = read_program_btf(program_id);
      if (auto btf = Btf::open(program.bytes)) program.btf = *std::move(btf);
    }
    return program.btf ? &*program.btf : nullptr;
  }
  std::optional<std::uint64_t> kernel_function_size(std::string_view function) override {
    if (const auto size = size_in_kernel_image(function, release())) return size;
    return size_in_kallsyms(kallsyms(), function);
  }

  bool may_call(std::string_view function, ProgramKind kind) override {
    return btf() && ask_may_call(*btf(), function, kind);
  }

  bool has_kernel_symbol(std::string_view name) override {
    // "ffffffff81000000 T name", of a module with a tab and its name behind.
    const std::string end_of_line = " " + std::string(name) + "\n";
    const std::string with_module = " " + std::string(name) + "\t";
    return kallsyms().contains(end_of_line) || kallsyms().contains(with_module);
  }

  // Of its folder's inode: they are the same number in kernfs (fs/kernfs/dir.c, kernfs_ino).
  std::optional<std::uint64_t> cgroup_id(const std::string& path) override {
    struct statfs system {};
    struct stat folder {};
    if (::statfs(path.c_str(), &system) != 0 || ::stat(path.c_str(), &folder) != 0)
      return std::nullopt;
    const auto kind = static_cast<unsigned long>(system.f_type);
    if (kind != CGROUP2_SUPER_MAGIC && kind != CGROUP_SUPER_MAGIC) return std::nullopt;
    return folder.st_ino;
  }

  std::vector<std::string> find_files(std::string_view pattern, std::optional<int> pid) override {
    return find_program_files(pattern, pid);
  }
  std::optional<std::string> executable_of(int pid) override { return executable_of_process(pid); }
  FileKind file_kind(const std::string& path) override { return read_file_kind(path); }
  bool has_user_function(const std::string& path, std::string_view name) override {
    return std::ranges::binary_search(load_user_functions(path), name);
  }
  std::vector<std::string> user_functions(const std::string& path) override {
    return load_user_functions(path);
  }
  std::vector<UsdtProbe> usdt_probes(const std::string& path) override {
    return read_usdt_probes(path).value_or(std::vector<UsdtProbe>());
  }
  std::optional<UserSymbol> user_function_at(const std::string& path,
                                             std::uint64_t address) override {
    const auto found = find_elf_function(path, address);
    if (!found || !*found) return std::nullopt;
    return UserSymbol{(*found)->address, (*found)->size_bytes};
  }
  std::string user_code(const std::string& path, std::uint64_t address,
                        std::uint64_t size_bytes) override {
    const auto file = ElfFile::open(path);
    return file ? std::string(file->code_at(address, size_bytes)) : "";
  }
  Result<std::unique_ptr<UserTypes>> open_user_types(const std::string& path,
                                                     const std::string& folders) override {
    return UserTypes::open(path, architecture(), folders);
  }
  std::optional<UserSymbol> user_symbol(const std::string& path, const std::string& name) override {
    const auto [known, is_new] = user_symbols_.try_emplace({path, name});
    if (const auto found = is_new ? find_elf_symbol(path, name) : std::nullopt; found && *found)
      known->second = UserSymbol{(*found)->address, (*found)->size_bytes};
    return known->second;
  }

 private:
  bool offers(Feature feature) override {
    auto& answer = features_[static_cast<std::size_t>(feature)];
    if (!answer) answer = probe_feature(feature, release());
    return *answer;
  }
  Result<Btf> load_btf();
  const Result<Tracefs>& tracefs();
  const std::string& filter_functions();
  const std::string& kallsyms();
  const std::vector<std::string>& load_user_functions(const std::string& path);

  LiveOptions options_;
  utsname uname_{};
  std::array<std::optional<bool>, feature_count> features_;
  Mapping btf_bytes_;
  std::optional<Result<Btf>> btf_;  // empty: not asked yet; looks into `btf_bytes_`
  struct Module {
    Mapping bytes;
    std::optional<Btf> btf;
  };
  std::map<std::string, Module, std::less<>> modules_;
  struct BpfProgram {
    std::vector<std::byte> bytes;
    std::optional<Btf> btf;
  };
  std::map<std::uint32_t, BpfProgram> bpf_programs_;  // by the kernel's number
  std::optional<Result<Tracefs>> tracefs_;
  std::map<std::string, std::optional<Tracepoint>, std::less<>> tracepoints_;
  std::map<std::pair<std::string, std::string>, std::optional<UserSymbol>> user_symbols_;
  std::optional<std::string> filter_functions_;  // the text; empty when there is none
  std::optional<std::string> kallsyms_;          // the text of /proc/kallsyms
  std::optional<std::vector<KernelFunction>> traceable_functions_;
  std::map<std::string, std::vector<std::string>, std::less<>> user_functions_;  // sorted
};

Result<Btf> LiveTarget::load_btf() {
  const char* given = std::getenv("BPFTRACE_BTF");
  const std::string path = given && *given ? given : "/sys/kernel/btf/vmlinux";
  auto mapping = Mapping::open(path);
  if (!mapping && mapping.error().code == ENOENT && !(given && *given))
    return fail("this kernel has no type information: " + path +
                " does not exist (CONFIG_DEBUG_INFO_BTF)");
  SONDE_TRY(btf_bytes_, std::move(mapping));
  const bool is_running_kernels = !(given && *given);
  auto btf =
      is_running_kernels ? Btf::open_unread(btf_bytes_.bytes()) : Btf::open(btf_bytes_.bytes());
  if (!btf) return std::unexpected(std::move(btf).error().while_doing("reading " + path));
  return btf;
}

const Btf* LiveTarget::module_btf(std::string_view module) {
  // With BTF from elsewhere the ids of the running kernel's modules lead to other types.
  const char* given = std::getenv("BPFTRACE_BTF");
  if ((given && *given) || !is_file_name(module) || module == "vmlinux" || !btf()) return nullptr;
  auto known = modules_.find(module);
  if (known == modules_.end()) {
    known = modules_.emplace(module, Module{}).first;
    // Ids go on behind the last type of the kernel's, which only undamaged BTF knows.
    (void)btf()->type_count();
    if (!btf()->problem().empty()) return nullptr;
    if (auto bytes = Mapping::open(std::string(btf_folder) + "/" + known->first)) {
      known->second.bytes = std::move(*bytes);
      if (auto btf = Btf::open(known->second.bytes.bytes(), this->btf())) known->second.btf = *btf;
    }
  }
  return known->second.btf ? &*known->second.btf : nullptr;
}

std::vector<std::string> LiveTarget::btf_modules() {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(btf_folder, ignored))
    if (entry.path().filename() != "vmlinux") names.push_back(entry.path().filename());
  return sorted_unique(std::move(names));
}

const Result<Tracefs>& LiveTarget::tracefs() {
  if (!tracefs_) tracefs_ = Tracefs::open();
  return *tracefs_;
}

Result<std::optional<Tracepoint>> LiveTarget::find_tracepoint(std::string_view category,
                                                              std::string_view event) {
  if (!is_file_name(category) || !is_file_name(event)) return std::optional<Tracepoint>();
  const std::string folder = std::string(category).append("/").append(event);
  if (const auto known = tracepoints_.find(folder); known != tracepoints_.end())
    return known->second;
  const Result<Tracefs>& files = tracefs();
  if (!files) return std::unexpected(files.error());
  const std::string path = "events/" + folder + "/format";
  SONDE_TRY(const std::optional<std::string> text, files->read(path));
  std::optional<Tracepoint> found;
  if (text && category != tracer_records) {
    auto parsed = parse_format(*text);
    if (!parsed) return std::unexpected(std::move(parsed).error().while_doing("reading " + path));
    found = *std::move(parsed);
  }
  tracepoints_.emplace(folder, found);
  return found;
}

std::vector<std::string> LiveTarget::tracepoints() {
  std::vector<std::string> names;
  const Result<Tracefs>& files = tracefs();
  if (!files) return names;
  if (const auto text = files->read("available_events"); text && *text)
    for (const std::string_view line : split(**text, '\n'))
      if (!line.empty()) names.emplace_back(line);
  return sorted_unique(std::move(names));
}

std::vector<std::string> LiveTarget::tracepoint_events(std::string_view category) {
  const Result<Tracefs>& files = tracefs();
  if (!files || !is_file_name(category) || category == tracer_records) return {};
  return files->folders("events/" + std::string(category));
}

std::vector<std::string> LiveTarget::loaded_modules() {
  std::vector<std::string> names;
  // Lines "name size users …". Man page: proc(5).
  if (const auto text = read_file("/proc/modules"))
    for (const std::string_view line : split(*text, '\n'))
      if (!line.empty()) names.emplace_back(line.substr(0, line.find(' ')));
  return sorted_unique(std::move(names));
}

// Missing without CONFIG_DYNAMIC_FTRACE, unreadable under lockdown.
const std::string& LiveTarget::filter_functions() {
  if (filter_functions_) return *filter_functions_;
  if (!options_.traceable_functions.empty()) {
    filter_functions_ = read_file(options_.traceable_functions).value_or("");
  } else {
    filter_functions_.emplace();
    if (const Result<Tracefs>& files = tracefs())
      if (auto text = files->read("available_filter_functions"); text && *text)
        filter_functions_ = std::move(**text);
  }
  return *filter_functions_;
}

const std::string& LiveTarget::kallsyms() {
  if (!kallsyms_) kallsyms_ = read_file("/proc/kallsyms").value_or("");
  return *kallsyms_;
}

// One name is found without reading all: this is on the way of most scripts with kprobes.
std::vector<std::string> LiveTarget::modules_with(std::string_view function) {
  if (filter_functions().empty()) return Target::modules_with(function);
  return modules_listing(filter_functions(), function);
}

bool LiveTarget::has_kernel_function(std::string_view name) {
  return has(Feature::kprobes) && !modules_with(name).empty();
}

std::span<const KernelFunction> LiveTarget::traceable_functions() {
  if (traceable_functions_) return *traceable_functions_;
  const auto blacklist = read_file("/sys/kernel/debug/kprobes/blacklist");
  std::vector<KernelFunction> functions = parse_filter_functions(filter_functions());
  if (functions.empty()) {
    functions = parse_kallsyms(kallsyms());
    // Among these are functions that the kernel refuses to trace; those that BTF does not know are
    // parts of others, or written in assembler.
    NamesByModule known;
    std::erase_if(functions, [&](const KernelFunction& function) {
      const auto [names, is_new] = known.try_emplace(function.module);
      if (const Btf* types = is_new ? btf_of(function.module) : nullptr) {
        const auto all = types->names(BtfKind::func);
        names->second.emplace(all.begin(), all.end());
      }
      return names->second && !names->second->contains(function.name);
    });
  }
  traceable_functions_ =
      choose_functions(std::move(functions), parse_kprobe_blacklist(blacklist.value_or("")));
  return *traceable_functions_;
}

std::vector<std::string> LiveTarget::kernel_functions() {
  std::vector<std::string> names;
  if (!has(Feature::kprobes)) return names;
  for (const KernelFunction& function : traceable_functions())
    if (names.empty() || names.back() != function.name) names.push_back(function.name);
  return names;
}

const std::vector<std::string>& LiveTarget::load_user_functions(const std::string& path) {
  if (const auto known = user_functions_.find(path); known != user_functions_.end())
    return known->second;
  std::vector<std::string> names;
  // A file that cannot be read has no functions for us; `file_kind` tells why.
  if (auto symbols = read_elf_symbols(path))
    for (ElfSymbol& symbol : symbols->functions) names.push_back(std::move(symbol.name));
  return user_functions_.emplace(path, sorted_unique(std::move(names))).first->second;
}

}  // namespace

std::unique_ptr<Target> open_live_target(const LiveOptions& options) {
  return std::make_unique<LiveTarget>(options);
}

}  // namespace sonde::target
