// SPDX-License-Identifier: Apache-2.0
#include "base/demangle.h"

#include <cxxabi.h>

#include <cctype>
#include <cstdlib>
#include <memory>

namespace sonde {

std::string demangle(const std::string& symbol) {
  // The same function would take `i` for the name of a type: int.
  if (!symbol.starts_with("_Z")) return symbol;
  struct Free {
    void operator()(char* text) const { std::free(text); }
  };
  int status = 0;
  const std::unique_ptr<char, Free> text(
      abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status));
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
