// SPDX-License-Identifier: Apache-2.0
// Computes what consists of literals: in 64 bits, checked for overflow, signed where a side is
// negative.
#include <algorithm>
#include <optional>

#include "ast/match.h"
#include "sema/passes.h"

namespace sonde::sema {

namespace {

using namespace ast;
using diag::DiagId;
__extension__ typedef __int128 Wide;  // literals from -2^63 to 2^64-1, and what comes of two

constexpr Wide lowest = -(Wide{1} << 63);
constexpr Wide highest = (Wide{1} << 64) - 1;

Wide wide(const IntegerLiteral& literal) {
  return literal.negative ? Wide{static_cast<std::int64_t>(literal.value)} : Wide{literal.value};
}

std::optional<Wide> bitwise(BinaryOp op, Wide a, Wide b) {
  const bool negative = a < 0 || b < 0;
  const auto x = static_cast<std::uint64_t>(a);
  const auto y = static_cast<std::uint64_t>(b);
  const std::uint64_t bits = op == BinaryOp::bit_and  ? x & y
                             : op == BinaryOp::bit_or ? x | y
                                                      : x ^ y;
  return negative ? Wide{static_cast<std::int64_t>(bits)} : Wide{bits};
}

// Nothing: overflow, division by zero, a shift by more than 63.
std::optional<Wide> arithmetic(BinaryOp op, Wide a, Wide b) {
  constexpr Wide int64_highest = (Wide{1} << 63) - 1;
  if ((a < 0 && b > int64_highest) || (b < 0 && a > int64_highest)) return std::nullopt;
  switch (op) {
    case BinaryOp::add: return a + b;
    case BinaryOp::sub: return a - b;
    case BinaryOp::mul: {
      Wide product = 0;
      return __builtin_mul_overflow(a, b, &product) ? std::nullopt : std::optional(product);
    }
    case BinaryOp::div: return b == 0 ? std::nullopt : std::optional(a / b);
    case BinaryOp::mod: return b == 0 ? std::nullopt : std::optional(a % b);
    case BinaryOp::shl:
      if (b < 0 || b > 63) return std::nullopt;
      return a * (Wide{1} << static_cast<int>(b));
    case BinaryOp::shr:
      if (b < 0 || b > 63) return std::nullopt;
      return a >> static_cast<int>(b);
    default: return bitwise(op, a, b);
  }
}

template <typename T>
bool compare(BinaryOp op, const T& a, const T& b) {
  switch (op) {
    case BinaryOp::eq: return a == b;
    case BinaryOp::ne: return a != b;
    case BinaryOp::lt: return a < b;
    case BinaryOp::le: return a <= b;
    case BinaryOp::gt: return a > b;
    default: return a >= b;
  }
}

// The truth of a literal; nothing for what is not one.
std::optional<bool> truth(const Expr* expr) {
  if (const auto* literal = as<IntegerLiteral>(expr)) return literal->value != 0;
  if (const auto* literal = as<BooleanLiteral>(expr)) return literal->value;
  return std::nullopt;
}

bool is_literal(const Expr* expr) {
  return as<IntegerLiteral>(expr) || as<BooleanLiteral>(expr) || as<StringLiteral>(expr);
}

// What `comptime` accepts: literals, and tuples and records of them.
bool is_constant(const Expr* expr) {
  if (const auto* tuple = as<TupleExpr>(expr))
    return std::ranges::all_of(tuple->elements, is_constant);
  if (const auto* record = as<RecordExpr>(expr))
    return std::ranges::all_of(record->elements,
                               [](const RecordField* field) { return is_constant(field->value); });
  return is_literal(expr);
}

// Calls of which nothing is left to run.
bool is_over_when_compiled(const Expr* expr) {
  const auto* call = as<Call>(expr);
  return call &&
         (call->builtin == lang::Builtin::static_assert_ || call->builtin == lang::Builtin::fail);
}

struct Folding {
  Script& script;
  diag::Diagnostics& diag;

  Expr* integer(const Expr& at, Wide value) {
    return make<IntegerLiteral>(script.arena, at.span, static_cast<std::uint64_t>(value),
                                value < 0);
  }
  Expr* boolean(const Expr& at, bool value) {
    return make<BooleanLiteral>(script.arena, at.span, value);
  }
  Expr* string(const Expr& at, std::string value) {
    return make<StringLiteral>(script.arena, at.span, std::move(value));
  }

