// SPDX-License-Identifier: Apache-2.0
#include "symbols/unwind_rows.h"

#include <dwarf.h>
#include <elf.h>
#include <gelf.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

#include "base/dwarf_library.h"

namespace sonde::symbols {

namespace {

using image::CfaRule;
using image::FrameRule;
using image::UnwindRow;

// Registers as DWARF numbers them (System V ABI, AMD64 supplement, 3.6.2).
constexpr Dwarf_Word frame_pointer = 6, stack_pointer = 7, return_address = 16;
constexpr std::int64_t word_bytes = 8;

using Operations = std::span<const Dwarf_Op>;

struct Free {
  void operator()(Dwarf_Frame* frame) const { std::free(frame); }
};
using Frame = std::unique_ptr<Dwarf_Frame, Free>;

// A register and what is added to it.
std::optional<std::int64_t> offset_from(const Dwarf_Op& operation, Dwarf_Word wanted) {
  if (operation.atom == DW_OP_bregx && operation.number == wanted)
    return static_cast<std::int64_t>(operation.number2);
  if (operation.atom == DW_OP_breg0 + wanted) return static_cast<std::int64_t>(operation.number);
  return std::nullopt;
}

// Where that is no multiple of a word, or too far away, the row does not have it.
template <typename Words>
bool set_words(Words& words, std::int64_t bytes) {
  words = static_cast<Words>(bytes / word_bytes);
  return words * word_bytes == bytes;
}

class Reader {
 public:
  Reader(const DwarfLibrary& library, Dwarf_CFI* cfi) : library_(library), cfi_(cfi) {}

  struct Found {
    UnwindRow row;
    Dwarf_Addr end = 0;
  };
  // What holds at the address, and up to where. Nothing where there is no code.
  std::optional<Found> row_at(Dwarf_Addr address) {
    Dwarf_Frame* found = nullptr;
    if (library_.dwarf_cfi_addrframe(cfi_, address, &found) != 0) return std::nullopt;
    const Frame frame(found);
    Dwarf_Addr begin = 0, end = 0;
    bool is_signal = false;
    if (library_.dwarf_frame_info(frame.get(), &begin, &end, &is_signal) !=
            static_cast<int>(return_address) ||
        end <= address)
      return std::nullopt;
    return Found{describe(*frame, is_signal), end};
  }

 private:
  UnwindRow describe(Dwarf_Frame& frame, bool is_signal) const {
    UnwindRow row;
    FrameRule frame_rule = FrameRule::same;
    const CfaRule cfa = cfa_rule(frame, is_signal, row);
    const bool needs_frame = cfa != CfaRule::unknown && cfa != CfaRule::outermost &&
                             cfa != CfaRule::signal && cfa != CfaRule::linkage;
    if (needs_frame && !find_frame_rule(frame, frame_rule, row)) return {};
    // Of a function that realigns its stack GCC 12 does not say that it has restored rbp: at `ret`
    // the caller's would be looked for where rbp itself points to.
    if (cfa == CfaRule::stack && frame_rule == FrameRule::at_frame) {
      frame_rule = FrameRule::same;
      row.frame_words = 0;
    }
    if (cfa == CfaRule::unknown || cfa == CfaRule::outermost) row = {};
    row.rules = static_cast<std::uint8_t>(
        static_cast<unsigned>(cfa) | static_cast<unsigned>(frame_rule) << image::frame_rule_shift);
    return row;
  }

  CfaRule cfa_rule(Dwarf_Frame& frame, bool is_signal, UnwindRow& row) const {
    Dwarf_Op memory[3];
    Dwarf_Op* list = nullptr;
    std::size_t count = 0;
    if (library_.dwarf_frame_register(&frame, return_address, memory, &list, &count) != 0)
      return CfaRule::unknown;
    if (count == 0) return list ? CfaRule::outermost : CfaRule::unknown;
    const bool is_usual = count == 2 && list[0].atom == DW_OP_call_frame_cfa &&
                          list[1].atom == DW_OP_plus_uconst &&
                          static_cast<std::int64_t>(list[1].number) == -word_bytes;
    if (!is_usual && !is_signal) return CfaRule::unknown;
    if (library_.dwarf_frame_cfa(&frame, &list, &count) != 0) return CfaRule::unknown;
    return cfa_rule({list, count}, is_usual, row);
  }

