// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>

#include "symbols/unwind_rows.h"
#include "symbols/unwind_tables.h"

namespace sonde::symbols {
namespace {

using image::CfaRule;
using image::FrameRule;
using image::UnwindRange;
using image::UnwindRow;

__attribute__((noinline)) int some_function(int a) {
  asm volatile("");
  return a + 1;
}

#ifdef __x86_64__
// What GCC makes of a function that realigns its stack and has a frame of variable size, with its
// table as it is: it does not say that `pop %rbp` has restored the register. Then an entry of a PLT
// with the table of GNU's linker: rsp + 8 + ((rip & 15) >= 11) << 3. Never called.
asm(R"(
  .pushsection .text
  .balign 16
realigned_entry:
  .cfi_startproc
  lea 8(%rsp), %r10
  .cfi_def_cfa r10, 0
realigned_by_r10:
  and $-64, %rsp
  push -8(%r10)
  push %rbp
  .cfi_escape 0x10, 6, 2, 0x76, 0
  mov %rsp, %rbp
  push %r10
  .cfi_escape 0xf, 3, 0x76, 0x78, 6
realigned_body:
  nop
  pop %r10
  .cfi_def_cfa r10, 0
realigned_popped:
  pop %rbp
  lea -8(%r10), %rsp
  .cfi_def_cfa rsp, 8
realigned_end:
  ret
  .cfi_endproc
  .balign 16
linkage_entry:
  .cfi_startproc
  .cfi_escape 0xf, 11, 0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22
  .skip 16, 0x90
  .cfi_endproc
  .popsection
)");
#else
asm("realigned_entry: realigned_by_r10: realigned_body: realigned_popped: realigned_end: "
    "linkage_entry:");
#endif
extern "C" const char realigned_entry[], realigned_by_r10[], realigned_body[], realigned_popped[],
    realigned_end[], linkage_entry[];

CfaRule cfa_rule(const UnwindRow& row) {
  return static_cast<CfaRule>(row.rules & image::cfa_rule_mask);
}

FrameRule frame_rule(const UnwindRow& row) {
  return static_cast<FrameRule>(row.rules >> image::frame_rule_shift);
}

// Of this program's own code. Nothing where it has none.
std::optional<UnwindRow> find_row(const void* code) {
  UnwindTables tables;
  const auto ranges = tables.find_ranges(static_cast<std::uint32_t>(::getpid()));
  const auto here = reinterpret_cast<std::uint64_t>(code);
  const auto range = std::ranges::find_if(
      ranges, [&](const UnwindRange& r) { return r.start <= here && here < r.end; });
  if (range == ranges.end()) return std::nullopt;
  const auto first =
      tables.rows().begin() +
      static_cast<std::ptrdiff_t>(range->chunk * image::chunk_rows + range->first_row);
  const auto behind = std::ranges::upper_bound(first, first + range->row_count, here - range->base,
                                               {}, &UnwindRow::place);
  return behind == first ? std::nullopt : std::optional(*std::prev(behind));
}

bool is_x86_64() {
#ifdef __x86_64__
  return true;
#else
  return false;
#endif
}

TEST(Unwinding, RowsOfAFile) {
  if (!is_x86_64()) GTEST_SKIP() << "x86-64 only";
  const auto file = ElfFile::open("/proc/self/exe");
  ASSERT_TRUE(file);
  const auto sections = read_unwind_rows(*file);
  ASSERT_TRUE(sections) << sections.error().message;
  ASSERT_FALSE(sections->empty());
  for (const UnwindSection& section : *sections) {
    ASSERT_FALSE(section.rows.empty());
    EXPECT_EQ(section.rows.front().place, 0U);
    EXPECT_TRUE(std::ranges::is_sorted(section.rows, {}, &UnwindRow::place));
    EXPECT_EQ(cfa_rule(section.rows.back()), CfaRule::unknown);
  }
}

TEST(Unwinding, RangesOfAProcess) {
  if (!is_x86_64()) GTEST_SKIP() << "x86-64 only";
  UnwindTables tables;
  const auto ranges = tables.find_ranges(static_cast<std::uint32_t>(::getpid()));
  ASSERT_FALSE(ranges.empty());
  for (std::size_t i = 1; i < ranges.size(); ++i) EXPECT_LE(ranges[i - 1].end, ranges[i].start);
  const auto row = find_row(reinterpret_cast<const void*>(&some_function));
  ASSERT_TRUE(row);
  // At its entry a function has pushed nothing but the return address.
  EXPECT_EQ(cfa_rule(*row), CfaRule::stack);
  EXPECT_EQ(row->cfa_words, 1);
  EXPECT_EQ(some_function(1), 2);
}

// "stack 1, same": the CFA is rsp + 8, and the frame pointer is in its register.
std::string rules_at(const void* code) {
  constexpr const char* cfa_names[] = {"unknown", "stack",  "frame",    "at_frame",
                                       "linkage", "signal", "outermost"};
  constexpr const char* frame_names[] = {"same", "at_cfa", "at_frame"};
  const auto row = find_row(code);
  if (!row) return "none";
  std::string text = cfa_names[static_cast<int>(cfa_rule(*row))];
  if (cfa_rule(*row) == CfaRule::unknown) return text;
  text += " " + std::to_string(row->cfa_words) + ", ";
  text += frame_names[static_cast<int>(frame_rule(*row))];
  return row->frame_words == 0 ? text : text + " " + std::to_string(row->frame_words);
}

TEST(Unwinding, RowsOfAFunctionThatRealignsItsStack) {
  if (!is_x86_64()) GTEST_SKIP() << "x86-64 only";
  EXPECT_EQ(rules_at(realigned_entry), "stack 1, same");
  EXPECT_EQ(rules_at(realigned_by_r10), "unknown");
  EXPECT_EQ(rules_at(realigned_body), "at_frame -1, at_frame");
  EXPECT_EQ(rules_at(realigned_popped), "unknown");
  EXPECT_EQ(rules_at(realigned_end), "stack 1, same");
}

TEST(Unwinding, RowsOfAProcedureLinkageTable) {
  if (!is_x86_64()) GTEST_SKIP() << "x86-64 only";
  EXPECT_EQ(rules_at(linkage_entry), "linkage 0, same 11");
  EXPECT_EQ(rules_at(linkage_entry + 15), "linkage 0, same 11");
}

TEST(Unwinding, SaysWhatHasNoRoom) {
  if (!is_x86_64()) GTEST_SKIP() << "x86-64 only";
  UnwindTables tables;
  tables.limit_rows(10);
  EXPECT_TRUE(tables.find_ranges(static_cast<std::uint32_t>(::getpid())).size() <= 1);
  const auto problems = tables.take_problems();
  ASSERT_FALSE(problems.empty());
  EXPECT_NE(problems.front().find("has no room"), std::string::npos);
  EXPECT_TRUE(tables.take_problems().empty());
}

}  // namespace
}  // namespace sonde::symbols
