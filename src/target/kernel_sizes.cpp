// SPDX-License-Identifier: Apache-2.0
#include "target/kernel_sizes.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/elf_symbols.h"
#include "base/text.h"

namespace sonde::target {

namespace {

std::optional<std::string> given_image() {
  const char* given = std::getenv("BPFTRACE_VMLINUX");
  return given && *given ? std::optional<std::string>(given) : std::nullopt;
}

std::vector<std::string> kernel_images(std::string_view release) {
  if (auto given = given_image()) return {*std::move(given)};
  const std::string name(release);
  return {"/boot/vmlinux-" + name, "/usr/lib/debug/boot/vmlinux-" + name,
          "/lib/modules/" + name + "/vmlinux", "/lib/modules/" + name + "/build/vmlinux"};
}

struct CodeSymbol {
  std::uint64_t address = 0;
  std::string_view name;
};

// "ffffffff81000000 T name", of a module with a tab and its name behind.
std::optional<CodeSymbol> parse_code_symbol(std::string_view line) {
  CodeSymbol symbol;
  const char* end = line.data() + line.size();
  const auto [rest, error] = std::from_chars(line.data(), end, symbol.address, 16);
  if (error != std::errc{} || end - rest < 4) return std::nullopt;
  if (!std::string_view("tTwW").contains(rest[1])) return std::nullopt;
  symbol.name = std::string_view(rest + 3, end);
  symbol.name = symbol.name.substr(0, symbol.name.find('\t'));
  return symbol;
}

}  // namespace

Status check_given_image() {
  if (const auto given = given_image()) SONDE_CHECK(ElfFile::open(*given));
  return {};
}

std::optional<std::uint64_t> size_in_kernel_image(std::string_view function,
                                                  std::string_view release) {
  for (const std::string& path : kernel_images(release)) {
    const auto found = find_elf_symbol(path, function);
    if (found && *found && (*found)->size_bytes != 0) return (*found)->size_bytes;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> size_in_kallsyms(std::string_view kallsyms,
                                              std::string_view function) {
  std::vector<std::uint64_t> all, wanted;
  for (const std::string_view line : split(kallsyms, '\n')) {
    const auto symbol = parse_code_symbol(line);
    if (!symbol || symbol->address == 0) continue;
    all.push_back(symbol->address);
    if (symbol->name == function) wanted.push_back(symbol->address);
  }
  std::ranges::sort(all);
  std::optional<std::uint64_t> size;
  for (const std::uint64_t start : wanted)
    if (const auto next = std::ranges::upper_bound(all, start); next != all.end())
      size = std::max(size.value_or(0), *next - start);
  return size;
}

}  // namespace sonde::target
