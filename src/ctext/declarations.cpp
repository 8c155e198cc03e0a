// SPDX-License-Identifier: Apache-2.0
#include "ctext/declarations.h"

#include <algorithm>

#include "base/result.h"
#include "base/text.h"
#include "ctext/constants.h"

namespace sonde::ctext {

namespace {

using target::BtfEnumerator;
using target::BtfParam;

// Deeper nesting than any text written by a person.
constexpr int depth_limit = 100;

struct Attributes {
  bool packed = false;
  std::uint32_t aligned = 0;  // 0: none
};

struct Declarator {
  std::string name;  // empty: none was given
  diag::Span span;
  CType type;
};

struct Reader {
  std::span<const Token> tokens;
  Declarations& out;
  std::size_t at = 0;
  int depth = 0;

  CTypes& types() { return out.types; }

  // --- tokens ----------------------------------------------------------------------------

  diag::Span end_span() const {
    if (tokens.empty()) return {};
    const diag::Span last = tokens.back().span;
    return {last.file, last.end, last.end};
  }
  Token peek(std::size_t ahead = 0) const {
    return at + ahead < tokens.size() ? tokens[at + ahead] : Token{.span = end_span()};
  }
  bool accept(std::string_view text) {
    if (!peek().is(text)) return false;
    ++at;
    return true;
  }
  std::unexpected<Problem> expected(std::string_view what) const {
    const Token found = peek();
    if (found.kind == TokenKind::end)
      return wrong(found.span, "expected " + std::string(what) + " at the end of the C text");
    return wrong(found.span,
                 "expected " + std::string(what) + ", found `" + std::string(found.text) + "`");
  }
  Parsed<bool> expect(std::string_view mark) {
    if (accept(mark)) return true;
    return expected("`" + std::string(mark) + "`");
  }
  // At an opening bracket: behind its partner.
  void skip_balanced() {
    int open = 0;
    do {
      if (peek().is("(") || peek().is("[") || peek().is("{")) ++open;
      if (peek().is(")") || peek().is("]") || peek().is("}")) --open;
      ++at;
    } while (open > 0 && at < tokens.size());
  }

  // --- attributes ------------------------------------------------------------------------

  Parsed<bool> read_attributes(Attributes& attributes) {
    while (peek().is("__attribute__") || peek().is("__attribute")) {
      ++at;
      SONDE_CHECK(expect("("));
      SONDE_CHECK(expect("("));
      while (!accept(")")) {
        SONDE_CHECK(read_attribute(attributes));
        if (!peek().is(")")) SONDE_CHECK(expect(","));
      }
      SONDE_CHECK(expect(")"));
    }
    return true;
  }

  Parsed<bool> read_attribute(Attributes& attributes) {
    const Token name = peek();
    if (!name.is_word()) return expected("an attribute");
    ++at;
    if (name.text == "packed" || name.text == "__packed__") {
      attributes.packed = true;
      return true;
    }
    if (name.text == "aligned" || name.text == "__aligned__") {
      attributes.aligned = 16;  // the largest alignment of a type of the machine
      if (!accept("(")) return true;
      SONDE_TRY(const std::int64_t value, constant());
      if (value <= 0 || value > (1 << 28) || (value & (value - 1)) != 0)
        return wrong(name.span, "an alignment is a power of two");
      attributes.aligned = static_cast<std::uint32_t>(value);
      return expect(")");
    }
    // These change how types are laid out; others do not matter here.
    for (const std::string_view word : {"mode", "vector_size", "ms_struct", "scalar_storage_order"})
      if (name.text.contains(word))
        return beyond(name.span, "the attribute `" + std::string(name.text) + "`");
    if (peek().is("(")) skip_balanced();
    return true;
  }

  // --- constants -------------------------------------------------------------------------

