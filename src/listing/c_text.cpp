// SPDX-License-Identifier: Apache-2.0
#include "listing/c_text.h"

namespace sonde::listing {

using target::Btf;
using target::BtfEnumerator;
using target::BtfId;
using target::BtfKind;
using target::BtfMember;
using target::BtfParam;
using target::BtfType;

namespace {

// Damaged BTF may lead in circles; real declarations are a handful deep.
constexpr int depth_limit = 32;

std::string_view qualifier(BtfKind kind) {
  switch (kind) {
    case BtfKind::const_: return "const";
    case BtfKind::volatile_: return "volatile";
    case BtfKind::restrict_: return "restrict";
    default: return "";
  }
}

class Declaration {
 public:
  Declaration(const Btf& btf, std::string_view indent) : btf_(btf), indent_(indent) {}

  // `inner` is what the type is wrapped around: the name, with the stars and brackets so far.
  std::string wrap(BtfId id, std::string inner, int depth = 0) const {
    const BtfType type = btf_.type(id);
    if (depth > depth_limit) return "?" + behind("", inner);
    switch (type.kind) {
      case BtfKind::pointer: return wrap(type.type, pointer(type.type, inner), depth + 1);
      case BtfKind::array:
        return wrap(type.type, inner + "[" + std::to_string(type.count) + "]", depth + 1);
      case BtfKind::func_proto: return wrap(type.type, inner + params(id, depth), depth + 1);
      case BtfKind::const_:
      case BtfKind::volatile_:
      case BtfKind::restrict_: return qualified(type, std::move(inner), depth);
      case BtfKind::type_tag: return wrap(type.type, std::move(inner), depth + 1);
      default: return behind(base(id, type), inner);
    }
  }

 private:
  // A blank only where one is missing.
  static std::string behind(std::string text, std::string_view inner) {
    const bool touches = inner.empty() || inner[0] == ' ' || inner[0] == '[';
    return text.append(touches ? "" : " ").append(inner);
  }

  // Arrays and functions bind more tightly than a star.
  std::string pointer(BtfId to, const std::string& inner) const {
    const BtfKind kind = btf_.type(to).kind;
    if (kind == BtfKind::array || kind == BtfKind::func_proto) return "(*" + inner + ")";
    // Where the name stands apart, it does so from the last star.
    if (inner.starts_with(" *")) return " *" + inner.substr(1);
    return (inner.starts_with(' ') ? " *" : "*") + inner;
  }

  // What qualifies a pointer stands behind its star, everything else before the type.
  std::string qualified(const BtfType& type, std::string inner, int depth) const {
    const std::string word(qualifier(type.kind));
    if (btf_.type(type.type).kind == BtfKind::pointer)
      return wrap(type.type, behind(word, inner), depth + 1);
    return word + " " + wrap(type.type, std::move(inner), depth + 1);
  }

  std::string params(BtfId prototype, int depth) const {
    std::string text;
    const auto all = btf_.params(prototype);
    for (const BtfParam& param : all) {
      if (!text.empty()) text += ", ";
      const bool is_rest = param.type == 0 && param.name.empty() && &param == &all.back();
      text += is_rest ? "..." : wrap(param.type, std::string(param.name), depth + 1);
    }
    return "(" + (text.empty() ? "void" : text) + ")";
  }

  std::string base(BtfId id, const BtfType& type) const {
    const std::string name(type.name);
    switch (type.kind) {
      case BtfKind::void_: return "void";
      case BtfKind::struct_: return name.empty() ? define(btf_, id, indent_) : "struct " + name;
      case BtfKind::union_: return name.empty() ? define(btf_, id, indent_) : "union " + name;
      case BtfKind::enum_:
      case BtfKind::enum64: return name.empty() ? define(btf_, id, indent_) : "enum " + name;
      case BtfKind::fwd: return "struct " + name;
      default: return name;
    }
  }

  const Btf& btf_;
  std::string_view indent_;
};

std::string enumerators(const Btf& btf, BtfId id, bool is_signed, const std::string& indent) {
  std::string text;
  for (const BtfEnumerator& each : btf.enumerators(id)) {
    text.append(indent).append(each.name).append(" = ");
    text += is_signed ? std::to_string(static_cast<std::int64_t>(each.value))
                      : std::to_string(each.value);
    text += ",\n";
  }
  return text;
}

}  // namespace

std::string declare(const Btf& btf, BtfId type, std::string_view name, std::string_view indent) {
  return Declaration(btf, indent).wrap(type, std::string(name));
}

std::string argument(const Btf& btf, BtfId type, std::string_view name) {
  return Declaration(btf, "    ").wrap(type, name.empty() ? "" : " " + std::string(name));
}

std::string define(const Btf& btf, BtfId id, std::string_view indent) {
  const BtfType type = btf.type(id);
  const bool is_enum = type.kind == BtfKind::enum_ || type.kind == BtfKind::enum64;
  if (indent.size() > depth_limit) return "struct { … }";
  std::string text = is_enum ? "enum" : type.kind == BtfKind::union_ ? "union" : "struct";
  if (!type.name.empty()) text.append(" ").append(type.name);
  text += " {\n";
  const std::string inside = std::string(indent) + "\t";
  if (is_enum) {
    text += enumerators(btf, id, type.is_signed, inside);
  } else {
    for (const BtfMember& member : btf.members(id)) {
      text += inside + declare(btf, member.type, member.name, inside);
      if (member.bit_size != 0) text += ": " + std::to_string(member.bit_size);
      text += ";\n";
    }
  }
  return text.append(indent).append("}");
}

}  // namespace sonde::listing
