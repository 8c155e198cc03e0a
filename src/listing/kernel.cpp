// SPDX-License-Identifier: Apache-2.0
// Providers of the kernel.
#include <fmt/format.h>

#include "base/wildcard.h"
#include "listing/c_text.h"
#include "listing/providers.h"
#include "target/btf_functions.h"
#include "target/raw_tracepoints.h"

namespace sonde::listing {

using target::Btf;
using target::BtfId;
using target::BtfKind;
using target::BtfType;

namespace {

// The pattern of the module, or `*`, and that of what stands behind it.
std::string_view module_pattern(const Request& request) {
  return request.parts.size() > 1 ? std::string_view(request.parts.front()) : "*";
}
std::string_view name_pattern(const Request& request) { return request.parts.back(); }

// The kernel itself and its modules that have types.
std::vector<std::string> matching_modules(const Request& request) {
  std::vector<std::string> modules;
  const std::string_view pattern = module_pattern(request);
  if (matches(pattern, target::core_module)) modules.emplace_back(target::core_module);
  if (pattern == target::core_module) return modules;
  for (std::string& module : request.target().btf_modules())
    if (matches(pattern, module)) modules.push_back(std::move(module));
  return modules;
}

std::string detail(const Btf& btf, BtfId type, std::string_view name) {
  return "    " + argument(btf, type, name) + "\n";
}

// The arguments of a BtfKind::func_proto from `first` on, and what it returns if that is asked for.
std::string prototype_details(const Btf& btf, BtfId prototype, std::size_t first, bool at_return) {
  std::string text;
  const auto params = btf.params(prototype);
  for (std::size_t i = first; i < params.size(); ++i)
    text += detail(btf, params[i].type, params[i].name);
  const BtfId result = btf.type(prototype).type;
  if (at_return && result != 0) text += detail(btf, result, "retval");
  return text;
}

const Context::FunctionIds& function_ids(Context& context, const std::string& module) {
  const auto [ids, is_new] = context.functions.try_emplace(module);
  if (const Btf* btf = is_new ? context.target.btf_of(module) : nullptr)
    btf->for_each(BtfKind::func,
                  [&](BtfId id, std::string_view name) { ids->second.emplace(name, id); });
  return ids->second;
}

std::string function_details(Request& request, const target::KernelFunction& function) {
  const auto& ids = function_ids(request.context, function.module);
  const auto id = ids.find(function.name);
  if (id == ids.end()) return "";
  const Btf& btf = *request.target().btf_of(function.module);
  return prototype_details(btf, btf.type(id->second).type, 0, request.provider.row().at_return);
}

}  // namespace

void list_kernel_functions(Request& request) {
  if (!request.target().has(target::Feature::kprobes)) {
    request.cannot(fmt::format("this kernel cannot attach {}: it was built without CONFIG_KPROBES",
                               request.provider.name()));
    if (!request.is_named) return;
  }
  const bool with_module = request.parts.size() > 1;
  for (const target::KernelFunction& function : request.target().traceable_functions()) {
    if (!matches(name_pattern(request), function.name)) continue;
    if (!matches(module_pattern(request), function.module)) continue;
    std::string line = with_module ? request.line({function.module, function.name})
                                   : request.line({function.name});
    request.lines.add(std::move(line),
                      request.with_arguments() ? function_details(request, function) : "");
  }
}

namespace {

// `bpf:PROGRAM`, `bpf:ID:PROGRAM`
void list_bpf_functions(Request& request) {
  const std::string_view id = request.parts.size() > 2 ? std::string_view(request.parts[1]) : "*";
  for (const target::BpfFunction& function : request.target().bpf_functions()) {
    const std::string number = std::to_string(function.program_id);
    if (matches(id, number) && matches(name_pattern(request), function.name))
      request.lines.add(request.line({"bpf", number, function.name}));
  }
}

}  // namespace

void list_trampolines(Request& request) {
  if (!request.target().has(target::Feature::trampolines)) {
    request.cannot(
        fmt::format("this kernel cannot attach {}: it has no trampolines for BPF programs",
                    request.provider.name()));
    if (!request.is_named) return;
  }
  if (matches(module_pattern(request), "bpf")) list_bpf_functions(request);
  if (request.parts.size() > 2) return;
  if (!request.target().btf())
    request.cannot(fmt::format("{} needs the kernel's BTF: {}", request.provider.name(),
                               request.target().btf_problem()));
  for (const std::string& module : matching_modules(request))
    for (const auto& function : target::trampoline_functions(request.target(), module)) {
      if (!matches(name_pattern(request), function.name)) continue;
      std::string details;
      if (request.with_arguments()) {
        const Btf& btf = *request.target().btf_of(module);
        details =
            prototype_details(btf, btf.type(function.id).type, 0, request.provider.row().at_return);
      }
      request.lines.add(request.line({module, function.name}), std::move(details));
    }
}

namespace {

// Argument 0 is the `void *__data` of whoever registered the probe.
std::string raw_tracepoint_details(const Btf& btf, const std::string& event) {
  const target::BtfId prototype = target::raw_tracepoint_prototype(btf, event);
  return prototype == 0 ? "" : prototype_details(btf, prototype, 1, false);
}

}  // namespace

void list_raw_tracepoints(Request& request) {
  if (!request.target().btf())
    request.cannot(
        fmt::format("rawtracepoint needs the kernel's BTF: {}", request.target().btf_problem()));
  for (const std::string& module : matching_modules(request)) {
    const Btf* btf = request.target().btf_of(module);
    for (const std::string& event : target::raw_tracepoint_names(btf))
      if (matches(name_pattern(request), event))
        request.lines.add(request.line({module, event}),
                          request.with_arguments() ? raw_tracepoint_details(*btf, event) : "");
  }
}

namespace {

// `char[16]` and `comm` are `char comm[16]`, as they stand in the kernel's file.
std::string field_text(const target::TraceField& field) {
  const std::size_t bracket = field.is_data_loc ? std::string::npos : field.type.find('[');
  const std::string type = field.type.substr(0, bracket);
  const std::string dimension = bracket == std::string::npos ? "" : field.type.substr(bracket);
  return fmt::format("    {} {}{}\n", type, field.name, dimension);
}

std::string tracepoint_details(Request& request, std::string_view category,
                               std::string_view event) {
  const auto found = request.target().find_tracepoint(category, event);
  std::string text;
  if (found && *found)
    for (const target::TraceField& field : (*found)->fields) text += field_text(field);
  return text;
}

}  // namespace

void list_tracepoints(Request& request) {
  // The file system says what is missing only where one is asked for.
  if (const auto answer = request.target().find_tracepoint("sched", "sched_switch"); !answer)
    request.cannot("cannot look up tracepoints: " + answer.error().message);
  for (const std::string& name : request.target().tracepoints()) {
    const auto [category, event] = target::split_tracepoint(name);
    if (!matches(module_pattern(request), category) || !matches(name_pattern(request), event))
      continue;
    request.lines.add(request.line({name}),
                      request.with_arguments() ? tracepoint_details(request, category, event) : "");
  }
}

namespace {

// Members are in unions with as many bits as a pointer has on the largest machine.
// Linux: include/uapi/linux/bpf.h, __bpf_md_ptr
std::string member_details(const Btf& btf, BtfId composite, int depth) {
  std::string text;
  for (const target::BtfMember& member : btf.members(composite)) {
    if (member.bit_size != 0 && member.name.empty()) continue;
    if (!member.name.empty())
      text += detail(btf, member.type, member.name);
    else if (depth > 0)
      text += member_details(btf, btf.resolve(member.type), depth - 1);
  }
  return text;
}

}  // namespace

void list_iterators(Request& request) {
  constexpr int nested_unions = 2;
  const Btf* btf = request.target().btf();
  if (!btf)
    request.cannot(fmt::format("iter needs the kernel's BTF: {}", request.target().btf_problem()));
  for (const std::string& name : target::iterator_names(btf)) {
    if (!matches(request.parts.front(), name)) continue;
    std::string details;
    if (request.with_arguments())
      if (const auto id = btf->find(BtfKind::struct_, target::iterator_context(name)))
        details = member_details(*btf, *id, nested_unions);
    request.lines.add(request.line({name}), std::move(details));
  }
}

}  // namespace sonde::listing
