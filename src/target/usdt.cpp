// SPDX-License-Identifier: Apache-2.0
#include "target/usdt.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/elf_file.h"

namespace sonde::target {

namespace {

// A note: three numbers, then the owner's name and the description, padded to 4 bytes each.
// elf.h: Elf64_Nhdr, which is the same for 32 bits.
struct NoteHeader {
  std::uint32_t name_size, description_size, type;
};

// systemtap: includes/sys/sdt.h, _SDT_NOTE_TYPE and the name.
constexpr std::uint32_t probe_note = 3;
constexpr std::string_view probe_owner{"stapsdt\0", 8};

std::size_t padded(std::size_t size) { return (size + 3) & ~std::size_t{3}; }

// Takes text up to a zero byte off the front; nothing when there is none.
std::optional<std::string_view> take_text(std::string_view& bytes) {
  const std::size_t end = bytes.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view text = bytes.substr(0, end);
  bytes.remove_prefix(end + 1);
  return text;
}

class NoteReader {
 public:
  explicit NoteReader(const ElfFile& file) : file_(file) {
    if (const auto base = file.find_section(".stapsdt.base")) base_ = base->address;
  }

  // The place of the probe, of `base_` when the note was made, and of the semaphore; then provider,
  // name and arguments as text. systemtap: includes/sys/sdt.h, _SDT_ASM_BODY
  std::optional<UsdtProbe> read(std::string_view description) const {
    const std::size_t address_size = file_.is_64_bit() ? 8 : 4;
    if (description.size() < 3 * address_size) return std::nullopt;
    UsdtProbe probe;
    probe.address = number(description, 0);
    const std::uint64_t base_then = number(description, 1);
    const std::uint64_t semaphore = number(description, 2);
    description.remove_prefix(3 * address_size);
    const auto provider = take_text(description);
    const auto name = take_text(description);
    const auto arguments = take_text(description);
    if (!provider || !name) return std::nullopt;
    probe.provider = *provider;
    probe.name = *name;
    probe.arguments = arguments.value_or("");
    // prelink and its kin move code, but do not look into notes.
    const std::uint64_t moved = base_ != 0 && base_then != 0 ? base_ - base_then : 0;
    probe.address += moved;
    const auto offset = file_.file_offset(probe.address);
    if (!offset) return std::nullopt;
    probe.file_offset = *offset;
    if (semaphore != 0) probe.semaphore_offset = file_.file_offset(semaphore + moved).value_or(0);
    return probe;
  }

 private:
  std::uint64_t number(std::string_view bytes, std::size_t index) const {
    if (file_.is_64_bit()) return load<std::uint64_t>(bytes, index * 8);
    return load<std::uint32_t>(bytes, index * 4);
  }
  template <typename T>
  static T load(std::string_view bytes, std::size_t at) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
  }

  const ElfFile& file_;
  std::uint64_t base_ = 0;
};

}  // namespace

Result<std::vector<UsdtProbe>> read_usdt_probes(const std::string& path) {
  SONDE_TRY(const ElfFile file, ElfFile::open(path));
  std::vector<UsdtProbe> probes;
  const auto section = file.find_section(".note.stapsdt");
  if (!section) return probes;
  const NoteReader reader(file);
  std::string_view rest = section->bytes;
  while (rest.size() >= sizeof(NoteHeader)) {
    NoteHeader header;
    std::memcpy(&header, rest.data(), sizeof header);
    rest.remove_prefix(sizeof header);
    const std::size_t name_size = padded(header.name_size);
    if (name_size > rest.size() || header.description_size > rest.size() - name_size) break;
    const std::string_view owner = rest.substr(0, header.name_size);
    const std::string_view description = rest.substr(name_size, header.description_size);
    if (owner == probe_owner && header.type == probe_note)
      if (auto probe = reader.read(description)) probes.push_back(std::move(*probe));
    rest.remove_prefix(std::min(rest.size(), name_size + padded(header.description_size)));
  }
  return probes;
}

}  // namespace sonde::target