  Parsed<std::int64_t> constant() {
    ConstantScope scope;
    scope.word = [&](std::string_view word) -> std::optional<std::int64_t> {
      if (const auto known = out.enumerators.find(word); known != out.enumerators.end())
        return known->second;
      if (!types().kernel()) return std::nullopt;
      const auto found = types().kernel()->find_enumerator(word);
      return found ? std::optional(static_cast<std::int64_t>(found->value)) : std::nullopt;
    };
    scope.type = [&](std::size_t cursor) -> Parsed<std::optional<ConstantScope::TypeSize>> {
      const std::size_t before = std::exchange(at, cursor);
      if (!starts_type()) {
        at = before;
        return std::nullopt;
      }
      SONDE_TRY(const Declarator name, type_name());
      const std::size_t behind = std::exchange(at, before);
      return ConstantScope::TypeSize{name.type.bytes, behind, name.type.is_signed};
    };
    SONDE_TRY(const Constant value, read_constant(tokens, at, end_span(), scope));
    return value.value;
  }

  // --- types -----------------------------------------------------------------------------

  static bool is_qualifier(std::string_view word) {
    static constexpr std::string_view words[] = {"const",        "volatile",     "restrict",
                                                 "__const",      "__volatile__", "__restrict",
                                                 "__restrict__", "__extension__"};
    return std::ranges::find(words, word) != std::end(words);
  }
  static bool is_base_word(std::string_view word) {
    static constexpr std::string_view words[] = {"void",   "char",   "short",      "int",
                                                 "long",   "signed", "unsigned",   "float",
                                                 "double", "_Bool",  "__signed__", "__int128"};
    return std::ranges::find(words, word) != std::end(words);
  }
  static bool is_tag(std::string_view word) {
    return word == "struct" || word == "union" || word == "enum";
  }

  bool starts_type() {
    if (!peek().is_word()) return false;
    const std::string_view word = peek().text;
    return is_qualifier(word) || is_base_word(word) || is_tag(word) ||
           types().find_typedef(word).has_value();
  }

  Parsed<CType> specifiers(Attributes& attributes) {
    if (++depth > depth_limit) return wrong(peek().span, "the C text is nested too deep");
    std::vector<std::string_view> words;
    std::optional<CType> type;
    const diag::Span first = peek().span;
    for (;;) {
      SONDE_CHECK(read_attributes(attributes));
      const Token token = peek();
      if (!token.is_word()) break;
      if (is_qualifier(token.text)) {
        ++at;
      } else if (is_base_word(token.text) && !type) {
        words.push_back(token.text);
        ++at;
      } else if (is_tag(token.text) && !type && words.empty()) {
        SONDE_TRY(type, tagged());
      } else if (!type && words.empty()) {
        type = types().find_typedef(token.text);
        if (!type) return unknown_type(token);
        ++at;
      } else {
        break;
      }
    }
    --depth;
    if (type) return *type;
    if (words.empty()) return expected("a type");
    const auto base = types().base(base_name(words));
    if (!base) return wrong(first, "C has no such combination of words as a type");
    return *base;
  }

  std::unexpected<Problem> unknown_type(const Token& token) {
    for (const std::string_view word :
         {"typeof", "__typeof__", "_Alignas", "_Atomic", "_Static_assert", "static", "extern",
          "inline", "__inline", "_Noreturn", "_Complex"})
      if (token.text == word) return beyond(token.span, "`" + std::string(word) + "`");
    const auto names = types().typedef_names();
    const std::string_view candidate =
        nearest(token.text, std::span<const std::string_view>(names));
    return wrong(token.span, "there is no type `" + std::string(token.text) + "`",
                 candidate.empty() ? "" : "did you mean `" + std::string(candidate) + "`?");
  }

