// SPDX-License-Identifier: Apache-2.0
// How variables and maps get their types from what is assigned to them.
#include "sema/check_types/checker.h"

namespace sonde::sema {

using namespace ast;
using diag::DiagId;

namespace {

bool is_typeof(const TypeName& name) { return name.of_expr || name.of_type; }

// Whether the value of a literal can be kept in `to`, whatever its own type is.
bool literal_fits(const IntegerLiteral& literal, const Type& to) {
  const unsigned bits = to.size_bytes * 8;
  if (literal.negative)
    return to.is_signed && static_cast<std::int64_t>(literal.value) >= INT64_MIN >> (64 - bits);
  return literal.value <= UINT64_MAX >> (64 - bits + (to.is_signed ? 1 : 0));
}

// Whether a variable that was declared with type `to` can keep what is assigned.
bool fits_declared(const Expr* value, const Type* type, const Type* to) {
  const auto* literal = value ? as<IntegerLiteral>(value) : nullptr;
  if (literal && to->is_integer()) return literal_fits(*literal, *to);
  if (to->is(TypeKind::string) && type->is(TypeKind::string))
    return type->size_bytes <= to->size_bytes;
  return true;
}

// `()`, or a struct of C without members: the kernel has no maps of that.
bool is_empty(const Type* type) { return type->in_memory() && type->size_bytes == 0; }

const Call* aggregation_of(const Expr* expr) {
  const auto* call = as<Call>(expr);
  return call && call->builtin && lang::row(*call->builtin).aggregation ? call : nullptr;
}

diag::Span span_of(const Expr* value, diag::Span otherwise) {
  return value ? value->span : otherwise;
}

// `count()`, or `{ …; count() }` of any depth.
bool ends_in_aggregation(const Expr* expr) {
  const auto* block = as<BlockExpr>(expr);
  return block ? block->value && ends_in_aggregation(block->value)
               : aggregation_of(expr) != nullptr;
}

const Type* check_trailing_aggregation(Checker& c, Expr* expr) {
  auto* block = as<BlockExpr>(expr);
  if (!block) return c.check_aggregation(*as<Call>(expr));
  for (Stmt* stmt : block->stmts) c.check_statement(stmt);
  return block->type = check_trailing_aggregation(c, block->value);
}

const Expr* trailing_value(const Expr* expr) {
  const auto* block = as<BlockExpr>(expr);
  return block ? trailing_value(block->value) : expr;
}

// That of a function, which expand_macros has made and the script does not name.
bool is_result(const Variable& variable) {
  return variable.name == "return" && variable.declared_at.in_library;
}

}  // namespace

bool Checker::can_be_stored(const Type* type, diag::Span span) {
  if (!type->is(TypeKind::c_struct) || type->described_in) return true;
  diag.error(DiagId::not_printable, span, "'{}' cannot be used as a whole", type_name(type))
      .hint("its fields can: `args.…`");
  return false;
}

void Checker::check_let(Let& let) {
  Variable& variable = *let.variable->variable;
  if (let.declared) declare(variable, *let.declared);
  if (let.value) {
    const Type* type = check_value(let.value);
    if (type) assign_variable(variable, let.value, type, let.span);
    variable.waits |= !type;
  }
  let.variable->type = variable.type;
}

// `typeof` what is not known yet, or grows, is asked again.
void Checker::declare(Variable& variable, const TypeName& name) {
  if (variable.fixed_type && !is_typeof(name)) return;
  const Type* declared = resolve_type_name(name);
  variable.declaration_waits = !declared;
  variable.waits |= !declared;
  variable.typed_at = name.span;
  if (!declared) return;
  if (declared->is(TypeKind::array) && declared->count == 0) {
    diag.error(DiagId::unknown_type, name.span, "an array that is declared needs a size")
        .hint("`{}[8]`", type_name(declared->element));
    declared = types().error();
  }
  if (declared->is_aggregation()) {
    diag.error(DiagId::unknown_type, name.span, "only maps can hold '{}'", type_name(declared))
        .hint("a variable holds its number: `let ${} : int64;`", variable.name);
    declared = types().error();
  }
  if (declared->is_error()) {
    if (!variable.type) variable.type = declared;
    return;
  }
  changed |= variable.fixed_type != declared;
  variable.type = variable.fixed_type = declared;
}

void Checker::check_assign(Assign& assign) {
  auto* ref = as<MapRef>(assign.target);
  if (ref && !assign.op && ends_in_aggregation(assign.value)) {
    const Type* type = check_trailing_aggregation(*this, assign.value);
    use_key(*ref);
    const Expr* value = trailing_value(assign.value);
    if (type) assign_map(*ref->map, value, type, value->span);
    ref->map->waits |= !type;
    ref->type = ref->map->value;
    return;
  }
  const Type* type = check_value(assign.value);
  if (auto* source = as<MapRef>(assign.value);
      ref && !assign.op && source && source->map->value && source->map->value->is_aggregation()) {
    check_aggregation_copy(*ref, *source, type);
    return;
  }
  if (assign.op) {
    const Type* before = check(assign.target);
    // `@x += 1` makes an integer map when nothing else does.
    if (!before && ref) before = types().int64();
    type = binary_type(*assign.op, assign.target, before, assign.value, type, assign.span);
  } else if (ref) {
    use_key(*ref);
  }
  const Expr* value = assign.op ? nullptr : assign.value;
  if (type && ref)
    assign_map(*ref->map, value, type, assign.span);
  else if (type)
    assign_variable(*as<VariableRef>(assign.target)->variable, value, type, assign.span);
  else
    (ref ? ref->map->waits : as<VariableRef>(assign.target)->variable->waits) = true;
  assign.target->type = ref ? ref->map->value : as<VariableRef>(assign.target)->variable->type;
}

// `@a = @b` of an aggregation reads a number, but does not make `@a` a map of numbers.
void Checker::check_aggregation_copy(MapRef& target, MapRef& source, const Type* type) {
  use_key(target);
  Map& map = *target.map;
  target.type = map.value;
  if (type->is_error()) {
    if (!map.value) map.value = type;
    return;
  }
  if (map.value) return assign_map(map, &source, type, source.span);
  map.copied_at = source.span;
  map.copied_from = source.map;
}

// `x++`: the target becomes 64 bits wide, `--` makes it signed.
const Type* Checker::check_change(IncDec& node) {
  const Type* before = check(node.target);
  if (before && before->is_error()) return before;
  if (before && before->is(TypeKind::pointer)) {
    if (before->element) return before;
    diag.error(DiagId::bad_operand, node.span,
               "a `void *` cannot be {}: the size of what it points to is not known",
               node.increment ? "incremented" : "decremented");
    return types().error();
  }
  if (before && !before->is_integer()) {
    diag.error(DiagId::bad_operand, node.span, "only integers and pointers can be {}, found '{}'",
               node.increment ? "incremented" : "decremented", type_name(before));
    return types().error();
  }
  const bool is_signed = !before || before->is_signed || !node.increment;
  const Type* result = types().integer(8, is_signed);
  if (auto* ref = as<MapRef>(node.target)) {
    assign_map(*ref->map, nullptr, result, node.span);
    return result;
  }
  Variable& variable = *as<VariableRef>(node.target)->variable;
  if (variable.fixed_type) return variable.fixed_type;
  assign_variable(variable, nullptr, result, node.span);
  return result;
}

void Checker::assign_variable(Variable& variable, const Expr* value, const Type* type,
                              diag::Span span) {
  if (type->is_error() || (value && !can_be_stored(type, value->span))) {
    if (!variable.type) variable.type = types().error();
    return;
  }
  const Type* fixed = variable.fixed_type;
  if (variable.declaration_waits || (fixed && fixed->is_error())) return;
  const Type* common = variable.type ? types().promote(variable.type, type) : type;
  const bool fits = common && (!fixed || fits_declared(value, type, fixed));
  if (!fits && is_result(variable)) {
    diag.error(DiagId::bad_return, span,
               "the result of the function is '{}', and this returns a value of type '{}'",
               type_name(variable.type), type_name(type))
        .label(variable.declared_at, "the type of its result")
        .hint("return a value of this type, or change the type");
    return;
  }
  if (!fits) {
    auto report = diag.error(DiagId::type_mismatch, span,
                             "`${}` is '{}', and a value of type '{}' is assigned to it",
                             variable.name, type_name(variable.type), type_name(type));
    if (variable.typed_at.known() && variable.typed_at != span)
      report.label(variable.typed_at, "`${}` got its type here", variable.name);
    report.hint("a variable has one type: use another name");
    return;
  }
  // A literal was measured above, and widens what has no declared type.
  const Type* to = fixed ? fixed : common;
  if (!(value && as<IntegerLiteral>(value))) warn_of_cast(span_of(value, span), type, to);
  if (fixed || common == variable.type) return;
  if (variable.locked_at.known() && variable.type)
    return report_locked("$" + variable.name, variable.type, common, span, variable.locked_at);
  if (!variable.type) variable.typed_at = span;
  variable.type = common;
  changed = true;
}

void Checker::report_locked(const std::string& name, const Type* type, const Type* wider,
                            diag::Span span, diag::Span locked_at) {
  diag.error(DiagId::type_locked, span, "`{}` would have to become '{}', but stays '{}'", name,
             type_name(wider), type_name(type))
      .label(locked_at, "its type was asked for here, and code depends on the answer")
      .hint("give `{}` that type from the start: `({})…`", name, type_name(wider));
}

void Checker::assign_map(Map& map, const Expr* value, const Type* type, diag::Span span) {
  if (type->is_error() || (value && !can_be_stored(type, value->span))) {
    if (!map.value) map.value = types().error();
    return;
  }
  if (map.keyed && is_empty(type)) {
    diag.error(DiagId::type_mismatch, span, "'{}' has no bytes: a map with keys cannot hold it",
               type_name(type))
        .hint("a number tells which keys there are: `{}[…] = 1`", map.name);
    if (!map.value) map.value = types().error();
    return;
  }
  type = types().without_context(type);
  const Type* common = map.value ? types().promote(map.value, type) : type;
  if (!common && map.value->kind == type->kind && type->is_aggregation()) {
    report_other_aggregation(map, type, span);
    return;
  }
  if (!common) {
    auto report = diag.error(DiagId::type_mismatch, span,
                             "`{}` holds '{}', and a value of type '{}' is assigned to it",
                             map.name, type_name(map.value), type_name(type));
    if (map.typed_at.known() && map.typed_at != span)
      report.label(map.typed_at, "`{}` got its type here", map.name);
    report.hint("all values of a map have one type: use another map");
    return;
  }
  if (!(value && as<IntegerLiteral>(value))) warn_of_cast(span_of(value, span), type, common);
  if (common == map.value) return;
  if (map.locked_at.known() && map.value)
    return report_locked(map.name, map.value, common, span, map.locked_at);
  if (!map.value) map.typed_at = span;
  map.value = common;
  changed = true;
}

void Checker::use_key(MapRef& ref) {
  Map& map = *ref.map;
  const Type* key = ref.key ? check_value(ref.key) : nullptr;
  const bool keyed = ref.key != nullptr;
  if (map.shape_known && map.keyed != keyed) {
    diag.error(DiagId::map_shape, ref.span, "`{}` is used {} a key here, and {} one before",
               map.name, keyed ? "with" : "without", keyed ? "without" : "with")
        .label(map.shaped_at, "`{}` has {} key here", map.name, keyed ? "no" : "a")
        .hint("a map either has keys or is a single value: use another name");
    return;
  }
  if (!map.shape_known) map.shaped_at = ref.span;
  map.shape_known = true;
  map.keyed = keyed;
  if (!key || key->is_error() || !can_be_stored(key, ref.key->span)) return;
  if (types().without_context(key) != key) {
    diag.error(DiagId::context_escapes, ref.key->span,
               "the context of a probe cannot be part of a key: it means nothing outside")
        .hint("its address is a number: `(uint64)ctx`");
    return;
  }
  if (is_empty(key)) {
    diag.error(DiagId::key_mismatch, ref.key->span, "'{}' has no bytes: it cannot be a key",
               type_name(key))
        .hint("a map with one value needs no key: `{}`", map.name);
    return;
  }
  const Type* common = map.key ? types().promote(map.key, key) : key;
  if (!common) {
    diag.error(DiagId::key_mismatch, ref.span, "the key of `{}` is '{}', found '{}'", map.name,
               type_name(map.key), type_name(key))
        .label(map.keyed_at, "the key got its type here")
        .hint("all keys of a map have one type: use another map");
    return;
  }
  if (!as<IntegerLiteral>(ref.key)) warn_of_cast(ref.key->span, key, common);
  if (common == map.key) return;
  if (map.locked_at.known() && map.key)
    return report_locked(map.name + "[]", map.key, common, ref.span, map.locked_at);
  if (!map.key) map.keyed_at = ref.key->span;
  map.key = common;
  changed = true;
}

}  // namespace sonde::sema
