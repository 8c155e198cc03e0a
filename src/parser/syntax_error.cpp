// SPDX-License-Identifier: Apache-2.0
// The wording of syntax errors: what was found, the few things that a reader would expect
// there, and a hint where something that can be typed is likely to be meant.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <iterator>

#include "parser/scanner.h"

namespace sonde::parser {

namespace {

using diag::DiagId;
using diag::Span;
using Kind = Grammar::symbol_kind_type;
using Symbol = Grammar::symbol_kind;

// The tokens that could stand at the place of an error; exact, thanks to LAC.
using Expected = std::bitset<Grammar::YYNTOKENS>;

constexpr Kind binary_operators[] = {
    Symbol::S_LOG_OR, Symbol::S_LOG_AND, Symbol::S_PIPE,   Symbol::S_CARET, Symbol::S_AMPERSAND,
    Symbol::S_EQ,     Symbol::S_NE,      Symbol::S_LT,     Symbol::S_LE,    Symbol::S_GT,
    Symbol::S_GE,     Symbol::S_SHL,     Symbol::S_SHR,    Symbol::S_PLUS,  Symbol::S_MINUS,
    Symbol::S_STAR,   Symbol::S_SLASH,   Symbol::S_PERCENT};
constexpr Kind suffixes[] = {Symbol::S_DOT,       Symbol::S_ARROW,     Symbol::S_LBRACKET,
                             Symbol::S_INCREMENT, Symbol::S_DECREMENT, Symbol::S_QUESTION};
constexpr Kind assignments[] = {Symbol::S_ASSIGN,     Symbol::S_ADD_ASSIGN, Symbol::S_SUB_ASSIGN,
                                Symbol::S_MUL_ASSIGN, Symbol::S_DIV_ASSIGN, Symbol::S_MOD_ASSIGN,
                                Symbol::S_AND_ASSIGN, Symbol::S_OR_ASSIGN,  Symbol::S_XOR_ASSIGN,
                                Symbol::S_SHL_ASSIGN, Symbol::S_SHR_ASSIGN};
constexpr Kind words[] = {
#define WORD(TEXT, SUMMARY) Symbol::S_##TEXT,
#include "lang/words.def"
#undef WORD
};

template <std::size_t N>
bool is_one_of(const Kind (&kinds)[N], Kind kind) {
  return std::ranges::find(kinds, kind) != std::end(kinds);
}

template <std::size_t N>
void remove(Expected& expected, const Kind (&kinds)[N]) {
  for (const Kind kind : kinds) expected.reset(kind);
}

// `';'` for what is typed as it is, `identifier` for what is not.
std::string token_name(Kind kind) {
  switch (kind) {
    case Symbol::S_YYEOF:
    case Symbol::S_ATTACH_POINT:
    case Symbol::S_C_DEFINITION:
    case Symbol::S_IDENTIFIER:
    case Symbol::S_BUILTIN:
    case Symbol::S_VARIABLE:
    case Symbol::S_MAP:
    case Symbol::S_INTEGER:
    case Symbol::S_STRING:
    case Symbol::S_POSITIONAL: return Grammar::symbol_name(kind);
    case Symbol::S_TYPE_LPAREN: return "'('";
    case Symbol::S_CLOSING_SLASH: return "'/' to close predicate";
    default: return fmt::format("'{}'", Grammar::symbol_name(kind));
  }
}

bool begins_declaration(std::string_view word) {
  constexpr std::string_view words_of_c[] = {"char",  "const",  "extern",   "int",  "long",
                                             "short", "static", "unsigned", "void", "volatile"};
  return std::ranges::find(words_of_c, word) != std::end(words_of_c);
}

struct SyntaxError {
  Scanner& scanner;
  Expected expected;

  Kind found() const { return scanner.current().kind; }
  Kind before() const { return scanner.previous().kind; }
  bool expects(Kind kind) const { return expected.test(kind); }
  std::string before_text() const { return excerpt(scanner.previous().span); }

  bool expects_operand() const {
    return expects(Symbol::S_INTEGER) && expects(Symbol::S_STRING) && expects(Symbol::S_LPAREN);
  }
  // `else` may be a name anywhere but at the start of a statement.
  bool expects_statement() const { return expects_operand() && !expects(Symbol::S_else); }
  bool expects_any_word() const {
    return expects(Symbol::S_IDENTIFIER) && expects(Symbol::S_let) && expects(Symbol::S_macro);
  }

