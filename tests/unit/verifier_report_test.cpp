// SPDX-License-Identifier: Apache-2.0
// The verifier's log is read back to the script, whichever kernel wrote it.
#include "runtime/verifier_report.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "image/image.h"
#include "runtime/capabilities.h"
#include "runtime/reporter.h"

namespace sonde::runtime {
namespace {

constexpr std::string_view script =
    "// counts\n"
    "kprobe:f {\n"
    "\t@y = count();\n"
    "  @x[pid] = @y[1] + 1;   // the third statement\n"
    "}\n";

// Linux 6.12 and 6.18 name the place.
constexpr std::string_view log_with_place =
    "0: R1=ctx() R10=fp0\n"
    "; @y = count(); @ stdin:3\n"
    "0: (b7) r1 = 1                        ; R1_w=1\n"
    "; @x[pid] = @y[1] + 1;   // the third statement @ stdin:4\n"
    "4: (18) r1 = 0xffff88812f80a800       ; R1=map_ptr(map=x,ks=4,vs=8)\n"
    "6: (85) call bpf_map_lookup_elem#1    ; R0=map_value_or_null(id=1,map=x,ks=4,vs=8)\n"
    "7: (79) r1 = *(u64 *)(r0 +0)\n"
    "R0 invalid mem access 'map_value_or_null'\n"
    "processed 7 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 "
    "mark_read 0\n";

// Linux 6.1 does not.
constexpr std::string_view log_without_place =
    "0: R1=ctx(off=0,imm=0) R10=fp0\n"
    "; @y = count();\n"
    "0: (b7) r1 = 1                        ; R1_w=1\n"
    "; @x[pid] = @y[1] + 1;   // the third statement\n"
    "4: (18) r1 = 0xffff88812f80a800       ; R1_w=map_ptr(off=0,ks=4,vs=8,imm=0)\n"
    "7: (79) r1 = *(u64 *)(r0 +0)\n"
    "R0 invalid mem access 'map_value_or_null'\n"
    "processed 7 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 "
    "mark_read 0\n";

class VerifierReport : public testing::Test {
 protected:
  VerifierReport() { file_ = sources_.add("stdin", std::string(script)); }
  std::string_view marked(const Refusal& refusal) const { return sources_.text(refusal.span); }