  static CfaRule cfa_rule(Operations cfa, bool is_usual, UnwindRow& row) {
    if (cfa.empty()) return CfaRule::unknown;
    const auto from_stack = offset_from(cfa[0], stack_pointer);
    const auto from_frame = offset_from(cfa[0], frame_pointer);
    const bool is_read = cfa.size() == 2 && cfa[1].atom == DW_OP_deref;
    // A signal's frame begins with what the kernel has saved.
    constexpr std::int64_t saved_stack_pointer = 160;
    if (is_read && !is_usual)
      return from_stack == saved_stack_pointer ? CfaRule::signal : CfaRule::unknown;
    if (!is_usual) return CfaRule::unknown;
    if (cfa.size() == 1 && from_stack && set_words(row.cfa_words, *from_stack))
      return CfaRule::stack;
    if (from_frame && (cfa.size() == 1 || is_read) && set_words(row.cfa_words, *from_frame))
      return is_read ? CfaRule::at_frame : CfaRule::frame;
    return from_stack == word_bytes && is_linkage(cfa, row) ? CfaRule::linkage : CfaRule::unknown;
  }

  // What linkers write for a PLT, whose entries have 16 bytes: rsp + 8 + ((rip & 15) >= N) << 3.
  static bool is_linkage(Operations cfa, UnwindRow& row) {
    if (cfa.size() != 9 || !offset_from(cfa[1], return_address) || cfa[4].atom < DW_OP_lit0 ||
        cfa[4].atom > DW_OP_lit15)
      return false;
    constexpr std::uint8_t rest[] = {DW_OP_lit15, DW_OP_and, 0,         DW_OP_ge,
                                     DW_OP_lit3,  DW_OP_shl, DW_OP_plus};
    for (std::size_t i = 0; i < std::size(rest); ++i)
      if (rest[i] != 0 && cfa[i + 2].atom != rest[i]) return false;
    row.frame_words = static_cast<std::int8_t>(cfa[4].atom - DW_OP_lit0);
    return true;
  }

  bool find_frame_rule(Dwarf_Frame& frame, FrameRule& rule, UnwindRow& row) const {
    Dwarf_Op memory[3];
    Dwarf_Op* list = nullptr;
    std::size_t count = 0;
    if (library_.dwarf_frame_register(&frame, frame_pointer, memory, &list, &count) != 0)
      return false;
    if (count == 0) return true;  // kept, or nobody cares
    if (list[0].atom != DW_OP_call_frame_cfa || count > 2) return false;
    rule = FrameRule::at_cfa;
    if (count == 1) return set_words(row.frame_words, 0);
    if (list[1].atom == DW_OP_plus_uconst)
      return set_words(row.frame_words, static_cast<std::int64_t>(list[1].number));
    rule = FrameRule::at_frame;
    const auto offset = offset_from(list[1], frame_pointer);
    return offset && set_words(row.frame_words, *offset);
  }