  Expr* impossible(Expr& expr, std::string_view why) {
    diag.error(DiagId::literal_overflow, expr.span, "{}", why);
    return integer(expr, 1);
  }

  Expr* overflow(Expr& expr) {
    diag.error(DiagId::literal_overflow, expr.span,
               "the result of this literal expression does not fit in 64 bits");
    return integer(expr, 1);
  }

  Expr* fold_integers(Binary& b, const IntegerLiteral& lhs, const IntegerLiteral& rhs) {
    if (is_comparison(b.op)) return boolean(b, compare(b.op, wide(lhs), wide(rhs)));
    const bool divides = b.op == BinaryOp::div || b.op == BinaryOp::mod;
    const bool shifts = b.op == BinaryOp::shl || b.op == BinaryOp::shr;
    if (divides && rhs.value == 0) return impossible(b, "division of a literal by zero");
    if (shifts && (rhs.negative || rhs.value > 63))
      return impossible(b, "a literal can be shifted by 0 to 63 bits");
    const auto result = arithmetic(b.op, wide(lhs), wide(rhs));
    if (!result || *result < lowest || *result > highest) return overflow(b);
    return integer(b, *result);
  }

  Expr* fold_strings(Binary& b, const StringLiteral& lhs, const StringLiteral& rhs) {
    if (is_comparison(b.op)) return boolean(b, compare(b.op, lhs.value, rhs.value));
    if (b.op == BinaryOp::add) return string(b, lhs.value + rhs.value);
    return &b;
  }

  // `"abcdef" + 2`
  Expr* fold_offset(Binary& b, const StringLiteral& text, const IntegerLiteral& offset) {
    if (b.op != BinaryOp::add || offset.negative) return &b;
    if (offset.value < text.value.size()) return string(b, text.value.substr(offset.value));
    diag.warning(DiagId::empty_string, b.span,
                 "this string is always empty: {} bytes are cut from a string of {}", offset.value,
                 text.value.size())
        .hint("`+` of a string and a number leaves out so many bytes of its start");
    return string(b, "");
  }

  Expr* fold(Binary& b) {
    if (b.op == BinaryOp::log_and || b.op == BinaryOp::log_or) {
      const auto lhs = truth(b.lhs), rhs = truth(b.rhs);
      if (!lhs || !rhs) return &b;
      return boolean(b, b.op == BinaryOp::log_and ? *lhs && *rhs : *lhs || *rhs);
    }
    const auto *left = as<IntegerLiteral>(b.lhs), *right = as<IntegerLiteral>(b.rhs);
    if (left && right) return fold_integers(b, *left, *right);
    const auto* text = as<StringLiteral>(b.lhs);
    if (text && as<StringLiteral>(b.rhs)) return fold_strings(b, *text, *as<StringLiteral>(b.rhs));
    if (text && right) return fold_offset(b, *text, *right);
    return &b;
  }

  Expr* fold(Unary& u) {
    const auto* literal = as<IntegerLiteral>(u.operand);
    if (u.op == UnaryOp::log_not) {
      const auto value = truth(u.operand);
      return value ? boolean(u, !*value) : &u;
    }
    if (!literal) return &u;
    if (u.op == UnaryOp::bit_not)
      return literal->negative ? integer(u, ~wide(*literal)) : integer(u, Wide{~literal->value});
    if (u.op != UnaryOp::negate) return &u;
    const Wide value = -wide(*literal);
    if (value >= lowest) return integer(u, value);
    diag.error(DiagId::literal_overflow, u.span,
               "this is below the smallest integer, -9223372036854775808");
    return integer(u, 1);
  }

  // `c ? a : b` of literals; `c ?: b` of literals.
  Expr* fold(Ternary& t) {
    const auto condition = truth(t.condition);
    if (!condition || !is_literal(t.otherwise) || (t.then && !is_literal(t.then))) return &t;
    return *condition ? (t.then ? t.then : t.condition) : t.otherwise;
  }

