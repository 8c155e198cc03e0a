// SPDX-License-Identifier: Apache-2.0
// User-space functions. One multi link holds all functions of a file that share a program: it is
// let go in 10 to 30 ms, where perf events take 110 ms each. Perf events where the kernel has no
// multi links.
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <tuple>

#include "base/elf_symbols.h"
#include "runtime/attach/attach.h"
#include "runtime/attach/uprobe_multi.h"

namespace sonde::runtime {

namespace {

using image::ProbeDesc;

enum class At { entry, exit };

struct Place {
  const ProbeDesc* probe;
  std::uint64_t file_offset;
};

// `bpf_attr` of BPF_LINK_CREATE for BPF_TRACE_UPROBE_MULTI, which headers before Linux 6.6 lack.
// UAPI: include/uapi/linux/bpf.h, `link_create.uprobe_multi`.
struct UprobeMultiAttr {
  std::uint32_t program_fd = 0;
  std::uint32_t target_fd = 0;
  std::uint32_t attach_type = trace_uprobe_multi;
  std::uint32_t link_flags = 0;
  std::uint64_t path = 0;
  std::uint64_t offsets = 0;
  std::uint64_t ref_counter_offsets = 0;
  std::uint64_t cookies = 0;
  std::uint32_t count = 0;
  std::uint32_t flags = 0;
  std::uint32_t pid = 0;
  std::uint32_t unused = 0;
};
constexpr std::uint32_t uprobe_multi_return = 1;  // BPF_F_UPROBE_MULTI_RETURN

Result<Link> attach_multi(const bpf_program* program, const std::string& path,
                          std::span<const Place> places, At at) {
  std::vector<std::uint64_t> offsets;
  offsets.reserve(places.size());
  for (const Place& place : places) offsets.push_back(place.file_offset);
  UprobeMultiAttr attributes;
  attributes.program_fd = static_cast<std::uint32_t>(bpf_program__fd(program));
  attributes.path = reinterpret_cast<std::uintptr_t>(path.c_str());
  attributes.offsets = reinterpret_cast<std::uintptr_t>(offsets.data());
  attributes.count = static_cast<std::uint32_t>(offsets.size());
  attributes.flags = at == At::exit ? uprobe_multi_return : 0;
  const long fd = ::syscall(SYS_bpf, BPF_LINK_CREATE, &attributes, sizeof attributes);
  if (fd < 0) return fail_errno(errno, "cannot attach to " + path);
  return Link(UniqueFd(static_cast<int>(fd)));
}

Result<Link> attach_perf(const bpf_program* program, const std::string& path, const Place& place,
                         At at) {
  bpf_uprobe_opts options{};
  options.sz = sizeof options;
  options.retprobe = at == At::exit;
  constexpr int all_processes = -1;
  bpf_link* link = bpf_program__attach_uprobe_opts(program, all_processes, path.c_str(),
                                                   place.file_offset, &options);
  if (link == nullptr) return fail_errno(errno, "cannot attach to " + path);
  return Link(link);
}

// The functions of one file by name. Read once for a group, and not at all for plain addresses.
class Symbols {
 public:
  static Result<Symbols> read(const std::string& path) {
    SONDE_TRY(ElfSymbols symbols, read_elf_symbols(path));
    return Symbols(std::move(symbols));
  }
  const ElfSymbol* find(const std::string& name) const {
    const auto found = std::ranges::lower_bound(symbols_.functions, name, {}, &ElfSymbol::name);
    return found != symbols_.functions.end() && found->name == name ? &*found : nullptr;
  }

 private:
  explicit Symbols(ElfSymbols symbols) : symbols_(std::move(symbols)) {
    std::ranges::sort(symbols_.functions, [](const ElfSymbol& a, const ElfSymbol& b) {
      return std::tie(a.name, a.address) < std::tie(b.name, b.address);
    });
  }
  ElfSymbols symbols_;
};

Result<std::uint64_t> resolve(const ProbeDesc& probe, const Result<Symbols>& symbols) {
  if (!symbols) return std::unexpected(symbols.error());
  const ElfSymbol* symbol = symbols->find(probe.function);
  if (symbol == nullptr) return fail(probe.target + " has no function `" + probe.function + "`");
  return symbol->file_offset + probe.value;
}

std::vector<Place> resolve_all(Attachments& attachments, ProbeGroup group) {
  std::optional<Result<Symbols>> symbols;
  std::vector<Place> places;
  places.reserve(group.size());
  for (const ProbeDesc* probe : group) {
    if (!probe->function.empty() && !symbols) symbols.emplace(Symbols::read(probe->target));
    auto offset = probe->function.empty() ? elf_offset_of_address(probe->target, probe->value)
                                          : resolve(*probe, *symbols);
    if (offset)
      places.push_back({probe, *offset});
    else
      attachments.fail(*probe, std::move(offset).error());
  }
  return places;
}

// One by one, to find those that the kernel does not want.
void attach_single(Attachments& attachments, const bpf_program* program, const Place& place,
                   At at) {
  const std::string& path = place.probe->target;
  auto link = attach_multi(program, path, {&place, 1}, at);
  if (!link) {
    auto perf_link = attach_perf(program, path, place, at);
    // Where there are multi links, a program made for them is refused by perf: then the first
    // error is the true one.
    if (perf_link) link = std::move(perf_link);
  }
  if (link)
    attachments.add(*std::move(link));
  else
    attachments.fail(*place.probe, std::move(link).error());
}

void attach_uprobes(Attachments& attachments, ProbeGroup group, At at) {
  const bpf_program* program = attachments.program(*group.front());
  if (program == nullptr) return;
  const std::vector<Place> places = resolve_all(attachments, group);
  if (places.size() > 1) {
    auto link = attach_multi(program, group.front()->target, places, at);
    if (link) {
      attachments.add(*std::move(link), static_cast<unsigned>(places.size()));
      return;
    }
  }
  for (const Place& place : places) attach_single(attachments, program, place, at);
}

}  // namespace

void attach_uprobe(Attachments& attachments, ProbeGroup group) {
  attach_uprobes(attachments, group, At::entry);
}
void attach_uretprobe(Attachments& attachments, ProbeGroup group) {
  attach_uprobes(attachments, group, At::exit);
}

}  // namespace sonde::runtime
