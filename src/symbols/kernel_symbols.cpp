// SPDX-License-Identifier: Apache-2.0
#include "symbols/kernel_symbols.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

#include "base/unique_fd.h"

namespace sonde::symbols {

namespace {

// No function is larger; what is farther behind the last symbol is something else.
constexpr std::uint64_t largest_function_bytes = 16 << 20;

// The kernel hands out about a page per read, so there is nothing to gain from a larger one.
constexpr std::size_t buffer_bytes = 64 << 10;

// A kernel with its modules: avoids copies while the tables grow.
constexpr std::size_t usual_symbol_count = 128 << 10;
constexpr std::size_t usual_name_bytes = 3 << 20;

constexpr std::uint8_t not_a_digit = 0xff;
constexpr auto digit_values = [] {
  std::array<std::uint8_t, 256> values;
  values.fill(not_a_digit);
  for (std::uint8_t i = 0; i < 10; ++i) values['0' + i] = i;
  for (std::uint8_t i = 0; i < 6; ++i) values['a' + i] = static_cast<std::uint8_t>(10 + i);
  return values;
}();

// The letters of nm(1): lower case for local symbols.
bool is_code(char type) { return type == 't' || type == 'T' || type == 'w' || type == 'W'; }
bool is_data(char type) { return std::string_view("dDrRbBsSgGvV").contains(type); }

}  // namespace

// `ffffffff81000000 T name` and, for modules, a tab and `[module]`.
void KernelSymbols::add_line(std::string_view line) {
  std::uint64_t address = 0;
  std::size_t at = 0;
  for (; at < line.size(); ++at) {
    const std::uint8_t digit = digit_values[static_cast<unsigned char>(line[at])];
    if (digit == not_a_digit) break;
    address = address << 4 | digit;
  }
  // An address of 0 is hidden, or an offset in per-CPU memory.
  if (address == 0 || line.size() < at + 4) return;
  const char type = line[at + 1];
  if (is_data(type)) {
    const bool extends_hole =
        !entries_.empty() && entries_.back().name_size == 0 && entries_.back().address <= address;
    if (!extends_hole) entries_.push_back({address, 0, 0, 0});
    return;
  }
  if (!is_code(type)) return;
  std::string_view name = line.substr(at + 3);
  std::uint16_t module = 0;
  if (name.ends_with(']')) {
    const std::size_t tab = std::min(name.find('\t'), name.size() - 1);
    module = module_index(name.substr(tab + 1));
    name = name.substr(0, tab);
  }
  name = name.substr(0, std::numeric_limits<std::uint16_t>::max());
  entries_.push_back({address, static_cast<std::uint32_t>(names_.size()),
                      static_cast<std::uint16_t>(name.size()), module});
  names_ += name;
}

void KernelSymbols::add_lines(std::string_view lines) {
  while (!lines.empty()) {
    const auto* end = static_cast<const char*>(std::memchr(lines.data(), '\n', lines.size()));
    const auto size = end ? static_cast<std::size_t>(end - lines.data()) : lines.size();
    add_line(lines.substr(0, size));
    lines.remove_prefix(std::min(size + 1, lines.size()));
  }
}

// The symbols of a module stand together, so it is nearly always the last one.
std::uint16_t KernelSymbols::module_index(std::string_view name) {
  if (name.size() >= 2 && name.front() == '[') name = name.substr(1, name.size() - 2);
  const auto at = std::find(modules_.rbegin(), modules_.rend(), name);
  if (at != modules_.rend()) return static_cast<std::uint16_t>(modules_.rend() - at - 1);
  if (modules_.size() > std::numeric_limits<std::uint16_t>::max()) return 0;
  modules_.emplace_back(name);
  return static_cast<std::uint16_t>(modules_.size() - 1);
}

// The kernel's own symbols, by far the most, come sorted; those of modules do not.
void KernelSymbols::sort() {
  const auto by_address = [](const Entry& a, const Entry& b) { return a.address < b.address; };
  const auto sorted_end = std::is_sorted_until(entries_.begin(), entries_.end(), by_address);
  std::stable_sort(sorted_end, entries_.end(), by_address);
  std::inplace_merge(entries_.begin(), sorted_end, entries_.end(), by_address);

  // Of each address the first symbol stays, and only the first of several holes.
  std::size_t kept = 0;
  for (const Entry& entry : entries_) {
    if (kept > 0) {
      Entry& last = entries_[kept - 1];
      const bool is_hole = entry.name_size == 0, was_hole = last.name_size == 0;
      if (is_hole && (was_hole || last.address == entry.address)) continue;
      if (last.address == entry.address) {
        if (was_hole) last = entry;
        continue;
      }
    }
    entries_[kept++] = entry;
  }
  entries_.resize(kept);  // memory that was reserved but never touched is not paid for
}

void KernelSymbols::load() {
  is_loaded_ = true;
  const UniqueFd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return;
  entries_.reserve(usual_symbol_count);
  names_.reserve(usual_name_bytes);
  std::vector<char> buffer(buffer_bytes);
  std::size_t used = 0;  // the start of a line whose end has not been read yet
  for (;;) {
    const ssize_t n = ::read(fd.get(), buffer.data() + used, buffer.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    const std::string_view text(buffer.data(), used + static_cast<std::size_t>(n));
    const std::size_t lines = text.rfind('\n') + 1;  // 0 when there is none
    add_lines(text.substr(0, lines));
    used = text.size() - lines;
    if (used == buffer.size()) used = 0;  // no line is this long: this is not kallsyms
    std::memmove(buffer.data(), buffer.data() + lines, used);
  }
  add_lines({buffer.data(), used});
  sort();
}

std::optional<Symbol> KernelSymbols::find(std::uint64_t address) {
  if (!is_loaded_) load();
  const auto after = std::ranges::upper_bound(entries_, address, {}, &Entry::address);
  if (after == entries_.begin()) return std::nullopt;
  const Entry& entry = *std::prev(after);
  const std::uint64_t offset = address - entry.address;
  if (entry.name_size == 0 || offset >= largest_function_bytes) return std::nullopt;
  const std::string_view name = std::string_view(names_).substr(entry.name, entry.name_size);
  return Symbol{name, offset, modules_[entry.module], {}};
}

}  // namespace sonde::symbols
