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

bool fits_trampoline(const Btf& btf, BtfId function, unsigned most_arguments) {
  const BtfId prototype = btf.type(function).type;
  return btf.type(prototype).vlen <= most_arguments && !is_variadic(btf.params(prototype));
}

}  // namespace

std::optional<BtfId> find_trampoline_function(Target& target, std::string_view module,
                                              std::string_view name) {
  const Btf* btf = target.btf_of(module);
  const auto found = btf ? btf->find(BtfKind::func, name) : std::nullopt;
  const unsigned most = max_trampoline_arguments(target.architecture());
  return found && fits_trampoline(*btf, *found, most) ? found : std::nullopt;
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
    if (traceable.contains(name) && fits_trampoline(*btf, id, most))
      functions.push_back({name, id});
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
