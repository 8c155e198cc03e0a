// SPDX-License-Identifier: Apache-2.0
#include "runtime/object.h"

#include <bpf/libbpf.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/assert.h"
#include "base/file.h"
#include "base/pid_namespace.h"
#include "base/text.h"
#include "image/layout.h"
#include "runtime/attach/multi_links.h"
#include "runtime/attach/report.h"
#include "runtime/btf_targets.h"
#include "runtime/capabilities.h"
#include "runtime/early_maps.h"
#include "runtime/libbpf_log.h"
#include "runtime/map_entries.h"
#include "runtime/reporter.h"
#include "runtime/swapped_maps.h"
#include "runtime/time_text.h"
#include "runtime/traced_process.h"
#include "runtime/unwinding.h"
#include "runtime/verifier_log.h"
#include "runtime/verifier_report.h"
#include "symbols/kernel_addresses.h"

namespace sonde::runtime {

namespace {

using image::AttachKind;

constexpr bpf_prog_type type_of_section(std::string_view section) {
  if (section == "raw_tp") return BPF_PROG_TYPE_RAW_TRACEPOINT;
  // Until btf_targets.h has its way.
  if (section == "fentry" || section == "fexit" || section == "tp_btf" || section == "iter")
    return BPF_PROG_TYPE_RAW_TRACEPOINT;
  if (section == "tracepoint") return BPF_PROG_TYPE_TRACEPOINT;
  if (section == "perf_event") return BPF_PROG_TYPE_PERF_EVENT;
  if (section == "kprobe" || section == "uprobe" || section == "uretprobe" ||
      section == "kretprobe" || section == "kprobe.multi" || section == "kretprobe.multi" ||
      section == "kprobe.session")
    return BPF_PROG_TYPE_KPROBE;
  return BPF_PROG_TYPE_UNSPEC;
}

constexpr std::array program_types = {
#define ATTACH_KIND(NAME, SECTION, SUMMARY) type_of_section(SECTION),
#include "image/attach_kinds.def"
#undef ATTACH_KIND
};
static_assert(std::ranges::find(program_types, BPF_PROG_TYPE_UNSPEC) == program_types.end(),
              "every section of attach_kinds.def has a program type");

// What a program must say before it is loaded; 0: nothing.
std::uint32_t expected_attach_type(AttachKind kind, const RunOptions& options) {
  switch (kind) {
    case AttachKind::uprobe:
    case AttachKind::uretprobe: return options.uprobe_multi ? trace_uprobe_multi : 0;
    case AttachKind::kprobe_multi:
    case AttachKind::kretprobe_multi: return BPF_TRACE_KPROBE_MULTI;
    case AttachKind::kprobe_session: return trace_kprobe_session;
    default: return 0;
  }
}

// Only the programs that a probe uses are loaded. libbpf guesses their types from section names,
// but knows `perf_event` and not `perf_event/x`.
void choose_programs(bpf_object* object, const image::Image& image, const Refusals& refusals,
                     const RunOptions& options) {
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) bpf_program__set_autoload(program, false);
  for (const image::ProbeDesc& probe : image.probes) {
    program = bpf_object__find_program_by_name(object, probe.program.c_str());
    // Both are reported when it is attached.
    if (program == nullptr || refusals.contains(probe.program)) continue;
    bpf_program__set_autoload(program, true);
    bpf_program__set_type(program, program_types[static_cast<std::size_t>(probe.attach)]);
    if (const std::uint32_t type = expected_attach_type(probe.attach, options); type != 0)
      bpf_program__set_expected_attach_type(program, static_cast<bpf_attach_type>(type));
  }
}

image::RunConstants run_constants(const TracedProcess* process) {
  image::RunConstants constants;
  constants.start_boot_ns = clock_ns(CLOCK_BOOTTIME);
  constants.tai_offset_ns = clock_ns(CLOCK_TAI) - constants.start_boot_ns;
  constants.possible_cpus = possible_cpus();
  constants.tracer_tgid = static_cast<std::uint32_t>(::getpid());
  if (process)
    (process->is_child() ? constants.child_tgid : constants.traced_tgid) =
        static_cast<std::uint32_t>(process->pid());
  if (!in_pid_namespace()) return constants;
  const auto set = [](pid_t pid, std::uint32_t& tgid, std::uint64_t(&numbers)[2]) {
    const auto found = pid_in_its_namespace(pid);
    if (!found) return;
    tgid = found->tgid;
    numbers[0] = found->device;
    numbers[1] = found->inode;
  };
  set(::getpid(), constants.tracer_tgid, constants.tracer_namespace);
  if (process && !process->is_child())
    set(process->pid(), constants.traced_tgid, constants.traced_namespace);
  return constants;
}

// Before the load: the section is frozen then, and its values are constants to the verifier.
void set_run_constants(bpf_object* object, const TracedProcess* process) {
  bpf_map* map = bpf_object__find_map_by_name(object, std::string(image::run_section).c_str());
  if (map == nullptr) return;  // the script asks for none of them
  const image::RunConstants constants = run_constants(process);
  std::size_t size = 0;
  auto* value = const_cast<void*>(bpf_map__initial_value(map, &size));
  std::memcpy(value, &constants, std::min(size, sizeof constants));
}

// False, with a message, when the kernel has no such symbol (any more).
bool set_kernel_addresses(bpf_object* object, const image::Image& image, Reporter& reporter) {
  if (image.kernel_symbols.empty()) return true;
  const std::vector<std::uint64_t> addresses = symbols::find_kernel_addresses(image.kernel_symbols);
  for (std::size_t i = 0; i < addresses.size(); ++i)
    if (addresses[i] == 0) {
      reporter.error({}, "cannot find the kernel's symbol `" + image.kernel_symbols[i] +
                             "` in /proc/kallsyms, or its address is hidden from us");
      return false;
    }
  bpf_map* map =
      bpf_object__find_map_by_name(object, std::string(image::kernel_symbols_section).c_str());
  std::size_t size = 0;
  auto* value = map ? const_cast<void*>(bpf_map__initial_value(map, &size)) : nullptr;
  if (value) std::memcpy(value, addresses.data(), std::min(size, addresses.size() * 8));
  return true;
}

// The kernel makes no table for stacks of more frames than it takes (kernel/bpf/stackmap.c).
void limit_stacks(bpf_object* object, const image::Image& image) {
  // UAPI: include/uapi/linux/bpf.h, struct bpf_stack_build_id
  constexpr std::uint64_t usual_frames = 127, build_id_bytes = 32, address_bytes = 8;
  std::optional<std::uint64_t> most;
  for (const image::StackMap& stacks : image.stack_maps) {
    if (stacks.limit <= usual_frames) continue;
    if (!most) {
      const auto text = read_file("/proc/sys/kernel/perf_event_max_stack");
      most = text ? parse_u64(trim(*text)).value_or(usual_frames) : usual_frames;
    }
    if (stacks.limit <= *most) continue;
    bpf_map* map = bpf_object__find_map_by_name(object, stacks.elf_name.c_str());
    const std::uint64_t bytes = (stacks.build_ids ? build_id_bytes : address_bytes) * *most;
    if (map != nullptr) bpf_map__set_value_size(map, static_cast<std::uint32_t>(bytes));
  }
}

// A program may serve many probes: the first one's name, and how many more.
std::string probes_of(const image::Image& image, std::string_view program) {
  std::string name;
  std::size_t count = 0;
  for (const image::ProbeDesc& probe : image.probes)
    if (probe.program == program && count++ == 0) name = probe.name;
  if (count == 0) return std::string(program);
  return count == 1 ? name : name + " and " + std::to_string(count - 1) + " more";
}

// The map of the script that could not be made: libbpf tells it nowhere but in its log.
const image::MapDesc* refused_map(const image::Image& image, const LibbpfLog& libbpf) {
  for (const image::MapDesc& map : image.maps)
    if (libbpf.text().contains("map '" + map.elf_name + "': failed to create")) return &map;
  return nullptr;
}

void report_map(Reporter& reporter, const image::Image& image, const image::MapDesc& map,
                int error) {
  const std::uint32_t key = map.key == image::no_type ? 0 : image.types[map.key].size_bytes;
  const std::uint32_t value = image::entry_size(image.types[map.value]);
  reporter.error({}, "cannot make the map " + map.name + " with room for " +
                         std::to_string(map.max_entries) + " entries (key " + std::to_string(key) +
                         " bytes, value " + std::to_string(value) +
                         " bytes): " + std::string(std::strerror(error)));
  reporter.hint(
      "a map of this size is more than the kernel gives; ask for fewer entries in its "
      "declaration (`let @m = hash(5000)`) or with max_map_keys");
}

void report_failure(Reporter& reporter, const image::Image& image, std::string_view elf,
                    const VerifierLog& verifier, const LibbpfLog& libbpf, int error) {
  const std::string hint = permission_hint(error);
  // EPERM is told before the verifier looks at the program; EACCES is also a verdict of its.
  if (const auto log = verifier.find()) {
    report_refusal(reporter, probes_of(image, log->program), error, log->text,
                   read_line_info(elf, log->program));
  } else if (const image::MapDesc* map = refused_map(image, libbpf); map && hint.empty()) {
    report_map(reporter, image, *map, error);
    if (reporter.options().verbose) reporter.say(libbpf.text());
  } else {
    reporter.error({},
                   "cannot load the script into the kernel: " + std::string(std::strerror(error)) +
                       (hint.empty() ? "" : " (" + hint + ")"));
    if (reporter.options().verbose || hint.empty()) reporter.say(libbpf.text());
  }
}

// The probe that the kernel lets nobody attach as it is attached here, whatever its body does: it
// says so before it looks at one instruction (kernel/bpf/verifier.c, check_attach_btf_id).
const image::ProbeDesc* refused_target(const image::Image& image, const VerifierLog& verifier,
                                       const LibbpfLog& libbpf) {
  const auto log = verifier.find();
  if (log && !log->text.contains("processed 0 insns")) return nullptr;
  for (const image::ProbeDesc& probe : image.probes)
    if ((probe.attach == AttachKind::fentry || probe.attach == AttachKind::fexit) &&
        libbpf.text().contains("prog '" + probe.program + "': BPF program load failed"))
      return &probe;
  return nullptr;
}

Error explain_refusal(const image::ProbeDesc& probe, const VerifierLog& verifier, int error) {
  std::string text = "the kernel lets nobody trace " + probe.places.front().name;
  // Its reason comes first, the statistics behind.
  if (const auto log = verifier.find(); log && !log->text.starts_with("processed "))
    text.append(": ").append(log->text.substr(0, log->text.find('\n')));
  else
    text.append(": ").append(std::strerror(error));
  if (probe.places.front().name.starts_with("k"))  // kprobe, kretprobe
    text.append("; with `--attach kprobe` it is asked for in another way");
  return {std::move(text), error};
}

// Where missing probes are errors: whether there is one, which was reported.
bool report_refused(const image::Image& image, const Refusals& refusals, Reporter& reporter) {
  if (!image.attach_failures_are_errors) return false;
  for (const image::ProbeDesc& probe : image.probes)
    if (const auto refused = refusals.find(probe.program); refused != refusals.end()) {
      report_unattached(image, reporter, probe, probe.places.front(), refused->second);
      return true;
    }
  return false;
}

}  // namespace

