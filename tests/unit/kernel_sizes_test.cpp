// SPDX-License-Identifier: Apache-2.0
#include "target/kernel_sizes.h"

#include <gtest/gtest.h>

namespace sonde::target {
namespace {

constexpr std::string_view symbols =
    "ffffffff81000000 T _text\n"
    "ffffffff81000010 t first\n"
    "ffffffff81000018 d data\n"
    "ffffffff81000030 T second\n"
    "ffffffff81000030 T alias\n"
    "ffffffff81000070 t first\n"
    "ffffffff81000078 T last\n"
    "ffffffffc0000000 t of_module\t[module]\n"
    "ffffffffc0000008 t end\t[module]\n";

TEST(KernelSizes, EndsAtTheNextSymbolOfCode) {
  EXPECT_EQ(size_in_kallsyms(symbols, "second"), 0x40U);
  EXPECT_EQ(size_in_kallsyms(symbols, "alias"), 0x40U);
  EXPECT_EQ(size_in_kallsyms(symbols, "of_module"), 8U);
}

TEST(KernelSizes, OfSeveralTheLongest) { EXPECT_EQ(size_in_kallsyms(symbols, "first"), 0x20U); }

TEST(KernelSizes, IsUnknownForWhatHasNoEndOrNoAddress) {
  EXPECT_EQ(size_in_kallsyms(symbols, "end"), std::nullopt);
  EXPECT_EQ(size_in_kallsyms(symbols, "data"), std::nullopt);
  EXPECT_EQ(size_in_kallsyms("0000000000000000 T a\n0000000000000000 T b\n", "a"), std::nullopt);
  EXPECT_EQ(size_in_kallsyms("garbage\n\n12", "a"), std::nullopt);
}

}  // namespace
}  // namespace sonde::target
