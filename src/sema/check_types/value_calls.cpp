// SPDX-License-Identifier: Apache-2.0
// Calls that make symbols, names, addresses and times.
#include <arpa/inet.h>

#include <array>

#include "sema/check_types/argument_kinds.h"
#include "sema/check_types/checker.h"

namespace sonde::sema {

using namespace ast;
using diag::DiagId;
using lang::Builtin;

namespace {

constexpr std::uint32_t ipv4_bytes = 4, ipv6_bytes = 16, mac_bytes = 6;

const Type* symbol_type(Checker& c, const Call& call, TypeKind kind) {
  const Type* type = check_kind(c, call, call.args[0], "address",
                                {TypeKind::integer, TypeKind::pointer}, "an integer or a pointer");
  return type && type->is_error() ? type : c.types().small(kind);
}

const Type* ntop_type(Checker& c, const Call& call) {
  const Type* result = c.types().small(TypeKind::inet);
  if (call.args.size() == 2) {
    const Type* family =
        check_kind(c, call, call.args[0], "family", {TypeKind::integer}, "an integer");
    if (family && family->is_error()) result = family;
  }
  Expr* address = call.args.back();
  const Type* type = check_kind(c, call, address, "address",
                                {TypeKind::integer, TypeKind::array, TypeKind::string},
                                "an integer or an array of 4 or 16 bytes");
  if (!type) return result;
  if (type->is_error()) return type;
  if (type->is_integer() || type->size_bytes == ipv4_bytes || type->size_bytes == ipv6_bytes)
    return result;
  c.diag
      .error(DiagId::argument_type, address->span,
             "an internet address has 4 or 16 bytes, and '{}' has {}", type_name(type),
             type->size_bytes)
      .hint("text becomes an address by `pton(\"127.0.0.1\")`");
  return c.types().error();
}

const Type* pton_type(Checker& c, const Call& call) {
  const auto* text = as<StringLiteral>(call.args[0]);
  if (!text) return c.types().error();
  std::array<unsigned char, ipv6_bytes> bytes{};
  const Type* byte = c.types().integer(1, false);
  if (::inet_pton(AF_INET, text->value.c_str(), bytes.data()) == 1)
    return c.types().array(byte, ipv4_bytes);
  if (::inet_pton(AF_INET6, text->value.c_str(), bytes.data()) == 1)
    return c.types().array(byte, ipv6_bytes);
  c.diag
      .error(DiagId::argument_type, text->span,
             "pton() takes an address of IPv4 or IPv6, and `{}` is neither", text->value)
      .hint("`\"127.0.0.1\"` or `\"::1\"`");
  return c.types().error();
}

const Type* macaddr_type(Checker& c, const Call& call) {
  Expr* address = call.args[0];
  const Type* type =
      check_kind(c, call, address, "address",
                 {TypeKind::array, TypeKind::string, TypeKind::pointer}, "6 bytes or a pointer");
  if (!type) return c.types().small(TypeKind::mac);
  if (type->is_error()) return type;
  const bool is_long = type->is(TypeKind::pointer) || type->size_bytes >= mac_bytes;
  if (is_long && !as<StringLiteral>(address)) return c.types().small(TypeKind::mac);
  auto report =
      c.diag.error(DiagId::argument_type, address->span,
                   "a hardware address has 6 bytes, which '{}' does not hold", type_name(type));
  if (as<StringLiteral>(address)) report.hint("macaddr() takes bytes, not the text of an address");
  return c.types().error();
}

const Type* kaddr_type(Checker& c, const Call& call) {
  const auto* symbol = as<StringLiteral>(call.args[0]);
  if (!symbol) return c.types().error();
  if (c.script.target.has_kernel_symbol(symbol->value))
    return c.types().in_space(c.types().uint64(), lang::AddressSpace::kernel);
  c.diag.error(DiagId::unknown_symbol, symbol->span, "the kernel has no symbol `{}`", symbol->value)
      .hint("/proc/kallsyms lists them");
  return c.types().error();
}

// A pointer to an integer that is as large as the symbol.
const Type* uaddr_type(Checker& c, const Call& call) {
  constexpr std::uint32_t usual_bytes = 8;
  const auto* name = as<StringLiteral>(call.args[0]);
  if (!name) return c.types().error();
  const auto symbol = c.script.target.user_symbol(c.probe->place().target, name->value);
  if (!symbol) {
    c.diag.error(DiagId::unknown_symbol, name->span, "{} has no symbol `{}`",
                 c.probe->place().target, name->value);
    return c.types().error();
  }
  const std::uint64_t size = symbol->size_bytes;
  const bool is_integer = size == 1 || size == 2 || size == 4 || size == 8;
  const auto bytes = is_integer ? static_cast<std::uint32_t>(size) : usual_bytes;
  return c.types().pointer(c.types().integer(bytes, false), lang::AddressSpace::user);
}

const Type* cgroupid_type(Checker& c, const Call& call) {
  const auto* path = as<StringLiteral>(call.args[0]);
  if (!path) return c.types().error();
  if (c.script.target.cgroup_id(path->value)) return c.types().uint64();
  c.diag.error(DiagId::no_such_file, path->span, "there is no cgroup `{}`", path->value)
      .hint("cgroups are folders below /sys/fs/cgroup");
  return c.types().error();
}

// The clock of nsecs(). A time of the clock `boot` is a plain number.
const Type* nsecs_type(Checker& c, const Call& call) {
  if (call.args.empty()) return c.types().uint64();
  const auto of_clock = [&](image::Clock clock) {
    return c.types().intern({.kind = TypeKind::integer, .size_bytes = 8, .clock = clock});
  };
  const auto* word = as<Identifier>(call.args[0]);
  const std::string_view name = word ? std::string_view(word->name) : "";
  if (name == "monotonic") return of_clock(image::Clock::monotonic);
  if (name == "tai" || name == "sw_tai") return of_clock(image::Clock::tai);
  const Type* type = word ? nullptr : c.check(call.args[0]);
  if (type && type->is_error()) return type;
  if (word)
    c.diag.error(DiagId::argument_type, word->span, "there is no clock `{}`", word->name)
        .hint("clocks are `boot`, `monotonic`, `tai` and `sw_tai`");
  else
    c.diag
        .error(DiagId::argument_type, call.args[0]->span, "nsecs() takes a clock, which is a word")
        .hint("clocks are `boot`, `monotonic`, `tai` and `sw_tai`");
  return c.types().error();
}

const Type* strftime_type(Checker& c, const Call& call, bool complete) {
  const Type* result = c.types().small(TypeKind::timestamp);
  if (!complete) return result;
  const Expr* time = call.args[1];
  const auto* literal = as<IntegerLiteral>(time);
  if (literal && literal->negative) {
    c.diag.error(DiagId::argument_type, time->span, "a time cannot be negative")
        .hint("it counts nanoseconds since the machine was started, as `nsecs` does");
    return c.types().error();
  }
  if (time->type->clock != image::Clock::monotonic) return result;
  c.diag
      .error(DiagId::argument_type, time->span,
             "the clock `monotonic` stands still while the machine sleeps, so it tells no time of "
             "day")
      .hint("`nsecs` or `nsecs(tai)`");
  return c.types().error();
}

}  // namespace

const Type* Checker::check_value_call(Call& call, const lang::Signature& signature, bool complete) {
  if (call.args.size() < signature.required() || call.args.size() > signature.params.size())
    return types().error();
  switch (*call.builtin) {
    case Builtin::ksym: return symbol_type(*this, call, TypeKind::ksym);
    case Builtin::usym: return symbol_type(*this, call, TypeKind::usym);
    case Builtin::ntop: return ntop_type(*this, call);
    case Builtin::pton: return pton_type(*this, call);
    case Builtin::macaddr: return macaddr_type(*this, call);
    case Builtin::kaddr: return kaddr_type(*this, call);
    case Builtin::uaddr: return uaddr_type(*this, call);
    case Builtin::cgroupid: return cgroupid_type(*this, call);
    case Builtin::cgroup_path: return types().small(TypeKind::cgroup_path);
    case Builtin::username: return types().small(TypeKind::username);
    case Builtin::strftime: return strftime_type(*this, call, complete);
    default: return nsecs_type(*this, call);
  }
}

}  // namespace sonde::sema
