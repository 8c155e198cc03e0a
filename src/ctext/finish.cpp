// SPDX-License-Identifier: Apache-2.0
#include "ctext/finish.h"

#include <algorithm>

#include "base/assert.h"

namespace sonde::ctext {

namespace {

using diag::DiagId;
using target::Btf;

std::optional<BtfId> find_tagged(const Btf& btf, BtfKind kind, std::string_view name) {
  if (kind != BtfKind::enum_) return btf.find(kind, name);
  const auto found = btf.find(BtfKind::enum_, name);
  return found ? found : btf.find(BtfKind::enum64, name);
}

// Whether a script that uses one could tell it from the other: by names, places and values.
bool same_definition(const Btf& a, BtfId left, const Btf& b, BtfId right) {
  if (a.size_of(left) != b.size_of(right)) return false;
  const auto same_member = [](const target::BtfMember& x, const target::BtfMember& y) {
    return x.name == y.name && x.bit_offset == y.bit_offset && x.bit_size == y.bit_size;
  };
  const auto same_value = [](const target::BtfEnumerator& x, const target::BtfEnumerator& y) {
    return x.name == y.name && x.value == y.value;
  };
  return std::ranges::equal(a.members(left), b.members(right), same_member) &&
         std::ranges::equal(a.enumerators(left), b.enumerators(right), same_value);
}

std::string_view tag_of(BtfKind kind) {
  return kind == BtfKind::union_ ? "union" : kind == BtfKind::enum_ ? "enum" : "struct";
}

std::string token_text(const Token& token) {
  if (token.kind != TokenKind::number && token.kind != TokenKind::character)
    return std::string(token.text);
  const auto number = integer_value(token);
  if (!number) return std::string(token.text);
  const bool negative = token.kind == TokenKind::character && number->value > INT64_MAX;
  return negative ? std::to_string(static_cast<std::int64_t>(number->value))
                  : std::to_string(number->value);
}

}  // namespace

std::string script_text(std::span<const Token> tokens) {
  std::string text;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    // Neighbours stay neighbours: `p->x`, `f(x)`. Strings that stand side by side are one.
    const bool joined =
        i > 0 && tokens[i - 1].kind == TokenKind::string && tokens[i].kind == TokenKind::string;
    if (joined) {
      text.pop_back();
      text += tokens[i].text.substr(1);
      continue;
    }
    if (i > 0 && tokens[i - 1].span.end != tokens[i].span.begin) text += ' ';
    text += token_text(tokens[i]);
  }
  return text;
}

std::unique_ptr<CText> finish(target::BtfBuilder& builder, std::span<const Definition> definitions,
                              const Btf* kernel, diag::Diagnostics& diagnostics) {
  auto result = std::make_unique<CText>();
  result->bytes = builder.bytes();
  auto btf = Btf::open(result->bytes, kernel);
  SONDE_ASSERT(btf.has_value(), "the BTF of C text is made by ourselves");
  result->btf = *std::move(btf);
  result->btf.set_origin(target::BtfOrigin::c_text);
  if (!kernel) return result;
  for (const Definition& definition : definitions) {
    const auto other = find_tagged(*kernel, definition.kind, definition.name);
    if (!other || same_definition(result->btf, definition.id, *kernel, *other)) continue;
    diagnostics
        .warning(DiagId::c_conflict, definition.span,
                 "`{} {}` is not what the kernel's type information has under this name",
                 tag_of(definition.kind), definition.name)
        .hint("the script's own definition is used wherever the script names it");
  }
  return result;
}

}  // namespace sonde::ctext
