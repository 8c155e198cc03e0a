// SPDX-License-Identifier: Apache-2.0
#include "base/demangle.h"

#include <cxxabi.h>
#include <libiberty/demangle.h>

#include <cctype>
#include <cstdlib>
#include <memory>

namespace sonde {

namespace {

struct Free {
  void operator()(char* text) const { std::free(text); }
};
using Text = std::unique_ptr<char, Free>;

}  // namespace

std::string demangle(const std::string& symbol) {
  // Other names the functions below would take for those of types: `i` for int.
  const bool may_be_cpp = symbol.starts_with("_Z");
  if (!may_be_cpp && !symbol.starts_with("_R")) return symbol;
  // First, as older names of Rust are also good ones of C++, with a hash and escapes in them.
  constexpr int no_options = 0;
  if (const Text text(::rust_demangle(symbol.c_str(), no_options)); text) return text.get();
  if (!may_be_cpp) return symbol;
  int status = 0;
  const Text text(abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status));
  return status == 0 && text ? text.get() : symbol;
}

namespace {

bool is_word(char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)); }

}  // namespace

// The first parenthesis outside of template arguments, but not the one of `operator()` or
// `(anonymous namespace)`.
std::string_view without_parameters(std::string_view demangled) {
  constexpr std::string_view call = "operator()", anonymous = "(anonymous namespace)";
  int depth = 0;
  for (std::size_t i = 0; i < demangled.size(); ++i) {
    const std::string_view rest = demangled.substr(i);
    if (rest.starts_with(call)) {
      i += call.size() - 1;
    } else if (rest.starts_with("operator") && (i == 0 || !is_word(demangled[i - 1]))) {
      // Of `operator<` and its kin no bracket opens anything.
      i = demangled.find_first_not_of("<>=-", i + std::string_view("operator").size());
      if (i == std::string_view::npos) return demangled;
      --i;
    } else if (rest.starts_with(anonymous)) {
      i += anonymous.size() - 1;
    } else if (rest[0] == '<') {
      ++depth;
    } else if (rest[0] == '>') {
      --depth;
    } else if (rest[0] == '(' && depth == 0) {
      return demangled.substr(0, i);
    }
  }
  return demangled;
}

}  // namespace sonde