  // `long unsigned int` → "unsigned long". Empty when the words do not go together.
  static std::string base_name(const std::vector<std::string_view>& words) {
    const auto count = [&](std::string_view word) { return std::ranges::count(words, word); };
    const auto longs = count("long"), shorts = count("short"), ints = count("int");
    const auto signs = count("signed") + count("__signed__"), unsigneds = count("unsigned");
    const std::string_view prefix = unsigneds > 0 ? "unsigned " : "";
    if (signs + unsigneds > 1 || longs > 2 || shorts > 1 || ints > 1) return {};
    for (const std::string_view alone : {"void", "_Bool", "float"})
      if (count(alone) > 0) return words.size() == 1 ? std::string(alone) : "";
    if (count("double") > 0) {
      if (words.size() == 1) return "double";
      return words.size() == 2 && longs == 1 ? "long double" : "";
    }
    if (count("char") > 0) {
      if (words.size() > 2 || (words.size() == 2 && signs + unsigneds == 0)) return {};
      return (signs > 0 ? "signed " : std::string(prefix)) + "char";
    }
    if (count("__int128") > 0)
      return longs + shorts + ints > 0 ? "" : std::string(prefix) + "__int128";
    if (longs > 0 && shorts > 0) return {};
    const std::string_view length = longs == 2   ? "long long"
                                    : longs == 1 ? "long"
                                    : shorts     ? "short"
                                                 : "int";
    return std::string(prefix) + std::string(length);
  }

  // At `struct`, `union` or `enum`.
  Parsed<CType> tagged() {
    const std::string_view word = peek().text;
    ++at;
    Attributes attributes;
    SONDE_CHECK(read_attributes(attributes));
    Token name;
    if (peek().is_word()) {
      name = peek();
      ++at;
    }
    SONDE_CHECK(read_attributes(attributes));
    if (word == "enum") return enumeration(name, attributes);
    const BtfKind kind = word == "union" ? BtfKind::union_ : BtfKind::struct_;
    if (peek().is("{")) return composite(kind, name, attributes);
    if (name.text.empty()) return expected("`{` or a name");
    return types().find_composite(kind, name.text);
  }

  Parsed<CType> composite(BtfKind kind, const Token& name, Attributes attributes) {
    CType type = name.text.empty() ? types().declare_composite(kind, "")
                                   : types().find_composite(kind, name.text);
    const diag::Span open = peek().span;
    ++at;
    std::vector<CMember> members;
    while (!accept("}")) {
      if (at >= tokens.size()) return wrong(open, "the `{` is not closed");
      SONDE_CHECK(read_members(members));
    }
    SONDE_CHECK(read_attributes(attributes));
    for (std::size_t i = 0; i < members.size(); ++i)
      for (std::size_t k = 0; k < i; ++k)
        if (!members[i].name.empty() && members[i].name == members[k].name)
          return wrong(name.text.empty() ? open : name.span,
                       "the member `" + members[i].name + "` is there twice");
    std::uint64_t bytes = 0;
    for (const CMember& member : members) bytes += member.type.bytes;
    if (bytes > INT32_MAX) return wrong(open, "the type is larger than 2 GB");
    if (!types().define_composite(type, members, attributes.packed, attributes.aligned))
      return wrong(name.span, "`" + std::string(name.text) + "` is defined twice");
    if (!name.text.empty())
      out.definitions.push_back({kind, std::string(name.text), type.id, name.span});
    return type;
  }

