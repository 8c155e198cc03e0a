// SPDX-License-Identifier: Apache-2.0
#include "target/btf_functions.h"

#include <algorithm>
#include <unordered_set>

namespace sonde::target {

namespace {

constexpr std::string_view iterator_prefix = "bpf_iter__";

// Of a prototype whose last argument is `...`: it has neither name nor type.
bool is_variadic(const std::vector<BtfParam>& params) {
  return !params.empty() && params.back().type == 0 && params.back().name.empty();
}

}  // namespace

// Calls of System V on x86-64 and of AAPCS64 pass the first 6 and 8 integers in registers.
unsigned max_trampoline_arguments(std::string_view architecture) {
  return architecture == "x86_64" ? 6 : 8;
}

namespace {

constexpr std::string_view trampoline_path[] = {
#define IN_TRAMPOLINE(NAME) NAME,
#include "target/trampoline_path.def"
#undef IN_TRAMPOLINE
};

// What the trampolines hand on. Linux, kernel/bpf/btf.c, btf_distill_func_proto: up to 16 bytes, no
// union.
bool can_be_argument(const Btf& btf, BtfId id) {
  constexpr std::uint64_t most_bytes = 16;
  const BtfType type = btf.type(btf.resolve(id));
  switch (type.kind) {
    case BtfKind::pointer:
    case BtfKind::enum_:
    case BtfKind::enum64: return true;
    case BtfKind::integer:
    case BtfKind::struct_: return type.size <= most_bytes;
    default: return false;
  }
}

bool returns_struct(const Btf& btf, BtfId prototype) {
  const BtfKind kind = btf.type(btf.resolve(btf.type(prototype).type)).kind;
  return kind == BtfKind::struct_ || kind == BtfKind::union_;
}

// As a clause; empty: nothing.
std::string obstacle_of_type(const Btf& btf, BtfId function, unsigned most_arguments) {
  const BtfId prototype = btf.type(function).type;
  const std::vector<BtfParam> params = btf.params(prototype);
  const auto too_many = [&] {
    return "the function has more than " + std::to_string(most_arguments) + " arguments";
  };
  if (params.size() > most_arguments) return too_many();
  if (is_variadic(params)) return "the number of the function's arguments varies";
  if (returns_struct(btf, prototype)) return "the function returns a struct or union";
  for (const BtfParam& param : params)
    if (!can_be_argument(btf, param.type))
      return "the function's argument `" + std::string(param.name) +
             "` is a union or has more than 16 bytes";
  if (argument_slot(btf, function, params.size()) > most_arguments) return too_many();
  return "";
}

}  // namespace

bool is_in_trampoline(std::string_view function) {
  return std::ranges::find(trampoline_path, function) != std::end(trampoline_path);
}

std::string trampoline_obstacle(Target& target, std::string_view module,
                                std::string_view function) {
  if (module == core_module && is_in_trampoline(function))
    return "each trampoline itself runs through the function";
  const Btf* btf = target.btf_of(module);
  const auto found = btf ? btf->find(BtfKind::func, function) : std::nullopt;
  if (!found) return "BTF does not describe the function";
  return obstacle_of_type(*btf, *found, max_trampoline_arguments(target.architecture()));
}

std::optional<BtfId> find_trampoline_function(Target& target, std::string_view module,
                                              std::string_view name) {
  if (!trampoline_obstacle(target, module, name).empty()) return std::nullopt;
  return target.btf_of(module)->find(BtfKind::func, name);
}

// A struct that is passed by value takes as many words as it has, since Linux 6.1.
unsigned argument_slot(const Btf& btf, BtfId function, std::size_t index) {
  unsigned slot = 0;
  const std::vector<BtfParam> params = btf.params(btf.type(function).type);
  for (std::size_t i = 0; i < index && i < params.size(); ++i)
    slot +=
        static_cast<unsigned>(std::max<std::uint64_t>(1, (btf.size_of(params[i].type) + 7) / 8));
  return slot;
}

std::vector<BtfFunction> trampoline_functions(Target& target, std::string_view module) {
  std::vector<BtfFunction> functions;
  const Btf* btf = target.btf_of(module);
  if (!btf) return functions;
  std::unordered_set<std::string_view> traceable;
  for (const KernelFunction& function : target.traceable_functions())
    if (function.module == module) traceable.insert(function.name);
  const unsigned most = max_trampoline_arguments(target.architecture());
  btf->for_each(BtfKind::func, [&](BtfId id, std::string_view name) {
    if (!traceable.contains(name) || (module == core_module && is_in_trampoline(name))) return;
    if (obstacle_of_type(*btf, id, most).empty()) functions.push_back({name, id});
  });
  std::ranges::sort(functions, {}, &BtfFunction::name);
  // Functions of one name in several files cannot be told apart.
  const auto extra = std::ranges::unique(functions, {}, &BtfFunction::name);
  functions.erase(extra.begin(), extra.end());
  return functions;
}

std::vector<std::string> iterator_names(const Btf* btf) {
  std::vector<std::string> names;
  if (!btf) return names;
  for (const std::string_view name : btf->names(BtfKind::struct_))
    if (name.starts_with(iterator_prefix)) names.emplace_back(name.substr(iterator_prefix.size()));
  std::ranges::sort(names);
  const auto extra = std::ranges::unique(names);
  names.erase(extra.begin(), extra.end());
  return names;
}

std::string iterator_context(std::string_view iterator) {
  return std::string(iterator_prefix).append(iterator);
}

}  // namespace sonde::target