void Object::Close::operator()(bpf_object* object) const { bpf_object__close(object); }

Object::Handle Object::open(std::string_view elf, Reporter& reporter) {
  bpf_object_open_opts options{};
  options.sz = sizeof options;
  options.object_name = "sonde";
  Handle handle(bpf_object__open_mem(elf.data(), elf.size(), &options));
  if (handle == nullptr)
    reporter.error({}, "the image is not an object that libbpf can load: " +
                           std::string(std::strerror(errno)));
  return handle;
}

std::optional<Object> Object::load(std::string_view elf, const image::Image& image,
                                   const Unwinding& unwinding, Reporter& reporter) {
  Refusals refusals;
  const BtfTargets targets(image, refusals);
  // Once more without each program that the kernel refuses for its target.
  while (!report_refused(image, refusals, reporter)) {
    const LibbpfLog libbpf;
    Handle handle = open(elf, reporter);
    if (handle == nullptr) {
      reporter.say(libbpf.text());
      return std::nullopt;
    }
    choose_programs(handle.get(), image, refusals, reporter.options());
    set_run_constants(handle.get(), reporter.options().process);
    if (!set_kernel_addresses(handle.get(), image, reporter)) return std::nullopt;
    limit_stacks(handle.get(), image);
    unwinding.set_sizes(handle.get());
    const SwapExamples examples(handle.get(), image);
    if (const EarlyMaps* early = reporter.options().early_maps) early->give_to(handle.get());

    const VerifierLog verifier(handle.get(), image.log_bytes);
    const int error = -bpf_object__load(handle.get());
    if (error == 0 && !libbpf.btf_was_refused())
      return Object(std::move(handle), std::move(refusals));
    if (const auto* refused = error != 0 ? refused_target(image, verifier, libbpf) : nullptr) {
      refusals[refused->program] = explain_refusal(*refused, verifier, error);
      continue;
    }
    if (error != 0) {
      report_failure(reporter, image, elf, verifier, libbpf, error);
    } else {
      reporter.error({}, "the kernel refused the type information of the script");
      reporter.say(libbpf.text());
    }
    return std::nullopt;
  }
  return std::nullopt;
}

bpf_program* Object::program(const std::string& name) const {
  return bpf_object__find_program_by_name(handle_.get(), name.c_str());
}

int Object::map_fd(std::string_view name) const {
  return bpf_object__find_map_fd_by_name(handle_.get(), std::string(name).c_str());
}

Object::MapSizes Object::map_sizes(std::string_view name) const {
  const bpf_map* map = bpf_object__find_map_by_name(handle_.get(), std::string(name).c_str());
  SONDE_ASSERT(map != nullptr, "maps of the tables are in the object");
  return {bpf_map__max_entries(map), bpf_map__key_size(map), bpf_map__value_size(map)};
}

}  // namespace sonde::runtime