  const DwarfLibrary& library_;
  Dwarf_CFI* cfi_;
};

template <typename T>
T load(std::string_view bytes, std::size_t at) {
  T value{};
  if (at + sizeof value <= bytes.size()) std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

// Where functions begin: the table that the linker has made for the unwinder (Linux Standard Base,
// 10.6.2), in the form that all linkers give it. libdw finds the entry of an address, but does not
// list them.
Result<std::vector<Dwarf_Addr>> read_starts(const ElfFile& file) {
  const auto header = file.find_section(".eh_frame_hdr");
  constexpr std::string_view usual("\x01\x1b\x03\x3b", 4);
  if (!header || !header->bytes.starts_with(usual))
    return fail("there is no table of its unwinding information (.eh_frame_hdr)");
  constexpr std::size_t count_at = 8, table_at = 12, entry_bytes = 8;
  const std::size_t there =
      (header->bytes.size() - std::min(header->bytes.size(), table_at)) / entry_bytes;
  const std::size_t count =
      std::min<std::size_t>(load<std::uint32_t>(header->bytes, count_at), there);
  std::vector<Dwarf_Addr> starts;
  for (std::size_t i = 0; i < count; ++i)
    starts.push_back(header->address +
                     static_cast<std::uint64_t>(static_cast<std::int64_t>(
                         load<std::int32_t>(header->bytes, table_at + i * entry_bytes))));
  return starts;
}

// Puts rows one behind the other.
class Sections {
 public:
  explicit Sections(const ElfFile& file) : file_(file) {}

  void add(Dwarf_Addr address, UnwindRow row) {
    const auto offset = file_.file_offset(address);
    const bool ends = row.rules == 0;
    if (!offset && !ends) return;
    // Code may be in several segments, each with a distance of its own.
    if (!sections.empty() && !ends && *offset - address != distance_) sections.push_back({});
    if (sections.empty()) sections.push_back({});
    UnwindSection& last = sections.back();
    if (last.rows.empty()) {
      if (ends) return;
      distance_ = *offset - address;
      last.file_offset = *offset;
      first_ = address;
    }
    if (address - first_ > UINT32_MAX) return;
    row.place = static_cast<std::uint32_t>(address - first_);
    if (!last.rows.empty() && goes_on(last.rows.back(), row)) return;
    last.rows.push_back(row);
  }

  std::vector<UnwindSection> sections;

 private:
  static bool goes_on(const UnwindRow& a, const UnwindRow& b) {
    return a.cfa_words == b.cfa_words && a.frame_words == b.frame_words && a.rules == b.rules;
  }

  const ElfFile& file_;
  std::uint64_t distance_ = 0;
  Dwarf_Addr first_ = 0;
};

}  // namespace

Result<std::vector<UnwindSection>> read_unwind_rows(const ElfFile& file) {
  GElf_Ehdr header;
  if (!::gelf_getehdr(file.handle(), &header) || header.e_machine != EM_X86_64)
    return fail("it is not a file for x86-64");
  SONDE_TRY(const DwarfLibrary library, load_dwarf_library());
  SONDE_TRY(const std::vector<Dwarf_Addr> starts, read_starts(file));
  Dwarf_CFI* cfi = library.dwarf_getcfi_elf(file.handle());
  if (!cfi) return fail("libdw cannot read its unwinding information");
  Reader reader(library, cfi);
  Sections all(file);
  Dwarf_Addr address = 0;
  for (const Dwarf_Addr start : starts) {
    if (start < address) continue;
    address = start;
    while (const auto found = reader.row_at(address)) {
      all.add(address, found->row);
      address = found->end;
    }
    all.add(address, {});  // to be continued, or not
  }
  library.dwarf_cfi_end(cfi);
  return std::move(all.sections);
}

image::BuildIdHead read_build_id(const ElfFile& file) {
  image::BuildIdHead head;
  const auto note = file.find_section(".note.gnu.build-id");
  constexpr std::size_t size_at = 4, id_at = 16;  // behind the sizes, the type and "GNU"
  if (!note || note->bytes.size() < id_at) return head;
  const auto size = std::min<std::size_t>({load<std::uint32_t>(note->bytes, size_at),
                                           note->bytes.size() - id_at, head.build_id.size()});
  std::memcpy(head.build_id.data(), note->bytes.data() + id_at, size);
  head.status = image::BuildIdHead::valid;
  return head;
}

}  // namespace sonde::symbols
