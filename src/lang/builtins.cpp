// SPDX-License-Identifier: Apache-2.0
#include "lang/builtins.h"

#include <algorithm>

#include "base/assert.h"
#include "base/text.h"

namespace sonde::lang {

namespace {

// A name that is a word of C++ carries an underscore in the table.
constexpr std::string_view script_name(std::string_view enumerator) {
  if (enumerator.ends_with('_')) enumerator.remove_suffix(1);
  return enumerator;
}

constexpr BuiltinRow rows[] = {
#define BUILTIN(NAME, ...) BuiltinRow{.name = script_name(#NAME), __VA_ARGS__},
#include "lang/builtins.def"
#undef BUILTIN
};

ParamType param_type(std::string_view word) {
  struct Word {
    std::string_view word;
    ParamType type;
  };
  static constexpr Word words[] = {
      {"int", ParamType::integer},     {"string", ParamType::string},
      {"pointer", ParamType::pointer}, {"address", ParamType::address},
      {"map", ParamType::map},         {"any", ParamType::any},
      {"mode", ParamType::any},
  };
  for (const Word& w : words)
    if (w.word == word) return w.type;
  SONDE_UNREACHABLE("a signature in builtins.def names an unknown parameter type");
}

Param parse_param(std::string_view text) {
  Param param;
  if (text.starts_with('[')) {
    param.optional = true;
    text = text.substr(1, text.size() - 2);
  }
  if (text.starts_with("const ")) {
    param.literal = true;
    text.remove_prefix(6);
  }
  const std::size_t blank = text.find(' ');
  SONDE_ASSERT(blank != std::string_view::npos, "a parameter in builtins.def has no name");
  param.type = param_type(text.substr(0, blank));
  param.name = text.substr(blank + 1);
  return param;
}

}  // namespace

const BuiltinRow& row(Builtin builtin) { return rows[static_cast<std::size_t>(builtin)]; }

std::span<const BuiltinRow> builtins() { return rows; }

bool find_builtin(std::string_view name, FoundBuiltin& found) {
  if (name.starts_with("arg") && name.size() > 3 &&
      name.find_first_not_of("0123456789", 3) == std::string_view::npos) {
    const auto number = parse_u64(name == "arg0" ? "0" : name.substr(3));
    if (!number || *number > 1000) return false;
    found = {Builtin::argN, static_cast<unsigned>(*number)};
    return true;
  }
  if (name == row(Builtin::argN).name) return false;
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    if (rows[i].name == name) {
      found = {static_cast<Builtin>(i), 0};
      return true;
    }
  }
  return false;
}

std::string_view usage(Builtin builtin) {
  const std::string_view signature = row(builtin).signature;
  return signature.substr(signature.find(' ') + 1);
}

std::vector<std::string_view> builtin_names() {
  std::vector<std::string_view> names;
  for (const BuiltinRow& r : rows) names.push_back(r.name == "argN" ? "arg0" : r.name);
  return names;
}

std::size_t Signature::required() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(params, [](const Param& p) { return !p.optional; }));
}

Signature parse_signature(std::string_view text) {
  Signature signature;
  signature.result = text.substr(0, text.find(' '));
  const std::size_t open = text.find('(');
  SONDE_ASSERT(open != std::string_view::npos && text.ends_with(')'),
               "a signature in builtins.def has no parameter list");
  const std::string_view list = text.substr(open + 1, text.size() - open - 2);
  if (list.empty()) return signature;
  for (const std::string_view part : split(list, ',')) {
    if (trim(part) == "...")
      signature.variadic = true;
    else
      signature.params.push_back(parse_param(trim(part)));
  }
  return signature;
}

}  // namespace sonde::lang