  // `str("abc", 2)`, `str(5)`, `is_scalar(@x)`
  Expr* fold(Call& call) {
    if (call.builtin == lang::Builtin::is_scalar && call.args.size() == 1)
      if (const auto* ref = as<MapRef>(call.args[0]); ref && !ref->key)
        return boolean(call, !ref->map->has_key_use);
    if (call.builtin == lang::Builtin::default_str_length)
      return integer(call, Wide{script.config.number(lang::ConfigKey::max_strlen)});
    if (call.builtin != lang::Builtin::str || call.args.empty() || call.args.size() > 2)
      return &call;
    const auto* length = call.args.size() == 2 ? as<IntegerLiteral>(call.args[1]) : nullptr;
    if (call.args.size() == 2 && (!length || length->negative)) return &call;
    if (const auto* text = as<StringLiteral>(call.args[0]))
      return string(call, length ? text->value.substr(0, length->value) : text->value);
    if (const auto* number = as<IntegerLiteral>(call.args[0])) {
      const std::string digits = number->negative
                                     ? std::to_string(static_cast<std::int64_t>(number->value))
                                     : std::to_string(number->value);
      return string(call, length ? digits.substr(0, length->value) : digits);
    }
    return &call;
  }

  // `(1, "a").0`
  static Expr* fold_element(Expr& at, const Expr* object, std::uint64_t index) {
    const auto* tuple = as<TupleExpr>(object);
    return tuple && is_constant(tuple) && index < tuple->elements.size() ? tuple->elements[index]
                                                                         : &at;
  }

  // `(a = 1).a`
  static Expr* fold_field(FieldRef& n) {
    const auto* record = as<RecordExpr>(n.object);
    if (!record || !is_constant(record)) return &n;
    const auto found = std::ranges::find(record->elements, n.field, &RecordField::name);
    return found == record->elements.end() ? &n : (*found)->value;
  }

  Expr* fold(Index& n) {
    const auto* index = as<IntegerLiteral>(n.index);
    return index && !index->negative ? fold_element(n, n.object, index->value) : &n;
  }

  // `if comptime (c) { … } else { … }` becomes one of its branches; the other one is dropped
  // without a look at it. Nothing is folded in the branches while the condition is not known.
  void choose_branch(Expr*& slot) {
    auto& node = *as<IfExpr>(slot);
    Expr*& condition = as<ComptimeExpr>(node.condition)->operand;
    visit(condition);
    const auto chosen = truth(condition);
    if (!chosen) return;
    const Expr* dropped = *chosen ? node.otherwise : node.then;
    slot = *chosen ? node.then : node.otherwise;
    if (!slot)
      slot = make<BlockExpr>(script.arena, node.span, std::vector<Stmt*>{}, nullptr);
    else
      diag.add(script.in_branches[slot]);
    script.in_branches.erase(dropped);
    visit(slot);
  }

  template <typename Slot>
  void visit(Slot& slot) {
    if constexpr (std::is_same_v<Slot, Expr*>) {
      if (const auto* node = as<IfExpr>(slot); node && as<ComptimeExpr>(node->condition)) {
        choose_branch(slot);
        return;
      }
    }
    for_each_child(*slot, [this](auto& child) { visit(child); });
    if constexpr (std::is_same_v<Slot, Expr*>) {
      slot = match(
          *slot, [&](Binary& b) { return fold(b); }, [&](Unary& u) { return fold(u); },
          [&](Ternary& t) { return fold(t); }, [&](Call& c) { return fold(c); },
          [&](TupleRef& n) { return fold_element(n, n.object, n.index); },
          [&](Index& n) { return fold(n); }, [&](FieldRef& n) { return fold_field(n); },
          [&](ComptimeExpr& n) -> Expr* {
            return is_constant(n.operand) || is_over_when_compiled(n.operand) ? n.operand : &n;
          },
          [&](BlockExpr& b) -> Expr* {
            return b.stmts.empty() && b.value && is_literal(b.value) ? b.value : &b;
          },
          [&](Expr& e) { return &e; });
    }
  }
};

}  // namespace

void fold_constants(Script& script, diag::Diagnostics& diagnostics) {
  Folding folding{script, diagnostics};
  for (const auto& probe : script.probes) {
    if (probe->predicate) folding.visit(probe->predicate);
    folding.visit(probe->body);
  }
}

}  // namespace sonde::sema
