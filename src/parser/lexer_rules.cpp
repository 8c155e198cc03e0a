// SPDX-License-Identifier: Apache-2.0
#include "parser/lexer_rules.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "parser/literals.h"
#include "parser/lookahead.h"

namespace sonde::parser {

namespace {

using diag::DiagId;
using diag::Span;
using Kind = Grammar::symbol_kind;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Behind these a `(` is the one of a call or of a definition: they are names, or words that
// are names wherever an operand may stand.
bool takes_arguments(Grammar::symbol_kind_type kind) {
  switch (kind) {
    case Kind::S_IDENTIFIER:
    case Kind::S_BUILTIN:
    case Kind::S_config:
    case Kind::S_macro:
    case Kind::S_fn:
    case Kind::S_struct:
    case Kind::S_union:
    case Kind::S_enum: return true;
    default: return false;
  }
}

bool takes_type(Grammar::symbol_kind_type kind) {
  return kind == Kind::S_sizeof || kind == Kind::S_offsetof || kind == Kind::S_typeinfo ||
         kind == Kind::S_typeof;
}

bool starts_statement(Grammar::symbol_kind_type kind) {
  return kind == Kind::S_LBRACE || kind == Kind::S_RBRACE || kind == Kind::S_SEMICOLON;
}

}  // namespace

void Scanner::expect(Position position) {
  position_ = position;
  if (position != Position::item) return;
  // No block is open here, even if an error made the parser skip some of their braces.
  open_braces_.clear();
  missing_braces_ = 0;
}

void Scanner::remember(const Grammar::symbol_type& symbol) {
  previous_ = current_;
  current_ = {symbol.kind(), symbol.location};
  if (tokens_) tokens_->push_back(symbol.location);
  if (symbol.kind() == Kind::S_LBRACE) open_braces_.push_back(symbol.location);
  if (symbol.kind() == Kind::S_RBRACE && !open_braces_.empty()) open_braces_.pop_back();
}

Span Scanner::open_brace_before(std::uint32_t offset) const {
  for (auto brace = open_braces_.rbegin(); brace != open_braces_.rend(); ++brace)
    if (brace->begin < offset) return *brace;
  return {};
}

void LexerRules::advance(int length) {
  if (length > 0) s_.span_.begin = s_.span_.end;
  s_.span_.end += static_cast<std::uint32_t>(length);
}

// Where the last token ends: what is missing at the end of a text is missed there, not behind
// the blank lines that follow.
Span LexerRules::end_of_text() const {
  const std::uint32_t end = s_.current_.span.known() ? s_.current_.span.end : 0;
  return {s_.file_, end, end};
}

LexerRules::Symbol LexerRules::missing_token() {
  const Span here{s_.file_, s_.span_.end, s_.span_.end};
  if (std::exchange(s_.missing_semicolon_, false)) return Grammar::make_SEMICOLON(here);
  --s_.missing_braces_;
  return Grammar::make_RBRACE(here);
}

bool LexerRules::begins_item_inside_block() {
  if (s_.open_braces_.empty() || s_.position_ != Position::code) return false;
  if (!starts_statement(s_.current_.kind) || !item_follows(s_.text_, span().begin)) return false;
  if (!s_.recovering_)
    s_.diagnostics_.error(DiagId::syntax, span(), "syntax: expected '}}', found `{}`", text())
        .label(s_.open_braces_.back(), "this block is not closed")
        .hint("add `}}` before `{}`", text());
  s_.missing_braces_ = s_.open_braces_.size();
  return true;
}

bool LexerRules::is_shebang() const {
  return text().starts_with("#!") && s_.current_.kind == Kind::S_YYEMPTY;
}

std::size_t LexerRules::c_definition_end() {
  const CDefinitionText definition = read_c_definition(s_.text_, span().end);
  const auto place = [&](std::size_t offset) {
    const auto begin = static_cast<std::uint32_t>(offset);
    return Span{s_.file_, begin, begin + (begin < s_.text_.size() ? 1 : 0)};
  };
  if (definition.open_brace == 0)
    s_.diagnostics_
        .error(DiagId::syntax, place(definition.end), "syntax: expected '{{' of a C definition")
        .hint("declarations without a body belong in a header: `#include \"x.h\"`");
  else if (!definition.closed)
    s_.diagnostics_.error(DiagId::syntax, place(definition.end), "syntax: expected '}}'")
        .label(place(definition.open_brace), "this definition is not closed");
  return definition.end;
}

LexerRules::Symbol LexerRules::c_definition(std::uint32_t begin) {
  const Span whole{s_.file_, begin, span().end};
  return Grammar::make_C_DEFINITION(s_.text(whole), whole);
}

LexerRules::Symbol LexerRules::c_line() {
  const std::uint32_t begin = span().begin;
  if (text().starts_with("#!") && !s_.recovering_)
    s_.diagnostics_
        .error(DiagId::syntax, {s_.file_, begin, begin + 2},
               "syntax: `#!` must be the first thing in a script")
        .hint("a comment is written `// …`");
  return c_definition(begin);
}

// `$N` at `at`: its text goes to `out`. Returns where it ends.
std::size_t LexerRules::append_parameter(std::size_t at, std::string& out) {
  const std::string_view source = text();
  std::size_t end = at + 1;
  while (end < source.size() && is_digit(source[end])) ++end;
  std::size_t number = 0;
  std::from_chars(source.data() + at + 1, source.data() + end, number);
  if (end == at + 1) {
    const auto begin = span().begin + static_cast<std::uint32_t>(at);
    s_.diagnostics_
        .error(DiagId::syntax, {s_.file_, begin, begin + 1},
               "syntax: expected a positional parameter such as `$1`")
        .hint("quote a part that has a `$` in its name: `\"{}\"`", source.substr(at));
    out += '$';
  } else if (number >= 1 && number <= s_.params_.size()) {
    out += s_.params_[number - 1];
  }
  return end;
}

std::string LexerRules::with_parameters() {
  const std::string_view source = text();
  std::string out;
  bool quoted = false;
  for (std::size_t at = 0; at < source.size();) {
    if (source[at] == '$' && !quoted) {
      at = append_parameter(at, out);
      continue;
    }
    if (source[at] == '"') quoted = !quoted;
    if (source[at] == '\\' && quoted && at + 1 < source.size()) out += source[at++];
    out += source[at++];
  }
  return out;
}

LexerRules::Symbol LexerRules::attach_point() {
  std::string expanded = s_.tokens_ ? std::string(text()) : with_parameters();
  if (expanded.empty())
    s_.diagnostics_.error(DiagId::syntax, span(),
                          "syntax: expected attach point, `{}` is empty or not provided", text());
  return Grammar::make_ATTACH_POINT(std::move(expanded), span());
}

LexerRules::Symbol LexerRules::word() {
  const std::string_view name = text();
  const bool before_parenthesis = next_byte(s_.text_, span().end) == '(';
#define WORD(TEXT, SUMMARY)                                                      \
  if (name == #TEXT && (before_parenthesis || Kind::S_##TEXT != Kind::S_typeof)) \
    return Grammar::make_##TEXT(name, span());
#include "lang/words.def"
#undef WORD
  if (is_builtin_name(name)) return Grammar::make_BUILTIN(name, span());
  return Grammar::make_IDENTIFIER(name, span());
}

LexerRules::Symbol LexerRules::open_parenthesis() {
  const Grammar::symbol_kind_type before = s_.current_.kind;
  const bool type = takes_type(before)        ? type_follows(s_.text_, span().end)
                    : takes_arguments(before) ? false
                                              : cast_follows(s_.text_, span().end);
  return type ? Grammar::make_TYPE_LPAREN(span()) : Grammar::make_LPAREN(span());
}

LexerRules::Symbol LexerRules::slash() {
  if (s_.position_ != Position::predicate || next_byte(s_.text_, span().end) != '{')
    return Grammar::make_SLASH(span());
  s_.position_ = Position::code;
  return Grammar::make_CLOSING_SLASH(span());
}

LexerRules::Symbol LexerRules::integer() {
  return Grammar::make_INTEGER(read_integer(text(), span(), s_.diagnostics_), span());
}

LexerRules::Symbol LexerRules::string() {
  return Grammar::make_STRING(read_string(text(), span(), s_.diagnostics_), span());
}

LexerRules::Symbol LexerRules::single_quoted() {
  const std::string_view inner = text().substr(1, text().size() - 2);
  if (!s_.recovering_)
    s_.diagnostics_.error(DiagId::bad_string, span(), "syntax: expected '\"', found single quotes")
        .hint("write `\"{}\"`", inner);
  return Grammar::make_STRING(std::string(inner), span());
}

LexerRules::Symbol LexerRules::positional() {
  constexpr std::uint64_t maximum = 9223372036854775807U;
  const std::string_view digits = text().substr(1);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || number == 0 || number > maximum)
    s_.diagnostics_
        .error(DiagId::bad_integer, span(), "syntax: param {} is out of integer range [1, {}]",
               text(), maximum)
        .hint("the first parameter is `$1`, their number is `$#`");
  return Grammar::make_POSITIONAL(number, span());
}

template <typename... Args>
LexerRules::Symbol LexerRules::bad_token(DiagId id, std::string_view hint,
                                         fmt::format_string<Args...> format, Args&&... args) {
  if (!s_.recovering_) {
    auto report = s_.diagnostics_.error(id, span(), format, std::forward<Args>(args)...);
    if (!hint.empty()) report.hint("{}", hint);
  }
  s_.start_recovery();
  return Grammar::make_YYerror(span());
}

LexerRules::Symbol LexerRules::unterminated_string() {
  s_.missing_semicolon_ = true;
  return bad_token(DiagId::bad_string, "add `\"` at its end; a line break is written `\\n`",
                   "syntax: unterminated string");
}

LexerRules::Symbol LexerRules::lone_dollar() {
  return bad_token(DiagId::syntax, "", "syntax: expected identifier after '$'");
}

LexerRules::Symbol LexerRules::unknown_byte() {
  const auto byte = static_cast<unsigned char>(text()[0]);
  if (byte < 0x20 || byte >= 0x7f)
    return bad_token(DiagId::syntax, "", "syntax: unexpected byte 0x{:02x}", byte);
  if (byte == '#')
    return bad_token(DiagId::syntax, "lines for the C preprocessor stand at the top of a script",
                     "syntax: unexpected `#`");
  if (byte == '\'')
    return bad_token(DiagId::syntax, "strings are written in double quotes",
                     "syntax: unexpected `'`");
  return bad_token(DiagId::syntax, "", "syntax: unexpected `{}`", text());
}

}  // namespace sonde::parser