  // One declaration inside a struct: `int a, *b : 3;`
  Parsed<bool> read_members(std::vector<CMember>& members) {
    if (accept(";")) return true;
    Attributes attributes;
    const bool is_tagged = peek().is_word() && is_tag(peek().text);
    SONDE_TRY(const CType base, specifiers(attributes));
    if (accept(";")) {
      // An anonymous struct or union; a tag alone declares no member.
      const bool anonymous = is_tagged && types().builder().name_of(base.id).empty();
      if (anonymous) members.push_back({.type = base, .aligned = attributes.aligned});
      return true;
    }
    do {
      SONDE_TRY(Declarator declarator, declare(base));
      CMember member{.name = declarator.name, .type = declarator.type};
      const diag::Span place = declarator.name.empty() ? peek().span : declarator.span;
      if (accept(":")) {
        SONDE_TRY(const std::int64_t bits, constant());
        if (!member.type.is_integer) return wrong(place, "only integers can be bit fields");
        if (bits < 0 || static_cast<std::uint64_t>(bits) > member.type.bytes * 8)
          return wrong(place, "a bit field of this type has 0 to " +
                                  std::to_string(member.type.bytes * 8) + " bits");
        if (bits == 0 && !member.name.empty())
          return wrong(place, "a bit field without bits has no name");
        member.bits = static_cast<std::uint32_t>(bits);
      } else if (declarator.name.empty()) {
        return expected("the name of a member");
      }
      Attributes own = attributes;
      SONDE_CHECK(read_attributes(own));
      member.aligned = own.aligned;
      member.packed = own.packed;
      if (!member.type.complete)
        return wrong(place, "the size of `" + member.name + "` is not known",
                     "its type is only declared; a pointer to it is possible");
      members.push_back(std::move(member));
    } while (accept(","));
    return expect(";");
  }

  Parsed<CType> enumeration(const Token& name, Attributes attributes) {
    if (!peek().is("{")) {
      if (name.text.empty()) return expected("`{` or a name");
      const auto known = types().find_enum(name.text);
      if (!known) return wrong(name.span, "there is no `enum " + std::string(name.text) + "`");
      return *known;
    }
    if (!name.text.empty() && types().has_enum(name.text))
      return wrong(name.span, "`" + std::string(name.text) + "` is defined twice");
    const diag::Span open = peek().span;
    ++at;
    std::vector<BtfEnumerator> values;
    std::int64_t next = 0;
    while (!accept("}")) {
      if (at >= tokens.size()) return wrong(open, "the `{` is not closed");
      const Token word = peek();
      if (!word.is_word()) return expected("the name of an enumerator");
      ++at;
      Attributes unused;
      SONDE_CHECK(read_attributes(unused));
      if (accept("=")) {
        SONDE_TRY(next, constant());
      }
      if (!out.enumerators.emplace(word.text, next).second)
        return wrong(word.span, "`" + std::string(word.text) + "` is defined twice");
      values.push_back({word.text, static_cast<std::uint64_t>(next)});
      next = static_cast<std::int64_t>(static_cast<std::uint64_t>(next) + 1);
      if (!peek().is("}")) SONDE_CHECK(expect(","));
    }
    SONDE_CHECK(read_attributes(attributes));
    const CType type = types().define_enum(name.text, values, attributes.packed);
    if (!name.text.empty())
      out.definitions.push_back({BtfKind::enum_, std::string(name.text), type.id, name.span});
    return type;
  }

  // --- declarators -----------------------------------------------------------------------

  // `*name[3]`, `(*name)(int)`, or nothing but a type.
  Parsed<Declarator> declare(CType type) {
    if (++depth > depth_limit) return wrong(peek().span, "the C text is nested too deep");
    while (accept("*")) {
      type = types().pointer(type);
      Attributes unused;
      while (peek().is_word() && is_qualifier(peek().text)) ++at;
      SONDE_CHECK(read_attributes(unused));
    }
    // A parenthesis that holds no parameters: what is inside is applied last.
    const bool grouped = peek().is("(") && (peek(1).is("*") || peek(1).is("(") ||
                                            (peek(1).is_word() && !is_type_at(1)));
    const std::size_t inside = at + 1;
    Declarator declarator;
    if (grouped) {
      skip_balanced();
    } else if (peek().is_word()) {
      declarator.name = peek().text;
      declarator.span = peek().span;
      ++at;
    }
    SONDE_TRY(type, suffixes(type));
    if (grouped) {
      const std::size_t behind = std::exchange(at, inside);
      SONDE_TRY(declarator, declare(type));
      SONDE_CHECK(expect(")"));
      at = behind;
      type = declarator.type;
    }
    declarator.type = type;
    --depth;
    return declarator;
  }

