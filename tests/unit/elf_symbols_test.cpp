// SPDX-License-Identifier: Apache-2.0
// Uses the test program itself as the ELF file.
#include "base/elf_symbols.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <set>
#include <string>

#include "base/file.h"

extern "C" [[gnu::noinline, gnu::used]] int sonde_elf_symbols_test_function(int a) {
  asm volatile("" : "+r"(a));
  return a + 1;
}

extern "C" {
[[gnu::used]] std::int32_t sonde_elf_symbols_test_variable = 5;
}

namespace sonde {
namespace {

const std::string self = "/proc/self/exe";

class ElfSymbolsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(sonde_elf_symbols_test_function(1), 2);  // and the linker keeps it
    auto symbols = read_elf_symbols(self);
    ASSERT_TRUE(symbols) << symbols.error().message;
    symbols_ = *std::move(symbols);
    const auto found =
        std::ranges::find(symbols_.functions, "sonde_elf_symbols_test_function", &ElfSymbol::name);
    if (found == symbols_.functions.end()) GTEST_SKIP() << "this test program is stripped";
    function_ = *found;
  }
  ElfSymbols symbols_;
  ElfSymbol function_;
};

TEST_F(ElfSymbolsTest, OffsetLeadsToTheCode) {
  const auto content = read_file(self);
  ASSERT_TRUE(content);
  ASSERT_GT(function_.size_bytes, 0U);
  ASSERT_LE(function_.file_offset + function_.size_bytes, content->size());
  EXPECT_EQ(std::memcmp(content->data() + function_.file_offset,
                        reinterpret_cast<const void*>(&sonde_elf_symbols_test_function),
                        function_.size_bytes),
            0);
}

TEST_F(ElfSymbolsTest, OffsetOfAddressAgrees) {
  const auto offset = elf_offset_of_address(self, function_.address + 1);
  ASSERT_TRUE(offset) << offset.error().message;
  EXPECT_EQ(*offset, function_.file_offset + 1);
}

// As far from each other as in memory.
TEST_F(ElfSymbolsTest, FindsFunctionsAndVariables) {
  const auto function = find_elf_symbol(self, "sonde_elf_symbols_test_function");
  const auto variable = find_elf_symbol(self, "sonde_elf_symbols_test_variable");
  ASSERT_TRUE(function && *function && variable && *variable);
  EXPECT_EQ((*variable)->size_bytes, 4U);
  EXPECT_EQ((*variable)->address - (*function)->address,
            reinterpret_cast<std::uintptr_t>(&sonde_elf_symbols_test_variable) -
                reinterpret_cast<std::uintptr_t>(&sonde_elf_symbols_test_function));
  const auto missing = find_elf_symbol(self, "sonde_no_such_symbol");
  ASSERT_TRUE(missing);
  EXPECT_FALSE(*missing);
  EXPECT_FALSE(find_elf_symbol("/no/such/file", "x"));
}

TEST_F(ElfSymbolsTest, AddressOutsideIsAnError) {
  EXPECT_FALSE(elf_offset_of_address(self, 0x7fff'ffff'0000));
}

TEST_F(ElfSymbolsTest, SortedWithoutDuplicates) {
  std::set<std::pair<std::uint64_t, std::string>> seen;
  std::uint64_t last = 0;
  for (const ElfSymbol& symbol : symbols_.functions) {
    EXPECT_GE(symbol.address, last);
    last = symbol.address;
    EXPECT_TRUE(seen.emplace(symbol.address, symbol.name).second) << symbol.name;
  }
}

TEST(ElfSymbols, RefusesWhatIsNotElf) {
  EXPECT_FALSE(read_elf_symbols("/no/such/file"));
  EXPECT_EQ(read_elf_symbols("/no/such/file").error().code, ENOENT);
  const auto text = read_elf_symbols("/proc/self/cmdline");
  ASSERT_FALSE(text);
  EXPECT_FALSE(text.error().message.empty());
  EXPECT_FALSE(read_elf_symbols("/"));
  EXPECT_FALSE(elf_offset_of_address("/dev/null", 0));
}

TEST(ElfSymbols, TruncatedFilesDoNotCrash) {
  const auto content = read_file("/bin/true");
  if (!content) GTEST_SKIP() << content.error().message;
  const std::string path = testing::TempDir() + "sonde_truncated_elf." + std::to_string(::getpid());
  for (std::size_t size = 0; size < content->size(); size += 1 + size / 3) {
    ASSERT_TRUE(write_file(path, std::string_view(*content).substr(0, size)));
    (void)read_elf_symbols(path);
    (void)elf_offset_of_address(path, 0x2000);
  }
  std::remove(path.c_str());
}

}  // namespace
}  // namespace sonde
