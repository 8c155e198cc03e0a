// SPDX-License-Identifier: Apache-2.0
#include "diag/excerpt.h"

#include <gtest/gtest.h>

#include "diag/render.h"

namespace sonde::diag {
namespace {

TEST(Excerpt, MarksColumns) {
  EXPECT_EQ(marked_line("begin { x }", {9, 10}), "begin { x }\n        ~\n");
}

TEST(Excerpt, MarksPlaceBehindTheLine) {
  EXPECT_EQ(marked_line("ab", {3, 3}), "ab\n  \n");
  EXPECT_EQ(marked_line("ab", {4, 6}), "ab\n   ~~\n");
}

TEST(Excerpt, ShowsTabsAsBlanks) {
  EXPECT_EQ(marked_line("\tx", {2, 3}), "    x\n    ~\n");
  EXPECT_EQ(marked_line("a\tb", {2, 3}), "a    b\n ~~~~\n");
}

TEST(Excerpt, EscapesWhatTerminalsObey) {
  EXPECT_EQ(marked_line("a\x1b[31mb", {7, 8}), "a\\x1b[31mb\n         ~\n");
  EXPECT_EQ(marked_line(std::string_view("\0\x7f", 2), {2, 3}), "\\x00\\x7f\n    ~~~~\n");
  // The C1 controls of UTF-8, and what turns the direction of reading around.
  EXPECT_EQ(marked_line("\u009b", {1, 3}), "\\u009b\n~~~~~~\n");
  EXPECT_EQ(plain_line("\u202e"), "\\u202e\n");
  EXPECT_EQ(plain_line("a\rb"), "a\\x0db\n");
}

TEST(Excerpt, KeepsUtf8AndEscapesOtherBytes) {
  EXPECT_EQ(marked_line("äö x", {6, 7}), "äö x\n   ~\n");
  EXPECT_EQ(marked_line("\xff\xc3", {1, 3}), "\\xff\\xc3\n~~~~~~~~\n");
  EXPECT_EQ(plain_line("\xc0\x80"), "\\xc0\\x80\n");  // an overlong NUL
}

TEST(Excerpt, CutsLongLinesAroundTheMarker) {
  const std::string line = std::string(1000, 'a') + "x" + std::string(1000, 'b');
  const std::string shown = marked_line(line, {1001, 1002});
  EXPECT_EQ(shown, "…" + std::string(80, 'a') + "x" + std::string(319, 'b') + "…\n" +
                       std::string(81, ' ') + "~\n");
}

TEST(Excerpt, CutsLongLinesOnlyBehind) {
  const std::string line = "x" + std::string(1000, 'b');
  EXPECT_EQ(marked_line(line, {1, 2}), "x" + std::string(399, 'b') + "…\n~\n");
  EXPECT_EQ(plain_line(line), "x" + std::string(399, 'b') + "…\n");
}

TEST(Excerpt, MarksWhatIsShownOfALongMarker) {
  const std::string line(1000, 'a');
  EXPECT_EQ(marked_line(line, {1, 1001}),
            std::string(400, 'a') + "…\n" + std::string(400, '~') + "\n");
}

TEST(Excerpt, PrintableLeavesLayout) { EXPECT_EQ(printable("a\n\tb\x01"), "a\n\tb\\x01"); }

TEST(Excerpt, RendersMessagesSafely) {
  SourceMap sources;
  const FileId file = sources.add("a\x1b.bt", "\xef\xbb\xbf\x1b[2J");
  Diagnostics diagnostics;
  diagnostics.error(DiagId::syntax, {file, 0, 1}, "unexpected `{}`", "\x1b").hint("not `\x1b`");
  EXPECT_EQ(render(diagnostics.all().front(), sources),
            "a\\x1b.bt:1:1-2: ERROR: unexpected `\\x1b`\n\\x1b[2J\n~~~~\nHINT: not `\\x1b`\n");
}

}  // namespace
}  // namespace sonde::diag
