// SPDX-License-Identifier: Apache-2.0
#include "target/kernel_functions.h"

#include <algorithm>

#include "base/text.h"

namespace sonde::target {

namespace {

// Stands for a weak function that the linker left out. Since Linux 6.0.
constexpr std::string_view no_function = "__ftrace_invalid_address__";

// `name`, or `name [module]` with a blank or tab between.
KernelFunction parse_function(std::string_view text) {
  const std::size_t blank = text.find_first_of(" \t");
  const std::string_view name = text.substr(0, blank);
  std::string_view module = core_module;
  const std::size_t open = text.find('[', name.size());
  if (blank != std::string_view::npos && open != std::string_view::npos) {
    module = text.substr(open + 1);
    module = module.substr(0, module.find(']'));
  }
  return {std::string(name), std::string(module)};
}

template <typename Visit>
void for_each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    visit(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::vector<KernelFunction> parse_filter_functions(std::string_view text) {
  std::vector<KernelFunction> functions;
  for_each_line(text, [&](std::string_view line) {
    line = trim(line);
    if (!line.empty() && !line.starts_with(no_function)) functions.push_back(parse_function(line));
  });
  return functions;
}

std::vector<KernelFunction> parse_kallsyms(std::string_view text) {
  std::vector<KernelFunction> functions;
  for_each_line(text, [&](std::string_view line) {
    const std::size_t blank = line.find(' ');
    if (blank == std::string_view::npos || line.size() < blank + 4) return;
    const char type = line[blank + 1];
    if (type == 't' || type == 'T' || type == 'w' || type == 'W')
      functions.push_back(parse_function(line.substr(blank + 3)));
  });
  return functions;
}

std::vector<std::string> parse_kprobe_blacklist(std::string_view text) {
  std::vector<std::string> names;
  for_each_line(text, [&](std::string_view line) {
    const std::size_t blank = line.find_first_of(" \t");
    if (blank != std::string_view::npos) names.emplace_back(trim(line.substr(blank)));
  });
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> modules_listing(std::string_view filter_functions, std::string_view name) {
  std::vector<std::string> modules;
  if (name.empty() || name.find_first_of(" \t\n") != std::string_view::npos) return modules;
  for (std::size_t at = 0; (at = filter_functions.find(name, at)) != std::string_view::npos; ++at) {
    const std::string_view behind = filter_functions.substr(at + name.size());
    const bool starts = at == 0 || filter_functions[at - 1] == '\n';
    if (!starts || (!behind.empty() && !std::string_view("\n \t").contains(behind[0]))) continue;
    const std::string_view line = filter_functions.substr(at);
    modules.push_back(parse_function(trim(line.substr(0, line.find('\n')))).module);
  }
  std::ranges::sort(modules);
  const auto extra = std::ranges::unique(modules);
  modules.erase(extra.begin(), extra.end());
  return modules;
}

std::vector<KernelFunction> choose_functions(std::vector<KernelFunction> functions,
                                             const std::vector<std::string>& blacklist) {
  std::erase_if(functions, [&](const KernelFunction& function) {
    return function.name.contains(".part.") || std::ranges::binary_search(blacklist, function.name);
  });
  std::ranges::sort(functions);
  const auto extra = std::ranges::unique(functions);
  functions.erase(extra.begin(), extra.end());
  return functions;
}

}  // namespace sonde::target