  diag::SourceMap sources_;
  diag::FileId file_;
};

TEST_F(VerifierReport, TheReasonStandsBeforeTheStatistics) {
  const Refusal refusal = read_verifier_log(log_with_place, {}, sources_);
  EXPECT_EQ(refusal.reason, "R0 invalid mem access 'map_value_or_null'");
}

TEST_F(VerifierReport, APlaceInTheLogGivesTheLine) {
  const Refusal refusal = read_verifier_log(log_with_place, {}, sources_);
  EXPECT_EQ(sources_.position(file_, refusal.span.begin).line, 4u);
  EXPECT_EQ(marked(refusal), "@x[pid] = @y[1] + 1;   // the third statement");
}

TEST_F(VerifierReport, TextAloneGivesTheLineAsWell) {
  const Refusal refusal = read_verifier_log(log_without_place, {}, sources_);
  EXPECT_EQ(refusal.reason, "R0 invalid mem access 'map_value_or_null'");
  EXPECT_EQ(sources_.position(file_, refusal.span.begin).line, 4u);
}

TEST_F(VerifierReport, TheNumberOfTheInstructionGivesTheColumn) {
  const ProgramLines lines{{{0, "stdin", 3, 2}, {4, "stdin", 4, 3}, {7, "stdin", 4, 13}}, 12};
  for (const std::string_view log : {log_with_place, log_without_place}) {
    const Refusal refusal = read_verifier_log(log, lines, sources_);
    EXPECT_EQ(marked(refusal), "@y");
    EXPECT_EQ(sources_.position(file_, refusal.span.begin).column, 13u);
  }
}

TEST_F(VerifierReport, InstructionsOfCalledFunctionsAreFoundByTheLogAlone) {
  const ProgramLines lines{{{0, "stdin", 3, 2}}, 5};  // instruction 7 lies behind the program
  const Refusal refusal = read_verifier_log(log_with_place, lines, sources_);
  EXPECT_EQ(sources_.position(file_, refusal.span.begin).line, 4u);
}

TEST_F(VerifierReport, AFileInAFolderIsFoundByItsBaseName) {
  diag::SourceMap sources;
  const diag::FileId file = sources.add("tools/lat.bt", std::string(script));
  const Refusal refusal =
      read_verifier_log("; @y = count(); @ lat.bt:3\n5: (95) exit\nno\n", {}, sources);
  EXPECT_EQ(refusal.span.file, file);
  EXPECT_EQ(sources.text(refusal.span), "@y = count();");
}

TEST_F(VerifierReport, ALogThatWasCutStillHasAReason) {
  const Refusal refusal = read_verifier_log("3: (95) exit\nR0 !read_ok\n", {}, sources_);
  EXPECT_EQ(refusal.reason, "R0 !read_ok");
  EXPECT_FALSE(refusal.span.known());
}

TEST_F(VerifierReport, OddLogsHaveNoPlace) {
  for (const std::string_view log :
       {"", "\n\n", ";", "; @ :", "12: (", ": (", "; x @ stdin:99999999999999\n1: (95) exit\n",
        "; x @ stdin:77\n1: (95) exit\n", "processed 0 insns"}) {
    const ProgramLines lines{{{0, "stdin", 99, 7}}, 5};
    EXPECT_FALSE(read_verifier_log(log, lines, sources_).span.known()) << log;
  }
}

TEST_F(VerifierReport, AColumnBeyondTheLineMarksTheLine) {
  const ProgramLines lines{{{0, "stdin", 3, 900}}, 12};
  const Refusal refusal = read_verifier_log(log_with_place, lines, sources_);
  EXPECT_EQ(marked(refusal), "@y = count();");
}

std::string reported(std::string_view log, bool verbose, int error = EACCES) {
  image::Image image;
  image.sources.push_back({"stdin", std::string(script)});
  std::string said;
  RunOptions options;
  options.verbose = verbose;
  options.say = [&](std::string_view text) { said += text; };
  Reporter reporter(image, options);
  report_refusal(reporter, "kprobe:f", error, log, {{{0, "stdin", 4, 13}}, 12});
  return said;
}

TEST_F(VerifierReport, TheMessageShowsTheLine) {
  EXPECT_EQ(reported(log_with_place, false),
            "stdin:4:13-15: ERROR: the kernel refused kprobe:f: R0 invalid mem access "
            "'map_value_or_null'\n"
            "  @x[pid] = @y[1] + 1;   // the third statement\n"
            "            ~~\n"
            "HINT: use -v for the kernel's whole log\n");
}

TEST_F(VerifierReport, TheWholeLogFollowsWhenAskedFor) {
  const std::string said = reported(log_with_place, true);
  EXPECT_TRUE(said.ends_with(log_with_place)) << said;
  EXPECT_EQ(said.find("HINT"), said.npos);
}

TEST_F(VerifierReport, WithoutALogTheErrorIsTheReason) {
  EXPECT_EQ(reported("", false), "ERROR: the kernel refused kprobe:f: Permission denied\n");
}

TEST_F(VerifierReport, TheLastLineOfALogThatWasCutIsNoReason) {
  EXPECT_EQ(reported("3: (95) exit\n4: (0", false, ENOSPC),
            "ERROR: the kernel refused kprobe:f: its log is too long to be kept\n"
            "HINT: use -v for the kernel's whole log\n");
}

TEST(Capabilities, WhatIsMissingIsNamed) {
  constexpr std::uint64_t sys_admin = 1ull << 21, perfmon = 1ull << 38, bpf = 1ull << 39;
  EXPECT_EQ(missing_capabilities(0), "CAP_BPF and CAP_PERFMON");
  EXPECT_EQ(missing_capabilities(bpf), "CAP_PERFMON");
  EXPECT_EQ(missing_capabilities(perfmon), "CAP_BPF");
  EXPECT_EQ(missing_capabilities(bpf | perfmon), "");
  EXPECT_EQ(missing_capabilities(sys_admin), "");
}

}  // namespace
}  // namespace sonde::runtime
