// SPDX-License-Identifier: Apache-2.0
// Names of C++ and Rust as they stand in the source.
#pragma once

#include <string>
#include <string_view>

namespace sonde {

// `ns::f(int)` of `_ZN2ns1fEi`, `ns::f` of `_RNvCs1234_2ns1f` and of
// `_ZN2ns1f17h0123456789abcdefE`; a name of another language as it is.
std::string demangle(const std::string& symbol);

// `ns::f` of `ns::f(int)`: without parameters and what stands behind them.
std::string_view without_parameters(std::string_view demangled);

}  // namespace sonde
