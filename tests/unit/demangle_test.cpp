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
