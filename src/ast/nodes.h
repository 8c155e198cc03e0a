// SPDX-License-Identifier: Apache-2.0
// The nodes of a script. What the parser wrote is in `fields` and never changed; what sema
// found is in the members after them, null or empty before the pass that their comment names.
// Nodes live in the arena of their compilation.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "ast/fwd.h"
#include "diag/span.h"
#include "lang/ids.h"

namespace sonde::ast {

struct Node {
  NodeKind kind{};
  diag::Span span;
};
struct Expr : Node {
  const sema::Type* type = nullptr;  // check_types
};
struct Stmt : Node {};
struct Item : Node {};

#define SONDE_NODE(NAME) static constexpr NodeKind node_kind = NodeKind::NAME

enum class BinaryOp : std::uint8_t {
  add,
  sub,
  mul,
  div,
  mod,
  bit_and,
  bit_or,
  bit_xor,
  shl,
  shr,
  eq,
  ne,
  lt,
  le,
  gt,
  ge,
  log_and,
  log_or,
};
enum class UnaryOp : std::uint8_t { negate, log_not, bit_not, dereference, address_of };

constexpr bool is_comparison(BinaryOp op) { return op >= BinaryOp::eq && op <= BinaryOp::ge; }
std::string_view spelling(BinaryOp op);
std::string_view spelling(UnaryOp op);

// --- Expressions -------------------------------------------------------------------------

// `42`, `0x1f`, `1e6`, `5ms`; the value after scaling. Negative ones are Unary(negate).
struct IntegerLiteral : Expr {
  SONDE_NODE(IntegerLiteral);
  std::uint64_t value = 0;
  bool negative = false;  // fold_constants: the value is -value (two's complement in `value`)
  static constexpr auto fields = std::tuple{&IntegerLiteral::value, &IntegerLiteral::negative};
  const sema::Type* enumeration = nullptr;  // resolve_names: of an enumerator's name
};

// `"text"` with escapes resolved; may contain any byte.
struct StringLiteral : Expr {
  SONDE_NODE(StringLiteral);
  std::string value;
  static constexpr auto fields = std::tuple{&StringLiteral::value};
};

// `true`, `false`
struct BooleanLiteral : Expr {
  SONDE_NODE(BooleanLiteral);
  bool value = false;
  static constexpr auto fields = std::tuple{&BooleanLiteral::value};
};

// `pid`, `arg0`, `RED`: a word without parentheses. resolve_names makes builtins a Call.
struct Identifier : Expr {
  SONDE_NODE(Identifier);
  std::string name;
  static constexpr auto fields = std::tuple{&Identifier::name};
};

// Which body wrote a variable's name: variables of a macro or function are its own, so the same
// name from two expansions is two variables. 0: the probe itself.
struct Hygiene {
  unsigned expansion = 0;
  auto operator<=>(const Hygiene&) const = default;
};

// `$x`; the name without `$`.
struct VariableRef : Expr {
  SONDE_NODE(VariableRef);
  std::string name;
  Hygiene hygiene;  // expand_macros
  static constexpr auto fields = std::tuple{&VariableRef::name, &VariableRef::hygiene};
  sema::Variable* variable = nullptr;  // resolve_names
};

// `@`, `@x`, `@x[a, b]`; the name with `@`. Several keys are one tuple, as in `@x[(a, b)]`.
struct MapRef : Expr {
  SONDE_NODE(MapRef);
  std::string name;
  Expr* key = nullptr;  // absent: the scalar map, or the map as a whole
  static constexpr auto fields = std::tuple{&MapRef::name, &MapRef::key};
  sema::Map* map = nullptr;  // resolve_names
};

// `$1`
struct PositionalParam : Expr {
  SONDE_NODE(PositionalParam);
  std::uint64_t number = 0;
  static constexpr auto fields = std::tuple{&PositionalParam::number};
};

// `$#`
struct PositionalCount : Expr {
  SONDE_NODE(PositionalCount);
  static constexpr auto fields = std::tuple{};
};

// `name(args)`
struct Call : Expr {
  SONDE_NODE(Call);
  std::string name;
  std::vector<Expr*> args;
  static constexpr auto fields = std::tuple{&Call::name, &Call::args};
  std::optional<lang::Builtin> builtin;            // resolve_names
  unsigned argument = 0;                           // resolve_names: N of `argN`
  const sema::ForeignFunction* foreign = nullptr;  // resolve_names: of an imported C file
};

// `-x`, `!x`, `~x`, `*x`, `&x`
struct Unary : Expr {
  SONDE_NODE(Unary);
  UnaryOp op{};
  Expr* operand = nullptr;
  static constexpr auto fields = std::tuple{&Unary::op, &Unary::operand};
};

// `lhs op rhs`
struct Binary : Expr {
  SONDE_NODE(Binary);
  BinaryOp op{};
  Expr* lhs = nullptr;
  Expr* rhs = nullptr;
  static constexpr auto fields = std::tuple{&Binary::op, &Binary::lhs, &Binary::rhs};
};

// `c ? a : b`; `c ?: b` when `then` is absent.
struct Ternary : Expr {
  SONDE_NODE(Ternary);
  Expr* condition = nullptr;
  Expr* then = nullptr;
  Expr* otherwise = nullptr;
  static constexpr auto fields =
      std::tuple{&Ternary::condition, &Ternary::then, &Ternary::otherwise};
};

// `x++`, `--x`; the target is a VariableRef or a MapRef.
struct IncDec : Expr {
  SONDE_NODE(IncDec);
  bool increment = true;
  bool prefix = false;
  Expr* target = nullptr;
  static constexpr auto fields = std::tuple{&IncDec::increment, &IncDec::prefix, &IncDec::target};
};

// `object.field`, `object->field`
struct FieldRef : Expr {
  SONDE_NODE(FieldRef);
  Expr* object = nullptr;
  std::string field;
  diag::Span field_span;
  static constexpr auto fields =
      std::tuple{&FieldRef::object, &FieldRef::field, &FieldRef::field_span};
  const sema::FieldAccess* access = nullptr;  // check_types
};

// `tuple.0`
struct TupleRef : Expr {
  SONDE_NODE(TupleRef);
  Expr* object = nullptr;
  std::uint64_t index = 0;
  static constexpr auto fields = std::tuple{&TupleRef::object, &TupleRef::index};
};

// `object[index]`
struct Index : Expr {
  SONDE_NODE(Index);
  Expr* object = nullptr;
  Expr* index = nullptr;
  static constexpr auto fields = std::tuple{&Index::object, &Index::index};
};

// A type as written: `uint8`, `struct task_struct*`, `int32*[4]`, `typeof(x)`.
struct TypeName : Item {
  SONDE_NODE(TypeName);
  std::string tag;              // "struct", "union", "enum" or empty
  std::string name;             // empty for typeof
  Expr* of_expr = nullptr;      // `typeof(expr)`
  TypeName* of_type = nullptr;  // `typeof(type)`
  // Left to right: -1 is `*`, -2 is `[]`, N >= 0 is `[N]`.
  std::vector<std::int64_t> suffixes;
  static constexpr auto fields = std::tuple{&TypeName::tag, &TypeName::name, &TypeName::of_expr,
                                            &TypeName::of_type, &TypeName::suffixes};
};

// `(type)operand`
struct Cast : Expr {
  SONDE_NODE(Cast);
  TypeName* target = nullptr;
  Expr* operand = nullptr;
  static constexpr auto fields = std::tuple{&Cast::target, &Cast::operand};
};

// `(a, b)`, `(a,)`, `()`
struct TupleExpr : Expr {
  SONDE_NODE(TupleExpr);
  std::vector<Expr*> elements;
  static constexpr auto fields = std::tuple{&TupleExpr::elements};
};

// One `name = value` of a record.
struct RecordField : Item {
  SONDE_NODE(RecordField);
  std::string name;
  Expr* value = nullptr;
  static constexpr auto fields = std::tuple{&RecordField::name, &RecordField::value};
};

// `(a = 1, b = 2)`
struct RecordExpr : Expr {
  SONDE_NODE(RecordExpr);
  std::vector<RecordField*> elements;
  static constexpr auto fields = std::tuple{&RecordExpr::elements};
};

// `{ stmts value }`: bodies of probes and loops, arms of `if`, block expressions.
struct BlockExpr : Expr {
  SONDE_NODE(BlockExpr);
  std::vector<Stmt*> stmts;
  Expr* value = nullptr;  // the trailing expression without `;`
  static constexpr auto fields = std::tuple{&BlockExpr::stmts, &BlockExpr::value};
};

// `if c { … } else { … }`, statement or expression; `otherwise` is a BlockExpr or an IfExpr.
struct IfExpr : Expr {
  SONDE_NODE(IfExpr);
  Expr* condition = nullptr;
  BlockExpr* then = nullptr;
  Expr* otherwise = nullptr;
  static constexpr auto fields = std::tuple{&IfExpr::condition, &IfExpr::then, &IfExpr::otherwise};
};

// `sizeof(type)` or `sizeof(expr)`: one of the two is present.
struct SizeofExpr : Expr {
  SONDE_NODE(SizeofExpr);
  TypeName* of_type = nullptr;
  Expr* of_expr = nullptr;
  static constexpr auto fields = std::tuple{&SizeofExpr::of_type, &SizeofExpr::of_expr};
};

// `offsetof(type_or_expr, field.field)`
struct OffsetofExpr : Expr {
  SONDE_NODE(OffsetofExpr);
  TypeName* of_type = nullptr;
  Expr* of_expr = nullptr;
  std::vector<std::string> path;
  static constexpr auto fields =
      std::tuple{&OffsetofExpr::of_type, &OffsetofExpr::of_expr, &OffsetofExpr::path};
};

// `typeinfo(type_or_expr)`
struct TypeinfoExpr : Expr {
  SONDE_NODE(TypeinfoExpr);
  TypeName* of_type = nullptr;
  Expr* of_expr = nullptr;
  static constexpr auto fields = std::tuple{&TypeinfoExpr::of_type, &TypeinfoExpr::of_expr};
};

// `comptime operand`
struct ComptimeExpr : Expr {
  SONDE_NODE(ComptimeExpr);
  Expr* operand = nullptr;
  static constexpr auto fields = std::tuple{&ComptimeExpr::operand};
};

// `typeof(x)` as the argument of a macro call.
struct TypeArg : Expr {
  SONDE_NODE(TypeArg);
  TypeName* argument = nullptr;
  static constexpr auto fields = std::tuple{&TypeArg::argument};
};

// Stands for what was reported already.
struct BadExpr : Expr {
  SONDE_NODE(BadExpr);
  static constexpr auto fields = std::tuple{};
};

// --- Statements --------------------------------------------------------------------------

// `let $x : type = value;`
struct Let : Stmt {
  SONDE_NODE(Let);
  VariableRef* variable = nullptr;
  TypeName* declared = nullptr;
  Expr* value = nullptr;
  static constexpr auto fields = std::tuple{&Let::variable, &Let::declared, &Let::value};
};

// `target = value;`, `target += value;`; the target is a VariableRef or a MapRef.
struct Assign : Stmt {
  SONDE_NODE(Assign);
  Expr* target = nullptr;
  std::optional<BinaryOp> op;  // of `op=`
  Expr* value = nullptr;
  static constexpr auto fields = std::tuple{&Assign::target, &Assign::op, &Assign::value};
};

// `expr;`
struct ExprStmt : Stmt {
  SONDE_NODE(ExprStmt);
  Expr* expr = nullptr;
  static constexpr auto fields = std::tuple{&ExprStmt::expr};
};

// `_ = expr;`
struct Discard : Stmt {
  SONDE_NODE(Discard);
  Expr* expr = nullptr;
  static constexpr auto fields = std::tuple{&Discard::expr};
};

// `return expr;`
struct Return : Stmt {
  SONDE_NODE(Return);
  Expr* value = nullptr;
  static constexpr auto fields = std::tuple{&Return::value};
};

// The body of a function in the place of its call. Made by expand_macros.
struct FunctionBody : Stmt {
  SONDE_NODE(FunctionBody);
  BlockExpr* body = nullptr;
  static constexpr auto fields = std::tuple{&FunctionBody::body};
};

// What is left of `return` in a function: goes on behind the innermost FunctionBody.
struct Leave : Stmt {
  SONDE_NODE(Leave);
  static constexpr auto fields = std::tuple{};
};

struct Break : Stmt {
  SONDE_NODE(Break);
  static constexpr auto fields = std::tuple{};
};
struct Continue : Stmt {
  SONDE_NODE(Continue);
  static constexpr auto fields = std::tuple{};
};

// `for ($kv : @map) { … }`
struct ForMap : Stmt {
  SONDE_NODE(ForMap);
  VariableRef* variable = nullptr;
  MapRef* map = nullptr;
  BlockExpr* body = nullptr;
  static constexpr auto fields = std::tuple{&ForMap::variable, &ForMap::map, &ForMap::body};
};

// `for ($i : begin..end) { … }`
struct ForRange : Stmt {
  SONDE_NODE(ForRange);
  VariableRef* variable = nullptr;
  Expr* begin = nullptr;
  Expr* end = nullptr;
  BlockExpr* body = nullptr;
  static constexpr auto fields =
      std::tuple{&ForRange::variable, &ForRange::begin, &ForRange::end, &ForRange::body};
};

// `while (condition) { … }`
struct While : Stmt {
  SONDE_NODE(While);
  Expr* condition = nullptr;
  BlockExpr* body = nullptr;
  static constexpr auto fields = std::tuple{&While::condition, &While::body};
};

// `unroll (count) { … }`
struct Unroll : Stmt {
  SONDE_NODE(Unroll);
  Expr* count = nullptr;
  BlockExpr* body = nullptr;
  static constexpr auto fields = std::tuple{&Unroll::count, &Unroll::body};
};

// `import "x";` inside a block.
struct ImportStmt : Stmt {
  SONDE_NODE(ImportStmt);
  std::string path;
  static constexpr auto fields = std::tuple{&ImportStmt::path};
};

// --- Items -------------------------------------------------------------------------------

// `kprobe:vfs_read`, verbatim with quotes and escapes; resolve_probes takes it apart.
struct AttachPoint : Item {
  SONDE_NODE(AttachPoint);
  std::string text;
  static constexpr auto fields = std::tuple{&AttachPoint::text};
};

// `attach_points /predicate/ { … }`
struct Probe : Item {
  SONDE_NODE(Probe);
  std::vector<AttachPoint*> attach_points;
  Expr* predicate = nullptr;
  BlockExpr* body = nullptr;
  static constexpr auto fields = std::tuple{&Probe::attach_points, &Probe::predicate, &Probe::body};
};

// One parameter of a macro: `$x`, `@x` or a plain name, with its sigil.
struct MacroParam : Item {
  SONDE_NODE(MacroParam);
  std::string name;
  static constexpr auto fields = std::tuple{&MacroParam::name};
};

// `macro name(params) { … }`
struct Macro : Item {
  SONDE_NODE(Macro);
  std::string name;
  std::vector<MacroParam*> params;
  BlockExpr* body = nullptr;
  static constexpr auto fields = std::tuple{&Macro::name, &Macro::params, &Macro::body};
};

// `let @m = hash(100);`
struct MapDecl : Item {
  SONDE_NODE(MapDecl);
  std::string map;
  std::string map_kind;
  std::uint64_t max_entries = 0;
  static constexpr auto fields =
      std::tuple{&MapDecl::map, &MapDecl::map_kind, &MapDecl::max_entries};
};

struct SubprogramParam : Item {
  SONDE_NODE(SubprogramParam);
  std::string name;
  TypeName* declared = nullptr;
  static constexpr auto fields = std::tuple{&SubprogramParam::name, &SubprogramParam::declared};
};

// `fn name($a : type) : type { … }`
struct Subprogram : Item {
  SONDE_NODE(Subprogram);
  std::string name;
  std::vector<SubprogramParam*> params;
  TypeName* result = nullptr;
  BlockExpr* body = nullptr;
  static constexpr auto fields =
      std::tuple{&Subprogram::name, &Subprogram::params, &Subprogram::result, &Subprogram::body};
};

// One `name = value` of the config block; `value` is the text (strings without quotes).
struct Setting : Item {
  SONDE_NODE(Setting);
  std::string name;
  std::string value;
  static constexpr auto fields = std::tuple{&Setting::name, &Setting::value};
};

// `config = { … }`
struct Config : Item {
  SONDE_NODE(Config);
  std::vector<Setting*> settings;
  static constexpr auto fields = std::tuple{&Config::settings};
};

// `import "path";` at the top.
struct RootImport : Item {
  SONDE_NODE(RootImport);
  std::string path;
  static constexpr auto fields = std::tuple{&RootImport::path};
};

// A `#` line, or the text of a struct, union or enum definition; verbatim.
struct CDefinition : Item {
  SONDE_NODE(CDefinition);
  std::string text;
  static constexpr auto fields = std::tuple{&CDefinition::text};
};

// The script; items in source order.
struct Program : Item {
  SONDE_NODE(Program);
  std::vector<Item*> items;
  static constexpr auto fields = std::tuple{&Program::items};
};

#undef SONDE_NODE

}  // namespace sonde::ast
