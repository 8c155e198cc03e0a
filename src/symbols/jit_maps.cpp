// SPDX-License-Identifier: Apache-2.0
#include "symbols/jit_maps.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "base/file.h"
#include "base/text.h"
#include "base/unique_fd.h"

namespace sonde::symbols {

namespace {

constexpr std::size_t most_processes = 256;
constexpr std::int64_t most_bytes = 256 << 20;

bool take_hex(std::string_view& text, std::uint64_t& number) {
  if (text.starts_with("0x")) text.remove_prefix(2);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.starts_with(' ')) return false;
  text.remove_prefix(1);
  return true;
}

// Names go to a terminal: what would change its state is no part of them.
bool is_printable(std::string_view name) {
  return !name.empty() && std::ranges::none_of(name, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

// The process's number in the innermost of its pid namespaces: by that it calls its file.
std::string own_number(std::uint32_t tgid) {
  const auto status = read_file("/proc/" + std::to_string(tgid) + "/status");
  if (!status) return {};
  for (const std::string_view line : split(*status, '\n'))
    if (line.starts_with("NSpid:")) return std::string(line.substr(line.find_last_of("\t ") + 1));
  return std::to_string(tgid);
}

// Everybody may make files in /tmp. That of another user says nothing about this process.
bool is_trusted(const struct stat& file, const std::string& process_folder) {
  struct stat process {};
  if (file.st_uid == 0 || file.st_uid == ::geteuid()) return true;
  return ::stat(process_folder.c_str(), &process) == 0 && process.st_uid == file.st_uid;
}

}  // namespace

// Where pieces overlap the last one is right: memory is used again.
JitMap::JitMap(std::string_view text) {
  std::map<std::uint64_t, Piece> pieces;
  const auto lines = split(text, '\n');
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    std::string_view rest = *line;
    std::uint64_t begin = 0, size = 0;
    if (!take_hex(rest, begin) || !take_hex(rest, size) || !is_printable(rest)) continue;
    const std::uint64_t end = begin + size;
    const auto next = pieces.lower_bound(begin);
    const bool is_covered = (next != pieces.end() && next->first < end) ||
                            (next != pieces.begin() && std::prev(next)->second.end > begin);
    if (end > begin && !is_covered) pieces.emplace(begin, Piece{begin, end, std::string(rest)});
  }
  pieces_.reserve(pieces.size());
  for (auto& [begin, piece] : pieces) pieces_.push_back(std::move(piece));
}

std::optional<Symbol> JitMap::find(std::uint64_t address) const {
  const auto after = std::ranges::upper_bound(pieces_, address, {}, &Piece::begin);
  if (after == pieces_.begin()) return std::nullopt;
  const Piece& piece = *std::prev(after);
  if (address >= piece.end) return std::nullopt;
  return Symbol{piece.name, address - piece.begin, {}, {}};
}

// When the process has ended its root directory is gone, also while its parent has not noticed:
// then in ours.
void JitMaps::read(std::uint32_t tgid, Process& process) {
  const std::string folder = "/proc/" + std::to_string(tgid);
  struct stat root_info {};
  const std::string root = folder + "/root";
  const bool has_root = ::stat(root.c_str(), &root_info) == 0;
  const std::string number = own_number(tgid);
  const std::string name = number.empty() ? std::to_string(tgid) : number;
  const std::string path = "/tmp/perf-" + name + ".map";
  const UniqueFd fd(::open(((has_root ? root : "") + path).c_str(),
                           O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat info {};
  if (!fd.valid() || ::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return;
  const bool is_same = info.st_size == process.size_bytes &&
                       info.st_mtim.tv_sec == process.changed.tv_sec &&
                       info.st_mtim.tv_nsec == process.changed.tv_nsec;
  if (is_same || info.st_size > most_bytes || !is_trusted(info, folder)) return;
  const auto text = read_file("/proc/self/fd/" + std::to_string(fd.get()));
  if (!text) return;
  process.map = JitMap(*text);
  process.path = path;
  process.changed = info.st_mtim;
  process.size_bytes = info.st_size;
}

std::optional<Symbol> JitMaps::find(std::uint32_t tgid, std::uint64_t address) {
  auto at = processes_.find(tgid);
  if (at == processes_.end()) {
    if (processes_.size() >= most_processes)
      processes_.erase(std::ranges::min_element(
          processes_, {}, [](const auto& each) { return each.second.looked_at; }));
    at = processes_.try_emplace(tgid).first;
  }
  Process& process = at->second;
  std::optional<Symbol> symbol = process.map.find(address);
  const Clock::time_point now = Clock::now();
  const bool is_new = process.looked_at == Clock::time_point::min();
  if (!symbol && (is_new || now - process.looked_at >= retry_)) {
    process.looked_at = now;
    read(tgid, process);
    symbol = process.map.find(address);
  }
  if (symbol) symbol->module = process.path;
  return symbol;
}

}  // namespace sonde::symbols
