// SPDX-License-Identifier: Apache-2.0
#include "ctext/constants.h"

#include "base/result.h"

namespace sonde::ctext {

namespace {

struct Operator {
  std::string_view mark;
  int level;
};
// From loosest to tightest.
constexpr Operator operators[] = {{"||", 1}, {"&&", 2}, {"|", 3}, {"^", 4},  {"&", 5},  {"==", 6},
                                  {"!=", 6}, {"<", 7},  {">", 7}, {"<=", 7}, {">=", 7}, {"<<", 8},
                                  {">>", 8}, {"+", 9},  {"-", 9}, {"*", 10}, {"/", 10}, {"%", 10}};
constexpr int loosest = 1;
// Deeper nesting than any text written by a person.
constexpr int depth_limit = 200;

struct Reader {
  std::span<const Token> tokens;
  std::size_t& at;
  diag::Span end;
  const ConstantScope& scope;
  int depth = 0;

  Token peek(std::size_t ahead = 0) const {
    return at + ahead < tokens.size() ? tokens[at + ahead] : Token{.span = end};
  }
  bool accept(std::string_view mark) {
    if (!peek().is(mark)) return false;
    ++at;
    return true;
  }

  Parsed<Constant> ternary() {
    if (++depth > depth_limit) return wrong(peek().span, "the expression is nested too deep");
    SONDE_TRY(const Constant condition, binary(loosest));
    if (!accept("?")) {
      --depth;
      return condition;
    }
    SONDE_TRY(const Constant yes, ternary());
    if (!accept(":")) return wrong(peek().span, "expected `:` of the condition");
    SONDE_TRY(const Constant no, ternary());
    --depth;
    return Constant{condition.value != 0 ? yes.value : no.value, yes.is_unsigned || no.is_unsigned};
  }

  const Operator* find_operator() const {
    if (peek().kind != TokenKind::mark) return nullptr;
    for (const Operator& op : operators)
      if (op.mark == peek().text) return &op;
    return nullptr;
  }

  Parsed<Constant> binary(int level) {
    SONDE_TRY(Constant left, unary());
    for (const Operator* op = find_operator(); op && op->level >= level; op = find_operator()) {
      const diag::Span place = peek().span;
      ++at;
      SONDE_TRY(const Constant right, binary(op->level + 1));
      SONDE_TRY(left, compute(op->mark, left, right, place));
    }
    return left;
  }

  Parsed<Constant> unary() {
    if (++depth > depth_limit) return wrong(peek().span, "the expression is nested too deep");
    SONDE_TRY(const Constant value, operand());
    --depth;
    return value;
  }

  Parsed<Constant> operand() {
    if (accept("+")) return unary();
    for (const std::string_view mark : {"-", "~", "!"}) {
      if (!accept(mark)) continue;
      SONDE_TRY(Constant value, unary());
      const auto bits = static_cast<std::uint64_t>(value.value);
      if (mark == "!") return Constant{value.value == 0};
      value.value = static_cast<std::int64_t>(mark == "-" ? 0 - bits : ~bits);
      return value;
    }
    if (accept("sizeof")) return size_of();
    if (peek().is("(")) return parenthesised();
    const Token token = peek();
    if (const auto number = integer_value(token)) {
      ++at;
      return Constant{static_cast<std::int64_t>(number->value), number->is_unsigned};
    }
    if (token.is_word() && scope.word) {
      if (const auto value = scope.word(token.text)) {
        ++at;
        return Constant{*value};
      }
      return wrong(token.span,
                   "`" + std::string(token.text) + "` is no constant that is known here");
    }
    return wrong(token.span, "expected an integer constant");
  }

  Parsed<Constant> size_of() {
    if (scope.type && accept("(")) {
      SONDE_TRY(const auto type, scope.type(at));
      if (type) {
        at = type->behind;
        if (!accept(")")) return wrong(peek().span, "expected `)`");
        return Constant{static_cast<std::int64_t>(type->bytes), true};
      }
    }
    return beyond(peek().span, "`sizeof` of an expression");
  }

  Parsed<Constant> parenthesised() {
    const std::size_t start = at++;
    if (scope.type) {
      SONDE_TRY(const auto type, scope.type(at));
      if (type) {
        at = type->behind;
        if (!accept(")")) return wrong(peek().span, "expected `)`");
        SONDE_TRY(const Constant value, unary());
        return truncated(value, *type);
      }
    }
    SONDE_TRY(const Constant value, ternary());
    if (!accept(")")) {
      return wrong(tokens[start].span, "the parenthesis is not closed");
    }
    return value;
  }

  static Constant truncated(Constant value, const ConstantScope::TypeSize& type) {
    if (type.bytes == 0 || type.bytes >= 8) return {value.value, !type.is_signed};
    const unsigned unused = 64 - static_cast<unsigned>(type.bytes) * 8;
    const std::uint64_t top = static_cast<std::uint64_t>(value.value) << unused;
    if (type.is_signed) return {static_cast<std::int64_t>(top) >> unused};
    return {static_cast<std::int64_t>(top >> unused)};
  }

  static Parsed<Constant> compute(std::string_view mark, Constant left, Constant right,
                                  diag::Span place) {
    const bool is_unsigned = left.is_unsigned || right.is_unsigned;
    const auto a = static_cast<std::uint64_t>(left.value);
    const auto b = static_cast<std::uint64_t>(right.value);
    const auto number = [&](std::uint64_t value) {
      return Constant{static_cast<std::int64_t>(value), is_unsigned};
    };
    const auto truth = [](bool value) { return Constant{value}; };
    const auto less = [&](std::uint64_t x, std::uint64_t y) {
      return is_unsigned ? x < y : static_cast<std::int64_t>(x) < static_cast<std::int64_t>(y);
    };
    if (mark == "||") return truth(a != 0 || b != 0);
    if (mark == "&&") return truth(a != 0 && b != 0);
    if (mark == "|") return number(a | b);
    if (mark == "^") return number(a ^ b);
    if (mark == "&") return number(a & b);
    if (mark == "==") return truth(a == b);
    if (mark == "!=") return truth(a != b);
    if (mark == "<") return truth(less(a, b));
    if (mark == ">") return truth(less(b, a));
    if (mark == "<=") return truth(!less(b, a));
    if (mark == ">=") return truth(!less(a, b));
    if (mark == "+") return number(a + b);
    if (mark == "-") return number(a - b);
    if (mark == "*") return number(a * b);
    if (mark == "<<" || mark == ">>") {
      if (b > 63) return wrong(place, "a shift is by 0 to 63 bits");
      if (mark == "<<") return Constant{static_cast<std::int64_t>(a << b), left.is_unsigned};
      if (left.is_unsigned) return Constant{static_cast<std::int64_t>(a >> b), true};
      return Constant{left.value >> b};
    }
    if (b == 0) return wrong(place, "a constant is divided by zero");
    const bool overflow = left.value == INT64_MIN && right.value == -1 && !is_unsigned;
    if (mark == "/")
      return is_unsigned ? number(a / b) : overflow ? left : Constant{left.value / right.value};
    return is_unsigned ? number(a % b) : overflow ? Constant{} : Constant{left.value % right.value};
  }
};

}  // namespace

Parsed<Constant> read_constant(std::span<const Token> tokens, std::size_t& at, diag::Span end,
                               const ConstantScope& scope) {
  return Reader{tokens, at, end, scope}.ternary();
}

}  // namespace sonde::ctext