  std::string excerpt(Span span) const {
    constexpr std::size_t longest = 30;
    const std::string_view text = scanner.text(span);
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.size() == text.size() && line.size() <= longest) return std::string(line);
    return fmt::format("{}…", line.substr(0, longest));
  }

  std::string found_text() const {
    if (found() == Symbol::S_YYEOF) return "end of file";
    return fmt::format("`{}`", excerpt(scanner.current().span));
  }

  // What is left of the expected tokens when classes of them have got a name, and when what
  // may always follow an operand is left out.
  std::string list() const {
    Expected rest = expected;
    std::vector<std::string> names;
    if (expects_any_word()) {
      names.emplace_back("identifier");
      remove(rest, words);
      rest.reset(Symbol::S_IDENTIFIER).reset(Symbol::S_BUILTIN);
    }
    Expected shorter = rest;
    remove(shorter, binary_operators);
    remove(shorter, suffixes);
    remove(shorter, assignments);
    if (before() == Symbol::S_IDENTIFIER || before() == Symbol::S_BUILTIN)
      shorter.reset(Symbol::S_LPAREN);
    if (shorter.any()) rest = shorter;
    if (rest.test(Symbol::S_LPAREN)) rest.reset(Symbol::S_TYPE_LPAREN);
    for (std::size_t kind = 0; kind < rest.size(); ++kind)
      if (rest.test(kind)) names.push_back(token_name(static_cast<Kind>(kind)));
    return join_or(names);
  }

  static std::string join_or(const std::vector<std::string>& names) {
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (i != 0) out += i + 1 == names.size() ? " or " : ", ";
      out += names[i];
    }
    return out;
  }

  std::string expected_text() const {
    if (found() == Symbol::S_YYEOF && expects(Symbol::S_RBRACE)) return "'}'";
    if (expects(Symbol::S_ATTACH_POINT)) return "attach point";
    if (before() == Symbol::S_DOT || before() == Symbol::S_ARROW) return "field name";
    if (expects(Symbol::S_typeof) && !expects_operand()) return "type name";
    if (expects_statement()) return "statement or '}'";
    if (expects_operand()) return "expression";
    if (expects(Symbol::S_CLOSING_SLASH)) return token_name(Symbol::S_CLOSING_SLASH);
    if (expects(Symbol::S_SEMICOLON)) return "';'";
    // Behind an attach point, where `,` and `/` are less likely; and behind a condition.
    if (expects(Symbol::S_LBRACE) && !expects(Symbol::S_if)) return "'{'";
    return list();
  }

  // Hints -------------------------------------------------------------------------------

  // A condition or the end of a range that goes on.
  bool single_operand_only() const {
    return (is_one_of(binary_operators, found()) || is_one_of(suffixes, found())) &&
           !expects(Symbol::S_PLUS) && !expects_operand() && !expects(Symbol::S_COMMA) &&
           (expects(Symbol::S_LBRACE) || expects(Symbol::S_RPAREN));
  }
  bool begins_statement() const {
    return found() == Symbol::S_IDENTIFIER || found() == Symbol::S_BUILTIN ||
           found() == Symbol::S_VARIABLE || found() == Symbol::S_MAP || is_one_of(words, found());
  }

  Span open_brace() const { return scanner.open_brace_before(scanner.current().span.begin); }

  void hint_for_end(diag::DiagnosticBuilder& report) const {
    const Span brace = open_brace();
    if (!expects(Symbol::S_RBRACE) || !brace.known()) return;
    report.label(brace, "this block is not closed").hint("add `}}` at its end");
  }

  void hint_for_item(diag::DiagnosticBuilder& report) const {
    if (found() == Symbol::S_RBRACE) report.hint("there is one `}}` more than `{{`");
  }

  void hint_for_attach_point(diag::DiagnosticBuilder& report) const {
    const std::string_view text = scanner.text(scanner.previous().span);
    // The last part of `kprobe:f/pid`, but not the path of `uprobe:/bin/sh`.
    const std::string_view part = text.substr(text.rfind(':') + 1);
    if (part.contains('/') && !part.starts_with('/') && !part.starts_with('.'))
      report.hint("put a blank before the `/` of a predicate");
    else if (text == "typedef")
      report.hint("declarations without a body belong in a header: `#include \"x.h\"`");
    else if (found() == Symbol::S_IDENTIFIER && begins_declaration(text))
      report.hint("what C declares belongs into a header: `#include \"x.h\"`");
    else if (found() == Symbol::S_SEMICOLON)
      report.hint("statements stand inside a probe: `begin {{ {}; }}`", text);
  }

