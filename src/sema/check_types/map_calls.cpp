// SPDX-License-Identifier: Apache-2.0
// Calls that look into a map: delete, has_key, find, len. A key among the arguments is a use of
// the map like `@x[key]`.
#include "image/layout.h"
#include "sema/check_types/checker.h"

namespace sonde::sema {

using namespace ast;
using diag::DiagId;
using lang::Builtin;

namespace {

// The whole map that the first argument names; null when it is none, which was reported.
MapRef* map_of(const Call& call) {
  auto* ref = call.args.empty() ? nullptr : as<MapRef>(call.args[0]);
  return ref && !ref->key ? ref : nullptr;
}

void use_with_key(Checker& c, const MapRef& ref, Expr* key) {
  MapRef use = ref;
  use.key = key;
  c.use_key(use);
}

// Reports a map without keys for what looks for one.
bool expect_keys(Checker& c, const Call& call, const MapRef& ref) {
  const Map& map = *ref.map;
  if (!map.shape_known || map.keyed) return true;
  c.diag
      .error(DiagId::map_shape, call.span, "{}() wants a map with keys, but `{}` has none",
             call.name, map.name)
      .label(map.shaped_at, "`{}` has no key here", map.name)
      .hint("its one value is `{}`", map.name);
  return false;
}

// Reports a long series, the points of which are entries of their own.
bool expect_whole_values(Checker& c, const Call& call, const MapRef& ref) {
  const Type* value = ref.map->value;
  if (!value || !value->is(TypeKind::tseries)) return true;
  const std::uint32_t longest = image::longest_whole_series(value->reduction);
  if (value->series_points <= longest) return true;
  c.diag
      .error(DiagId::map_shape, call.span,
             "{}() cannot find the values of `{}`: a tseries() of {} intervals is kept as single "
             "points",
             call.name, ref.name, value->series_points)
      .label(ref.map->typed_at, "`{}` got its intervals here", ref.name)
      .hint("`clear({})` removes all; a series of at most {} intervals is kept as a whole",
            ref.name, longest);
  return false;
}

const Type* check_delete(Checker& c, const Call& call, const MapRef& ref) {
  const Map& map = *ref.map;
  if (call.args.size() == 2) {
    use_with_key(c, ref, call.args[1]);
  } else if (map.shape_known && map.keyed) {
    c.diag
        .error(DiagId::map_shape, call.span, "delete() without a key, but `{}` has keys", ref.name)
        .label(map.shaped_at, "`{}` has a key here", ref.name)
        .hint("name the key: `delete({0}, …)`, or remove all: `clear({0})`", ref.name);
    return c.types().error();
  } else {
    use_with_key(c, ref, nullptr);
    // It has a slot on every CPU.
    if (map.value && map.value->is_aggregation() &&
        !c.need(target::Feature::percpu_lookup, call.span,
                "delete() of an aggregation without a key"))
      return c.types().error();
  }
  return c.types().boolean();
}

const Type* check_has_key(Checker& c, const Call& call, const MapRef& ref) {
  if (!expect_keys(c, call, ref)) return c.types().error();
  use_with_key(c, ref, call.args[1]);
  return c.types().boolean();
}

// `find(@m, key, $v)` is `$v = @m[key]` where there is such a key.
const Type* check_find(Checker& c, const Call& call, const MapRef& ref) {
  auto* to = as<VariableRef>(call.args[2]);
  if (!to) {
    c.check(call.args[2]);
    c.diag
        .error(DiagId::argument_type, call.args[2]->span,
               "find() assigns to a variable, and this is none")
        .hint("declare one before: `let $v;`, then `find({}, …, $v)`", ref.name);
    return c.types().error();
  }
  to->type = to->variable->type;
  if (!expect_keys(c, call, ref)) return c.types().error();
  MapRef use = ref;
  use.key = call.args[1];
  const Type* value = c.check_map_value(use);
  if (!value) return c.types().boolean();
  if (value->is_error()) {
    if (!to->variable->type) to->variable->type = value;
    return value;
  }
  c.assign_variable(*to->variable, nullptr, value, to->span);
  to->type = to->variable->type;
  return c.types().boolean();
}

// Of a map, or of a stack where it is taken.
const Type* check_len(Checker& c, const Call& call) {
  Expr* of = call.args[0];
  if (const MapRef* ref = map_of(call)) {
    if (!expect_keys(c, call, *ref) || !expect_whole_values(c, call, *ref))
      return c.types().error();
    if (!c.need(target::Feature::for_each_map_elem, call.span, "counting the entries of a map"))
      return c.types().error();
    return c.types().int64();
  }
  const Type* type = c.check(of);
  if (!type || type->is_error()) return type;
  const bool is_stack = type->is(TypeKind::kstack) || type->is(TypeKind::ustack);
  if (is_stack && as<Call>(of)) return c.types().int64();
  auto report = c.diag.error(DiagId::argument_type, of->span,
                             "len() counts the entries of a map or the frames of a stack, found "
                             "'{}'",
                             type_name(type));
  if (is_stack)
    report.hint("frames are counted where the stack is taken: `len({})`",
                type->is(TypeKind::kstack) ? "kstack" : "ustack");
  else if (type->is(TypeKind::string))
    report.hint("`strlen(…)` counts the bytes of a string");
  return c.types().error();
}

}  // namespace

const Type* Checker::check_map_call(Call& call) {
  const lang::Signature signature = lang::parse_signature(lang::row(*call.builtin).signature);
  const bool complete =
      call.args.size() >= signature.required() && call.args.size() <= signature.params.size();
  if (!complete) return types().error();  // was reported
  if (call.builtin == Builtin::len) return check_len(*this, call);
  const MapRef* ref = map_of(call);
  if (!ref) {  // was reported
    for (std::size_t i = 1; i < call.args.size(); ++i) check(call.args[i]);
    return types().error();
  }
  if (!expect_whole_values(*this, call, *ref)) return types().error();
  switch (*call.builtin) {
    case Builtin::delete_: return check_delete(*this, call, *ref);
    case Builtin::has_key: return check_has_key(*this, call, *ref);
    default: return check_find(*this, call, *ref);
  }
}

}  // namespace sonde::sema
