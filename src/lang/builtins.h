// SPDX-License-Identifier: Apache-2.0
// The table of builtin variables and functions. A row is in builtins.def.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "lang/ids.h"
#include "lang/probe_kinds.h"

namespace sonde::lang {

// Where the work is done.
enum class Runs : std::uint8_t {
  in_probe,   // a value computed in the kernel program
  in_reader,  // a record is sent; the reader acts in order of arrival
  in_sema,    // folded at compile time
};

struct BuiltinRow {
  std::string_view name;
  // `RESULT name(PARAM, …)`: the type and count of arguments. A PARAM is `[const] TYPE name`,
  // in `[ ]` when it may be absent; `...` takes any number of any. TYPE: int, string, pointer,
  // address (an integer, pointer or string), map, any. `const`: must fold to a literal.
  std::string_view signature;
  Runs runs = Runs::in_probe;
  bool bare = false;         // may be written without parentheses
  bool aggregation = false;  // `@x = f(…)` only
  bool ends_probe = false;   // the rest of the body does not run
  bool unsafe = false;       // changes the traced system: needs --unsafe
  ProbeSet probes = every_probe;
  std::string_view summary;
  std::string_view example;
};

const BuiltinRow& row(Builtin builtin);
std::span<const BuiltinRow> builtins();

struct FoundBuiltin {
  Builtin builtin;
  unsigned argument = 0;  // N of `argN`
};
// `argN` is found for every N. Null when there is none of that name.
bool find_builtin(std::string_view name, FoundBuiltin& found);

// How it is called: the signature without its result.
std::string_view usage(Builtin builtin);

// The names of all builtins, for suggestions.
std::vector<std::string_view> builtin_names();

enum class ParamType : std::uint8_t { integer, string, pointer, address, map, any };

struct Param {
  ParamType type = ParamType::any;
  bool literal = false;
  bool optional = false;
  std::string_view name;
};

// A signature taken apart. `result` is the word before the name.
struct Signature {
  std::string_view result;
  std::vector<Param> params;
  bool variadic = false;
  std::size_t required() const;
};
Signature parse_signature(std::string_view text);

}  // namespace sonde::lang