  void hint_for_semicolon(diag::DiagnosticBuilder& report) const {
    const Span brace = open_brace();
    if (found() == Symbol::S_LBRACE || found() == Symbol::S_COLON) {
      if (brace.known()) report.label(brace, "this block is still open");
      scanner.blame(brace);
      report.hint("is a `}}` missing before `{}`?", before_text());
    } else if (is_one_of(assignments, found())) {
      hint_for_assignment(report);
    } else if (begins_statement()) {
      report.hint("add `;` after `{}`", before_text());
    } else if (found() == Symbol::S_INCREMENT || found() == Symbol::S_DECREMENT) {
      report.hint("{} applies to variables and maps only", found_text());
    }
  }

  void hint_for_assignment(diag::DiagnosticBuilder& report) const {
    if (found() == Symbol::S_ASSIGN)
      report.hint("did you mean `==`? an assignment is a statement of its own");
    else
      report.hint("an assignment is a statement of its own");
  }

  // `for ($i = 0; …`, `for ($x in @m)`
  bool foreign_loop() const {
    return before() == Symbol::S_VARIABLE && expects(Symbol::S_COLON) && !expects(Symbol::S_PLUS) &&
           (found() == Symbol::S_ASSIGN || scanner.text(scanner.current().span) == "in");
  }

  void add_hints(diag::DiagnosticBuilder& report) const {
    if (found() == Symbol::S_YYEOF) {
      hint_for_end(report);
    } else if (expects(Symbol::S_ATTACH_POINT)) {
      hint_for_item(report);
    } else if (before() == Symbol::S_ATTACH_POINT) {
      hint_for_attach_point(report);
    } else if (found() == Symbol::S_STRING && before() == Symbol::S_STRING) {
      report.hint("`+` joins literals: `\"a\" + \"b\"`");
    } else if (before() == Symbol::S_RPAREN && expects(Symbol::S_LBRACE) && begins_statement()) {
      report.hint("a body stands in braces: `{{ … }}`");
    } else if (foreign_loop()) {
      report.hint("write `for $i : 0..10 {{ }}` or `for $kv : @map {{ }}`");
    } else if (single_operand_only()) {
      report.hint("only one operand may stand here: put `( )` around the whole expression");
    } else if (expects(Symbol::S_SEMICOLON) && !expects_operand()) {
      hint_for_semicolon(report);
    } else if (is_one_of(assignments, found()) &&
               (expects(Symbol::S_EQ) || expects(Symbol::S_LBRACE))) {
      hint_for_assignment(report);
    } else if (expects(Symbol::S_VARIABLE) && !expects_operand() &&
               found() == Symbol::S_IDENTIFIER) {
      report.hint("the name of a variable begins with `$`: `${}`",
                  scanner.text(scanner.current().span));
    } else if (expects(Symbol::S_MAP) && found() == Symbol::S_VARIABLE) {
      report.hint("at the top of a script only maps are declared: `let @a = hash(2);`");
    }
  }
};

}  // namespace

void Grammar::error(const diag::Span& span, const std::string& message) {
  scanner.diagnostics().error(DiagId::syntax, span, "syntax: {}", message);
}

void Grammar::report_syntax_error(const context& at) const {
  std::array<symbol_kind_type, YYNTOKENS> kinds;
  const int count = at.expected_tokens(kinds.data(), static_cast<int>(kinds.size()));
  SyntaxError error{scanner, {}};
  for (int i = 0; i < count; ++i) error.expected.set(kinds[static_cast<std::size_t>(i)]);

  scanner.start_recovery();
  const bool at_end = scanner.current().kind == Symbol::S_YYEOF;
  if (at_end && scanner.was_blamed(error.open_brace())) return;
  auto report =
      scanner.diagnostics().error(DiagId::syntax, at.location(), "syntax: expected {}, found {}",
                                  error.expected_text(), error.found_text());
  error.add_hints(report);
}

}  // namespace sonde::parser
