// SPDX-License-Identifier: Apache-2.0
#include "runtime/btf_targets.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include <array>
#include <cerrno>
#include <memory>

#include "symbols/btf_functions.h"

namespace sonde::runtime {

namespace {

using image::AttachKind;
using image::PlaceDesc;
using image::ProbeDesc;

constexpr std::string_view kernel = "vmlinux";

// The BTF of a module, in the kernel's list of all.
UniqueFd find_btf(const std::string& name) {
  std::uint32_t id = 0;
  while (bpf_btf_get_next_id(id, &id) == 0) {
    UniqueFd fd(bpf_btf_get_fd_by_id(id));
    if (!fd.valid()) continue;  // gone since
    std::array<char, 64> found{};
    bpf_btf_info info{};
    info.name = reinterpret_cast<std::uintptr_t>(found.data());
    info.name_len = found.size();
    std::uint32_t size = sizeof info;
    if (bpf_obj_get_info_by_fd(fd.get(), &info, &size) == 0 && info.kernel_btf != 0 &&
        name == found.data())
      return fd;
  }
  return {};
}

bool is_iterator(const ProbeDesc& probe) { return probe.attach == AttachKind::iterator; }
bool is_tracepoint(const ProbeDesc& probe) {
  return probe.attach == AttachKind::typed_raw_tracepoint;
}
bool is_function(const ProbeDesc& probe) {
  return probe.attach == AttachKind::fentry || probe.attach == AttachKind::fexit;
}

std::uint32_t attach_type(const ProbeDesc& probe) {
  if (is_iterator(probe)) return BPF_TRACE_ITER;
  if (is_tracepoint(probe)) return BPF_TRACE_RAW_TP;
  return probe.attach == AttachKind::fexit ? BPF_TRACE_FEXIT : BPF_TRACE_FENTRY;
}

// Of iterators the kernel has functions, and BTF of these (include/linux/bpf.h,
// DEFINE_BPF_ITER_FUNC).
std::string function_of(const ProbeDesc& probe) {
  const std::string& name = probe.places.front().function;
  return is_iterator(probe) ? "bpf_iter_" + name : name;
}

const std::string& module_of(const ProbeDesc& probe) {
  static const std::string of_kernel(kernel);
  return is_iterator(probe) ? of_kernel : probe.places.front().target;
}

}  // namespace

BtfTargets::BtfTargets(const image::Image& image, Refusals& missing) {
  find(image, missing);
  if (targets_.empty()) return;
  libbpf_prog_handler_opts options{};
  options.sz = sizeof options;
  options.cookie = reinterpret_cast<std::intptr_t>(this);
  options.prog_prepare_load_fn = prepare;
  // As a type for which libbpf does not parse the kernel's BTF. What it knows itself of these
  // sections comes behind.
  constexpr const char* sections[] = {"fentry+", "fexit+", "iter+", "tp_btf+"};
  for (std::size_t i = 0; i < std::size(sections); ++i)
    handlers_[i] = libbpf_register_prog_handler(sections[i], BPF_PROG_TYPE_RAW_TRACEPOINT,
                                                bpf_attach_type{}, &options);
}

void BtfTargets::find(const image::Image& image, Refusals& missing) {
  std::map<std::string, Probes> by_module;
  Probes tracepoints;
  for (const ProbeDesc& probe : image.probes) {
    if (is_tracepoint(probe))
      tracepoints.push_back(&probe);
    else if (is_function(probe) && probe.places.front().detail != 0)
      find_in_program(probe, missing);
    else if (is_function(probe) || is_iterator(probe))
      by_module[module_of(probe)].push_back(&probe);
  }
  for (const auto& [module, probes] : by_module) find_in(module, probes, missing);
  if (!tracepoints.empty()) find_tracepoints(tracepoints, missing);
}

void BtfTargets::find_tracepoints(const Probes& probes, Refusals& missing) {
  std::vector<std::string_view> names;
  for (const ProbeDesc* probe : probes) names.push_back(probe->places.front().function);
  const std::vector<std::uint32_t> types = symbols::find_btf_tracepoints(names);
  for (std::size_t i = 0; i < probes.size(); ++i) {
    if (types[i] == 0)
      missing[probes[i]->program] = {
          "the kernel has no BTF of the tracepoint " + std::string(names[i]), ENOENT};
    else
      targets_[probes[i]->program] = {types[i], 0, 0, attach_type(*probes[i])};
  }
}

void BtfTargets::find_in(const std::string& module, const Probes& probes, Refusals& missing) {
  int module_fd = 0;
  if (module != kernel) module_fd = fds_.emplace_back(find_btf(module)).get();
  std::vector<std::string> names;
  for (const ProbeDesc* probe : probes) names.push_back(function_of(*probe));
  const std::vector<std::string_view> wanted(names.begin(), names.end());
  const std::vector<std::uint32_t> types = symbols::find_btf_functions(module, wanted);
  for (std::size_t i = 0; i < probes.size(); ++i) {
    if (types[i] == 0 || module_fd < 0)
      missing[probes[i]->program] = {
          "the kernel has no BTF of the function " + names[i] + " in " + module, ENOENT};
    else
      targets_[probes[i]->program] = {types[i], module_fd, 0, attach_type(*probes[i])};
  }
}

void BtfTargets::find_in_program(const ProbeDesc& probe, Refusals& missing) {
  const PlaceDesc& place = probe.places.front();
  UniqueFd program(bpf_prog_get_fd_by_id(static_cast<std::uint32_t>(place.detail)));
  bpf_prog_info info{};
  std::uint32_t size = sizeof info;
  const bool found = program.valid() && bpf_obj_get_info_by_fd(program.get(), &info, &size) == 0;
  const std::unique_ptr<btf, decltype(&btf__free)> types(
      found && info.btf_id != 0 ? btf__load_from_kernel_by_id(info.btf_id) : nullptr, btf__free);
  const int type =
      types ? btf__find_by_name_kind(types.get(), place.function.c_str(), BTF_KIND_FUNC) : -ENOENT;
  if (type < 0) {
    missing[probe.program] = {"the BPF program of " + place.name + " is gone", ENOENT};
    return;
  }
  targets_[probe.program] = {static_cast<std::uint32_t>(type), 0, program.get(),
                             attach_type(probe)};
  fds_.push_back(std::move(program));
}

BtfTargets::~BtfTargets() {
  for (const int handler : handlers_)
    if (handler >= 0) libbpf_unregister_prog_handler(handler);
}

int BtfTargets::prepare(bpf_program* program, bpf_prog_load_opts* options, long self) {
  const auto& targets = reinterpret_cast<const BtfTargets*>(self)->targets_;
  const auto found = targets.find(std::string_view(bpf_program__name(program)));
  if (found == targets.end()) return -ENOENT;
  const Target& target = found->second;
  const auto type = static_cast<bpf_attach_type>(target.attach_type);
  // From here on libbpf does not remember the handler, so that it may be gone later.
  bpf_program__set_type(program, BPF_PROG_TYPE_TRACING);
  bpf_program__set_expected_attach_type(program, type);
  options->expected_attach_type = type;
  options->attach_btf_id = target.type;
  if (target.program != 0)
    options->attach_prog_fd = static_cast<std::uint32_t>(target.program);
  else
    options->attach_btf_obj_fd = static_cast<std::uint32_t>(target.module);
  return 0;
}

}  // namespace sonde::runtime
