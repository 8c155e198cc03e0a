// SPDX-License-Identifier: Apache-2.0
// USDT probes, source lines and executed files, of this very program.
#include "target/usdt.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "base/elf_symbols.h"
#include "target/process_files.h"

// What <sys/sdt.h> makes of DTRACE_PROBE2(sonde_unit, probe, …), in assembler: the header need not
// be installed. The second note says that the program has been moved by 16 bytes since it was made.
asm(R"asm(
  .pushsection .text
  .globl sonde_usdt_place
  sonde_usdt_place: nop
  .popsection
  .pushsection .probes, "aw"
  .globl sonde_usdt_semaphore
  sonde_usdt_semaphore: .short 0
  .popsection
  .pushsection .stapsdt.base, "aG", "progbits", .stapsdt.base, comdat
  .weak _.stapsdt.base
  .hidden _.stapsdt.base
  _.stapsdt.base: .space 1
  .size _.stapsdt.base, 1
  .popsection
  .macro sonde_note name, moved
  .pushsection .note.stapsdt, "", "note"
  .balign 4
  .4byte 2f-1f, 4f-3f, 3
  1: .asciz "stapsdt"
  2: .balign 4
  3: .8byte sonde_usdt_place - \moved
  .8byte _.stapsdt.base - \moved
  .8byte sonde_usdt_semaphore - \moved
  .asciz "sonde_unit"
  .asciz "\name"
  .asciz "-4@%edi 8@-16(%rbp)"
  4: .balign 4
  .popsection
  .endm
  sonde_note probe, 0
  sonde_note moved, 16
)asm");

extern "C" {
extern char sonde_usdt_place, sonde_usdt_semaphore;
extern char sonde_usdt_base __asm__("_.stapsdt.base");

constexpr int line_of_function = __LINE__ + 1;
[[gnu::noinline]] int sonde_line_function(int value) { return value * 3; }
}

namespace sonde::target {
namespace {

constexpr const char* own_file = "/proc/self/exe";

TEST(Usdt, NotesOfAFileAreRead) {
  // What nobody uses the linker leaves out.
  for (volatile char* used : {&sonde_usdt_place, &sonde_usdt_semaphore, &sonde_usdt_base})
    ASSERT_NE(used, nullptr);
  const auto probes = read_usdt_probes(own_file);
  ASSERT_TRUE(probes);
  const auto place = find_elf_symbol(own_file, "sonde_usdt_place");
  const auto semaphore = find_elf_symbol(own_file, "sonde_usdt_semaphore");
  ASSERT_TRUE(place && *place && semaphore && *semaphore);
  for (const char* name : {"probe", "moved"}) {
    const auto found = std::ranges::find(*probes, name, &UsdtProbe::name);
    ASSERT_NE(found, probes->end()) << name;
    EXPECT_EQ(found->provider, "sonde_unit");
    EXPECT_EQ(found->arguments, "-4@%edi 8@-16(%rbp)");
    EXPECT_EQ(found->address, (*place)->address) << name;
    EXPECT_EQ(found->file_offset, *elf_offset_of_address(own_file, (*place)->address));
    EXPECT_EQ(found->semaphore_offset, *elf_offset_of_address(own_file, (*semaphore)->address));
  }
}

TEST(Usdt, FilesWithoutNotesHaveNone) {
  const auto probes = read_usdt_probes("/bin/true");
  ASSERT_TRUE(probes);
  EXPECT_TRUE(probes->empty());
  EXPECT_FALSE(read_usdt_probes("/etc/passwd"));
  EXPECT_FALSE(read_usdt_probes("/no/such"));
}

TEST(SourceLines, HaveAddresses) {
  volatile int one = 1;  // a constant would have GCC make a copy of the function for it
  ASSERT_EQ(sonde_line_function(one), 3);
  const auto target = open_live_target();
  const auto types = target->open_user_types(own_file, "");
  if (!types) GTEST_SKIP() << types.error().message;
  const auto function = find_elf_symbol(own_file, "sonde_line_function");
  ASSERT_TRUE(function && *function);
  for (const char* file : {"usdt_test.cpp", "unit/usdt_test.cpp", __FILE__})
    EXPECT_EQ((*types)->line_addresses(file, line_of_function, 0),
              std::vector<std::uint64_t>{(*function)->address})
        << file;
  for (const char* file : {"", "other.c", "dt_test.cpp"})
    EXPECT_TRUE((*types)->source_rows(file).empty()) << file;
  EXPECT_TRUE((*types)->line_addresses("usdt_test.cpp", 1, 0).empty());
  const auto rows = (*types)->source_rows("usdt_test.cpp");
  const auto row = std::ranges::find(rows, (*function)->address, &SourceRow::address);
  ASSERT_NE(row, rows.end());
  EXPECT_EQ((*types)->line_addresses("usdt_test.cpp", line_of_function, row->column).size(), 1U);
  EXPECT_TRUE((*types)->line_addresses("usdt_test.cpp", line_of_function, 999).empty());
}

TEST(ExecutedFiles, OfThisProcess) {
  char path[4096];
  const ssize_t length = ::readlink(own_file, path, sizeof path);
  ASSERT_GT(length, 0);
  const std::string own(path, static_cast<std::size_t>(length));
  const auto files = executed_files(::getpid());
  EXPECT_EQ(std::ranges::count(files, own), 1);
  EXPECT_TRUE(std::ranges::any_of(files, [](const auto& f) { return f.contains("libc.so"); }));
  EXPECT_FALSE(std::ranges::any_of(files, [](const auto& f) { return f.contains('['); }));
  EXPECT_EQ(root_of_process(::getpid()), "");
  const auto all = open_live_target()->find_files("*");
  EXPECT_EQ(std::ranges::count(all, own), 1);
  EXPECT_TRUE(executed_files(0x7fffffff).empty());
}

TEST(FindFiles, ByPatternAndName) {
  const auto target = open_live_target();
  const auto shells = target->find_files("/bin/*sh");
  EXPECT_TRUE(std::ranges::is_sorted(shells));
  EXPECT_EQ(std::ranges::count(shells, "/bin/bash"), 1);
  for (const std::string& path : shells) EXPECT_EQ(target->file_kind(path), FileKind::elf) << path;
  EXPECT_TRUE(target->find_files("/bin/[b]ash").empty());
  EXPECT_TRUE(target->find_files("/no/such/*").empty());
  // /bin may be a link to /usr/bin: the same file counts once.
  EXPECT_EQ(target->find_files("true").size(), 1U);
  EXPECT_TRUE(target->find_files("no-such-program").empty());
}

}  // namespace
}  // namespace sonde::target
