// SPDX-License-Identifier: Apache-2.0
// Names of C++ as they stand in the source.
#pragma once

#include <string>
#include <string_view>

namespace sonde {

// `ns::f(int)` of `_ZN2ns1fEi`; a name that is none of C++ as it is.
std::string demangle(const std::string& symbol);

// `ns::f` of `ns::f(int)`: without parameters and what stands behind them.
std::string_view without_parameters(std::string_view demangled);

}  // namespace sonde