  bool is_type_at(std::size_t ahead) {
    at += ahead;
    const bool is_type = starts_type();
    at -= ahead;
    return is_type;
  }

  // `[2][3]` is an array of two arrays of three.
  Parsed<CType> suffixes(CType type) {
    if (peek().is("(")) {
      SONDE_TRY(const std::vector<BtfParam> params, parameters());
      return types().function(type, params);
    }
    if (!peek().is("[")) return type;
    const diag::Span place = peek().span;
    ++at;
    std::int64_t count = 0;
    if (!peek().is("]")) {
      SONDE_TRY(count, constant());
    }
    SONDE_CHECK(expect("]"));
    if (count < 0 || count > INT32_MAX) return wrong(place, "an array cannot have this length");
    SONDE_TRY(const CType element, suffixes(type));
    if (!element.complete) return wrong(place, "the size of the array's elements is not known");
    if (element.bytes * static_cast<std::uint64_t>(count) > INT32_MAX)
      return wrong(place, "the array is larger than 2 GB");
    return types().array(element, static_cast<std::uint32_t>(count));
  }

  // Their names are kept in the tokens.
  Parsed<std::vector<BtfParam>> parameters() {
    ++at;
    std::vector<BtfParam> params;
    if (peek().is("void") && peek(1).is(")")) ++at;
    while (!accept(")")) {
      if (accept("...")) {
        params.push_back({});
        continue;
      }
      Attributes unused;
      SONDE_TRY(const CType base, specifiers(unused));
      const std::size_t from = at;
      SONDE_TRY(const Declarator declarator, declare(base));
      std::string_view name;
      for (std::size_t i = from; i < at; ++i)
        if (tokens[i].span == declarator.span && !declarator.name.empty()) name = tokens[i].text;
      params.push_back({name, declarator.type.id});
      SONDE_CHECK(read_attributes(unused));
      if (!peek().is(")")) SONDE_CHECK(expect(","));
    }
    return params;
  }

  Parsed<Declarator> type_name() {
    Attributes unused;
    SONDE_TRY(const CType base, specifiers(unused));
    return declare(base);
  }

  // --- the text --------------------------------------------------------------------------

  // Tags that are defined somewhere below: until then they are declared, and not the kernel's.
  void expect_definitions() {
    for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
      if (!tokens[i].is("struct") && !tokens[i].is("union")) continue;
      std::size_t name = i + 1;
      if (tokens[name].is("__attribute__")) {
        const std::size_t before = std::exchange(at, name + 1);
        skip_balanced();
        name = std::exchange(at, before);
      }
      if (name + 1 < tokens.size() && tokens[name].is_word() && tokens[name + 1].is("{"))
        types().expect_definition(tokens[name].text);
    }
  }

  Parsed<bool> declaration() {
    if (accept(";")) return true;
    const bool is_typedef = accept("typedef");
    const Token first = peek();
    Attributes attributes;
    SONDE_TRY(const CType base, specifiers(attributes));
    if (accept(";")) return true;
    do {
      SONDE_TRY(const Declarator declarator, declare(base));
      SONDE_CHECK(read_attributes(attributes));
      if (declarator.name.empty()) return expected("`;`");
      if (is_typedef)
        types().define_typedef(declarator.name, declarator.type);
      else
        return beyond(first.span, "a variable or function");
    } while (accept(","));
    return expect(";");
  }

  Parsed<bool> run() {
    expect_definitions();
    while (at < tokens.size()) SONDE_CHECK(declaration());
    return true;
  }
};

}  // namespace

Parsed<bool> read_declarations(std::span<const Token> tokens, Declarations& declarations) {
  return Reader{tokens, declarations}.run();
}

}  // namespace sonde::ctext
