// SPDX-License-Identifier: Apache-2.0
#include "runtime/trampolines.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include <array>
#include <cerrno>

#include "runtime/reporter.h"
#include "symbols/btf_functions.h"

namespace sonde::runtime {

namespace {

using image::AttachKind;
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

}  // namespace

bool Trampolines::find(const image::Image& image, Reporter& reporter) {
  std::map<std::string, Probes> by_module;
  Probes tracepoints;
  for (const ProbeDesc& probe : image.probes) {
    if (probe.attach == AttachKind::fentry || probe.attach == AttachKind::fexit)
      by_module[probe.places.front().target].push_back(&probe);
    if (probe.attach == AttachKind::typed_raw_tracepoint) tracepoints.push_back(&probe);
  }
  if (by_module.empty() && tracepoints.empty()) return true;
  for (const auto& [module, probes] : by_module)
    if (!find_functions(module, probes, reporter)) return false;
  if (!tracepoints.empty() && !find_tracepoints(tracepoints, reporter)) return false;
  libbpf_prog_handler_opts options{};
  options.sz = sizeof options;
  options.cookie = reinterpret_cast<std::intptr_t>(this);
  options.prog_prepare_load_fn = prepare;
  // As a type for which libbpf does not parse the kernel's BTF. What it knows itself of these
  // sections comes behind.
  constexpr const char* sections[] = {"fentry+", "fexit+", "tp_btf+"};
  for (std::size_t i = 0; i < std::size(sections); ++i)
    handlers_[i] = libbpf_register_prog_handler(sections[i], BPF_PROG_TYPE_RAW_TRACEPOINT,
                                                bpf_attach_type{}, &options);
  return true;
}

bool Trampolines::find_functions(const std::string& module, const Probes& probes,
                                 Reporter& reporter) {
  int module_fd = 0;
  if (module != kernel) module_fd = modules_.emplace_back(find_btf(module)).get();
  std::vector<std::string_view> names;
  for (const ProbeDesc* probe : probes) names.push_back(probe->places.front().function);
  const std::vector<std::uint32_t> types = symbols::find_btf_functions(module, names);
  for (std::size_t i = 0; i < probes.size(); ++i)
    if (!add(*probes[i], module_fd < 0 ? 0 : types[i], module_fd, reporter)) return false;
  return true;
}

bool Trampolines::find_tracepoints(const Probes& probes, Reporter& reporter) {
  std::vector<std::string_view> names;
  for (const ProbeDesc* probe : probes) names.push_back(probe->places.front().function);
  const std::vector<std::uint32_t> types = symbols::find_btf_tracepoints(names);
  for (std::size_t i = 0; i < probes.size(); ++i)
    if (!add(*probes[i], types[i], 0, reporter)) return false;
  return true;
}

bool Trampolines::add(const ProbeDesc& probe, std::uint32_t type, int module, Reporter& reporter) {
  if (type != 0) {
    targets_[probe.program] = {type, module, probe.attach};
    return true;
  }
  const image::PlaceDesc& place = probe.places.front();
  const bool is_function = probe.attach != AttachKind::typed_raw_tracepoint;
  reporter.error(to_span(probe.range),
                 is_function ? "the kernel has no BTF of the function " + place.function + " in " +
                                   place.target
                             : "the kernel has no BTF of the tracepoint " + place.function);
  return false;
}

Trampolines::~Trampolines() {
  for (const int handler : handlers_)
    if (handler >= 0) libbpf_unregister_prog_handler(handler);
}

int Trampolines::prepare(bpf_program* program, bpf_prog_load_opts* options, long self) {
  const auto& targets = reinterpret_cast<const Trampolines*>(self)->targets_;
  const auto found = targets.find(std::string_view(bpf_program__name(program)));
  if (found == targets.end()) return -ENOENT;
  const Target& target = found->second;
  const bpf_attach_type type = target.attach == AttachKind::fexit    ? BPF_TRACE_FEXIT
                               : target.attach == AttachKind::fentry ? BPF_TRACE_FENTRY
                                                                     : BPF_TRACE_RAW_TP;
  // From here on libbpf does not remember the handler, so that it may be gone later.
  bpf_program__set_type(program, BPF_PROG_TYPE_TRACING);
  bpf_program__set_expected_attach_type(program, type);
  options->expected_attach_type = type;
  options->attach_btf_id = target.type;
  options->attach_btf_obj_fd = static_cast<std::uint32_t>(target.module);
  return 0;
}

}  // namespace sonde::runtime
