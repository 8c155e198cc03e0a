// SPDX-License-Identifier: Apache-2.0
#include "base/demangle.h"

#include <gtest/gtest.h>

namespace sonde {
namespace {

TEST(Demangle, NamesOfCppOnly) {
  EXPECT_EQ(demangle("_ZN2ns1fEi"), "ns::f(int)");
  EXPECT_EQ(demangle("i"), "i");
  EXPECT_EQ(demangle("_Zzz"), "_Zzz");
  EXPECT_EQ(demangle("vfs_read"), "vfs_read");
  EXPECT_EQ(demangle(""), "");
}

TEST(Demangle, NamesOfRust) {
  EXPECT_EQ(demangle("_RNvCs15kBYyAo9fc_7mycrate7example"), "mycrate::example");
  EXPECT_EQ(demangle("_ZN4core3fmt9Formatter3pad17h0123456789abcdefE"),
            "core::fmt::Formatter::pad");
  EXPECT_EQ(demangle("_ZN40_$LT$T$u20$as$u20$my..Trait$LT$U$GT$$GT$3run17h0123456789abcdefE"),
            "<T as my::Trait<U>>::run");
  EXPECT_EQ(demangle("_Rest"), "_Rest");
}

TEST(Demangle, ParametersAreCutOff) {
  EXPECT_EQ(without_parameters("ns::f(int)"), "ns::f");
  EXPECT_EQ(without_parameters("ns::f(int, void (*)(int)) const"), "ns::f");
  EXPECT_EQ(without_parameters("main"), "main");
  EXPECT_EQ(without_parameters("A::operator()(int) const"), "A::operator()");
  EXPECT_EQ(without_parameters("operator<(A, B)"), "operator<");
  EXPECT_EQ(without_parameters("A::operator->(int)"), "A::operator->");
  EXPECT_EQ(without_parameters("my_operator<int>(int)"), "my_operator<int>");
  EXPECT_EQ(without_parameters("(anonymous namespace)::f(int)"), "(anonymous namespace)::f");
  EXPECT_EQ(without_parameters("f<void (*)(int)>(int)"), "f<void (*)(int)>");
}

}  // namespace
}  // namespace sonde
