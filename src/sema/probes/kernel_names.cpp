// SPDX-License-Identifier: Apache-2.0
#include "sema/probes/kernel_names.h"

#include <algorithm>

#include "base/wildcard.h"
#include "target/btf_functions.h"

namespace sonde::sema {

using diag::DiagId;

namespace {

constexpr std::string_view left_out_patterns[] = {
#define LEFT_OUT(PATTERN) PATTERN,
#include "sema/probes/left_out.def"
#undef LEFT_OUT
};

bool is_left_out(std::string_view function) {
  return target::is_in_trampoline(function) ||
         std::ranges::any_of(left_out_patterns,
                             [&](std::string_view pattern) { return matches(pattern, function); });
}

}  // namespace

bool check_module(Resolution& r, const std::string& module) {
  if (module == target::core_module || has_wildcard(module)) return true;
  const std::vector<std::string> loaded = r.script.target.loaded_modules();
  if (std::ranges::binary_search(loaded, module)) return true;
  r.missing(fmt::format("the module `{}` is not loaded", module), module, [&] { return loaded; });
  return false;
}

std::optional<KernelFunctionType> find_function_type(target::Target& target,
                                                     std::string_view module,
                                                     std::string_view function) {
  const target::Btf* btf = target.btf_of(module);
  const auto id = btf ? btf->find(target::BtfKind::func, function) : std::nullopt;
  if (!id) return std::nullopt;
  return KernelFunctionType{btf, *id};
}

void leave_out_functions(Resolution& r) {
  if (!has_wildcard(r.parts.back())) return;
  constexpr std::size_t most_named = 3;
  std::size_t count = 0;
  std::string names;
  std::erase_if(r.matches, [&](const Match& match) {
    if (!is_left_out(match.place.function)) return false;
    if (count++ < most_named) names += (names.empty() ? "`" : ", `") + match.place.function + "`";
    return true;
  });
  if (count == 0) return;
  if (count > most_named) names += ", …";
  r.diag
      .warning(DiagId::functions_left_out, r.attach_point.span, "{} of the functions {}: {}", count,
               count == 1 ? "is left out, as probes themselves run through it"
                          : "are left out, as probes themselves run through them",
               names)
      .hint("named without a pattern they are attached");
}

std::vector<std::string> traceable_names(target::Target& target) {
  std::vector<std::string> names;
  for (const target::KernelFunction& function : target.traceable_functions())
    if (names.empty() || names.back() != function.name) names.push_back(function.name);
  return names;
}

}  // namespace sonde::sema
