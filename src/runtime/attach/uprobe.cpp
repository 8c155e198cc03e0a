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
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "base/archive.h"
#include "base/elf_file.h"
#include "base/elf_symbols.h"
#include "runtime/attach/attach.h"
#include "runtime/attach/multi_links.h"
#include "runtime/run.h"
#include "runtime/traced_process.h"

namespace sonde::runtime {

namespace {

using image::PlaceDesc;
using image::ProbeDesc;

enum class At { entry, exit };

// A place of the image, where it is in the file.
struct Site {
  std::size_t index;  // in the probe's places
  std::uint64_t file_offset;
  // Of the counter that the kernel raises in every process while the place is traced; 0: none.
  std::uint64_t semaphore_offset;
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

// The kernel's numbers for "all".
constexpr int perf_all_processes = -1, multi_all_processes = 0;

Result<Link> attach_multi(const bpf_program* program, const TracedProcess* process,
                          const std::string& path, std::span<const Site> sites, At at) {
  std::vector<std::uint64_t> offsets, cookies, semaphores;
  for (const Site& site : sites) {
    offsets.push_back(site.file_offset);
    cookies.push_back(site.index);
    semaphores.push_back(site.semaphore_offset);
  }
  UprobeMultiAttr attributes;
  attributes.program_fd = static_cast<std::uint32_t>(bpf_program__fd(program));
  const std::string file = file_of(path);
  attributes.path = reinterpret_cast<std::uintptr_t>(file.c_str());
  attributes.offsets = reinterpret_cast<std::uintptr_t>(offsets.data());
  attributes.cookies = reinterpret_cast<std::uintptr_t>(cookies.data());
  attributes.ref_counter_offsets = reinterpret_cast<std::uintptr_t>(semaphores.data());
  attributes.count = static_cast<std::uint32_t>(offsets.size());
  attributes.flags = at == At::exit ? uprobe_multi_return : 0;
  attributes.pid = static_cast<std::uint32_t>(process ? process->pid() : multi_all_processes);
  const long fd = ::syscall(SYS_bpf, BPF_LINK_CREATE, &attributes, sizeof attributes);
  if (fd < 0) return fail_errno(errno, "cannot attach to " + path);
  return Link(UniqueFd(static_cast<int>(fd)));
}

Result<Link> attach_perf(const bpf_program* program, const TracedProcess* process,
                         const std::string& path, const Site& site, At at) {
  bpf_uprobe_opts options{};
  options.sz = sizeof options;
  options.bpf_cookie = site.index;
  options.retprobe = at == At::exit;
  options.ref_ctr_offset = site.semaphore_offset;
  bpf_link* link =
      bpf_program__attach_uprobe_opts(program, process ? process->pid() : perf_all_processes,
                                      file_of(path).c_str(), site.file_offset, &options);
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

Result<std::uint64_t> resolve(const PlaceDesc& place, const Result<Symbols>& symbols) {
  if (!symbols) return std::unexpected(symbols.error());
  const ElfSymbol* symbol = symbols->find(place.function);
  if (symbol == nullptr) return fail(place.target + " has no function `" + place.function + "`");
  return symbol->file_offset + place.value;
}

// In what is no ELF file, which only --unsafe traces, offsets are all there is.
Result<std::uint64_t> offset_of_address(const Result<ElfFile>& file, const PlaceDesc& place) {
  if (!file) return place.value;
  if (const auto offset = file->file_offset(place.value)) return *offset;
  return fail(place.target + " has nothing at the address " + std::to_string(place.value));
}

// Those of one file.
std::vector<Site> resolve_all(Attachments& attachments, const ProbeDesc& probe,
                              std::span<const std::size_t> indices) {
  std::optional<Result<Symbols>> symbols;
  const Result<ElfFile> file = ElfFile::open(probe.places[indices.front()].target);
  std::vector<Site> sites;
  sites.reserve(indices.size());
  for (const std::size_t index : indices) {
    const PlaceDesc& place = probe.places[index];
    if (!place.function.empty() && !symbols) symbols.emplace(Symbols::read(place.target));
    auto offset =
        place.function.empty() ? offset_of_address(file, place) : resolve(place, *symbols);
    if (offset)
      sites.push_back({index, *offset, place.detail});
    else
      attachments.fail(probe, place, std::move(offset).error());
  }
  return sites;
}

// What the kernel answers where it cannot emulate the instruction, as with a `lock` in front of it
// (arch/x86/kernel/uprobes.c, uprobe_init_insn); for itself only, so headers lack it.
constexpr int not_supported = 524;  // ENOTSUPP

void refused(Attachments& attachments, const ProbeDesc& probe, const Site& site, Error error) {
  const PlaceDesc& place = probe.places[site.index];
  if (error.code == not_supported)
    error.message = "the kernel cannot put a breakpoint on the instruction at " + place.name;
  // Nobody asked for just this one of the functions that a pattern names.
  if (error.code == not_supported && probe.places.size() > 1)
    attachments.leave_out(probe, std::move(error));
  else
    attachments.fail(probe, place, std::move(error));
}

// `multi_error`: why there is no multi link, where one was tried.
void attach_single(Attachments& attachments, const ProbeDesc& probe, const bpf_program* program,
                   const Site& site, At at, std::optional<Error> multi_error) {
  auto link =
      attach_perf(program, attachments.process(), probe.places[site.index].target, site, at);
  // Where there are multi links, a program made for them is refused by perf: then the first
  // error is the true one.
  if (link)
    attachments.add(*std::move(link));
  else
    refused(attachments, probe, site, multi_error ? *std::move(multi_error) : link.error());
}

// By halves, where the kernel refuses one of them.
void attach_sites(Attachments& attachments, const ProbeDesc& probe, const bpf_program* program,
                  std::span<const Site> sites, At at) {
  if (attachments.interrupted()) return;
  if (!attachments.options().uprobe_multi) {
    for (const Site& site : sites)
      attach_single(attachments, probe, program, site, at, std::nullopt);
    return;
  }
  auto link = attach_multi(program, attachments.process(), probe.places[sites.front().index].target,
                           sites, at);
  if (link) {
    attachments.add(*std::move(link), static_cast<unsigned>(sites.size()));
  } else if (sites.size() == 1) {
    attach_single(attachments, probe, program, sites.front(), at, std::move(link).error());
  } else {
    const std::size_t half = sites.size() / 2;
    attach_sites(attachments, probe, program, sites.first(half), at);
    attach_sites(attachments, probe, program, sites.subspan(half), at);
  }
}

void attach_uprobes(Attachments& attachments, const ProbeDesc& probe, const bpf_program* program,
                    At at) {
  std::map<std::string_view, std::vector<std::size_t>> by_file;
  for (std::size_t i = 0; i < probe.places.size(); ++i)
    by_file[probe.places[i].target].push_back(i);
  for (const auto& [file, indices] : by_file) {
    const std::vector<Site> sites = resolve_all(attachments, probe, indices);
    if (!sites.empty()) attach_sites(attachments, probe, program, sites, at);
  }
}

}  // namespace

void attach_uprobe(Attachments& attachments, const ProbeDesc& probe, bpf_program* program) {
  attach_uprobes(attachments, probe, program, At::entry);
}
void attach_uretprobe(Attachments& attachments, const ProbeDesc& probe, bpf_program* program) {
  attach_uprobes(attachments, probe, program, At::exit);
}

}  // namespace sonde::runtime
