// SPDX-License-Identifier: Apache-2.0
// System V ABI, AMD64 supplement, 3.2.3; AAPCS64, 6.8.2.
#include "target/calling_convention.h"

#include <array>

namespace sonde::target {

namespace {

constexpr std::uint64_t word = 8;

bool is_composite(const Btf& btf, BtfId id) {
  const BtfKind kind = btf.type(btf.resolve(id)).kind;
  return kind == BtfKind::struct_ || kind == BtfKind::union_ || kind == BtfKind::array;
}
bool is_float(const Btf& btf, BtfId id) {
  return btf.type(btf.resolve(id)).kind == BtfKind::float_;
}

// What a struct that may be in registers is made of.
struct Parts {
  std::array<bool, 2> integer_words{};  // of the first two: they hold something else than floats
  unsigned floats = 0;
  unsigned others = 0;
};

void find_parts(const Btf& btf, BtfId id, std::uint64_t at, Parts& parts) {
  constexpr std::uint32_t enough = 17;
  id = btf.resolve(id);
  const BtfType type = btf.type(id);
  if (type.kind == BtfKind::array) {
    const std::uint64_t step = btf.size_of(type.type);
    for (std::uint32_t i = 0; step != 0 && i < type.count && i < enough; ++i)
      find_parts(btf, type.type, at + i * step, parts);
  } else if (type.kind == BtfKind::struct_ || type.kind == BtfKind::union_) {
    for (const BtfMember& member : btf.members(id))
      find_parts(btf, member.type, at + member.bit_offset / 8, parts);
  } else if (type.kind == BtfKind::float_) {
    ++parts.floats;
  } else {
    ++parts.others;
    if (at < 2 * word) parts.integer_words[at / word] = true;
  }
}

// What an argument takes of the integer registers.
struct Need {
  unsigned registers = 0;
  std::string_view elsewhere;  // why nothing is to be read in one register
  bool from_even = false;
};

Need composite_need(const Btf& btf, BtfId type, bool is_x86) {
  const std::uint64_t bytes = btf.size_of(type);
  Parts parts;
  find_parts(btf, type, 0, parts);
  constexpr unsigned most_floats = 4;  // of a struct in registers of their own (AAPCS64)
  if (!is_x86 && parts.others == 0 && parts.floats > 0 && parts.floats <= most_floats)
    return {0, "in floating-point registers"};
  if (bytes > 2 * word) {
    if (is_x86) return {0, "on the stack"};
    return {1, "in memory that only its caller knows"};
  }
  const auto count = is_x86 ? unsigned{parts.integer_words[0]} + unsigned{parts.integer_words[1]}
                            : static_cast<unsigned>((bytes + word - 1) / word);
  return {count, "passed as a whole, in pieces"};
}

Need need_of(const Btf& btf, ArgumentType argument, bool is_x86) {
  if (argument.by_reference) return {1, {}};
  if (is_float(btf, argument.type)) return {0, "in a floating-point register"};
  if (is_composite(btf, argument.type)) return composite_need(btf, argument.type, is_x86);
  if (btf.size_of(argument.type) <= word) return {1, {}};
  return {2, "in two registers", !is_x86};
}

}  // namespace

std::vector<ArgumentPlace> argument_places(const Btf& btf, const std::vector<ArgumentType>& types,
                                           ArgumentType result, std::string_view architecture) {
  const bool is_x86 = architecture == "x86_64";
  const unsigned limit = is_x86 ? 6 : 8;
  unsigned next = 0;
  // The caller says where a large result goes; on arm64 in a register of its own.
  const bool result_in_memory = result.by_reference || (is_composite(btf, result.type) &&
                                                        btf.size_of(result.type) > 2 * word);
  if (is_x86 && result_in_memory) ++next;
  std::vector<ArgumentPlace> places;
  for (const ArgumentType& type : types) {
    const Need need = need_of(btf, type, is_x86);
    if (need.from_even && next % 2 != 0) ++next;
    const bool fits = next + need.registers <= limit;
    ArgumentPlace place;
    if (!fits)
      place.elsewhere = "on the stack";
    else if (!need.elsewhere.empty())
      place.elsewhere = need.elsewhere;
    else
      place.integer_register = next;
    places.push_back(place);
    if (fits)
      next += need.registers;
    else if (!is_x86)
      next = limit;  // what comes later is on the stack too
  }
  return places;
}

}  // namespace sonde::target
