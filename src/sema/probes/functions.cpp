// SPDX-License-Identifier: Apache-2.0
#include "sema/probes/functions.h"

#include <algorithm>

#include "base/text.h"
#include "base/wildcard.h"

namespace sonde::sema {

using diag::DiagId;

namespace {

// Behind the `+`. Nothing: it was reported.
std::optional<std::uint64_t> parse_offset(Resolution& r, std::string_view function,
                                          std::string_view text) {
  const lang::ProbeKindRow& row = r.row();
  if (row.at_return) {
    r.error(DiagId::attach_point_parts, "{} takes no offset: it fires where the function returns",
            row.name)
        .hint("write `{}`", row.syntax);
    return std::nullopt;
  }
  const auto offset = parse_u64(text);
  if (!offset) {
    r.error(DiagId::attach_point_parts, "the offset behind `{}` is not a number: `{}`", function,
            text)
        .hint("write `{}+4` or `{}+0x4`", function, function);
  } else if (has_wildcard(function)) {
    r.error(DiagId::attach_point_parts, "a pattern of functions takes no offset")
        .hint("name one function: each has its own instructions");
    return std::nullopt;
  }
  return offset;
}

// Of `operator+`, `operator++` and `operator+=` in C++.
bool is_of_operator(std::string_view text, std::size_t plus) {
  text = text.substr(0, plus);
  if (text.ends_with('+')) text.remove_suffix(1);
  return text.ends_with("operator");
}

}  // namespace

std::optional<CodePlace> parse_code_place(Resolution& r, std::string_view text) {
  const lang::ProbeKindRow& row = r.row();
  if (text.empty() || text.front() == '+') {
    r.error(DiagId::attach_point_parts, "{} needs the name of a function", row.name)
        .hint("write `{}`", row.syntax);
    return std::nullopt;
  }
  CodePlace place;
  if (text.front() >= '0' && text.front() <= '9') {
    place.address = parse_u64(text);
    if (place.address) return place;
    r.error(DiagId::attach_point_parts, "the address is not a number: `{}`", text)
        .hint("write it like 0x1234, or the name of a function");
    return std::nullopt;
  }
  std::size_t plus = text.find('+');
  while (plus != std::string_view::npos && is_of_operator(text, plus))
    plus = text.find('+', plus + 1);
  const bool has_offset = plus != std::string_view::npos;
  place.function = text.substr(0, has_offset ? plus : text.size());
  if (!has_offset) return place;
  const auto offset = parse_offset(r, place.function, text.substr(plus + 1));
  if (!offset) return std::nullopt;
  place.offset = *offset;
  return place;
}

}  // namespace sonde::sema
