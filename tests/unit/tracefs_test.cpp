// SPDX-License-Identifier: Apache-2.0
#include "target/tracefs.h"

#include <gtest/gtest.h>

#include <string>

namespace sonde::target {
namespace {

constexpr std::string_view common =
    "name: any\n"
    "ID: 365\n"
    "format:\n"
    "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
    "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
    "\n";

Tracepoint parse(std::string_view fields) {
  const auto parsed = parse_format(std::string(common).append(fields));
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed.value_or(Tracepoint{});
}

TEST(TraceFormat, SkipsCommonFields) {
  const Tracepoint tracepoint = parse("\nprint fmt: \"x\"\n");
  EXPECT_EQ(tracepoint.id, 365U);
  EXPECT_TRUE(tracepoint.fields.empty());
}

TEST(TraceFormat, ReadsScalarsPointersAndArrays) {
  const Tracepoint tracepoint = parse(
      "\tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
      "\tfield:pid_t prev_pid;\toffset:24;\tsize:4;\tsigned:1;\n"
      "\tfield:const char * filename;\toffset:32;\tsize:8;\tsigned:0;\n"
      "\tfield:unsigned long args[6];\toffset:40;\tsize:48;\tsigned:0;\n"
      "\tfield:void *ptr;\toffset:88;\tsize:8;\tsigned:0;\n");
  ASSERT_EQ(tracepoint.fields.size(), 5U);
  const TraceField& comm = tracepoint.fields[0];
  EXPECT_EQ(comm.name, "prev_comm");
  EXPECT_EQ(comm.type, "char[16]");
  EXPECT_EQ(comm.offset, 8U);
  EXPECT_EQ(comm.size, 16U);
  EXPECT_FALSE(comm.is_signed);
  EXPECT_TRUE(tracepoint.fields[1].is_signed);
  EXPECT_EQ(tracepoint.fields[2].name, "filename");
  EXPECT_EQ(tracepoint.fields[2].type, "const char *");
  EXPECT_EQ(tracepoint.fields[3].type, "unsigned long[6]");
  EXPECT_EQ(tracepoint.fields[4].name, "ptr");
  EXPECT_EQ(tracepoint.fields[4].type, "void *");
}

TEST(TraceFormat, MarksDataLocAndLeavesRelLocOut) {
  const Tracepoint tracepoint = parse(
      "\tfield:__data_loc char[] filename;\toffset:8;\tsize:4;\tsigned:0;\n"
      "\tfield:__rel_loc char[] message;\toffset:12;\tsize:4;\tsigned:0;\n"
      "\tfield:__data_loc u64[] addresses;\toffset:16;\tsize:4;\tsigned:0;\n");
  ASSERT_EQ(tracepoint.fields.size(), 2U);
  EXPECT_TRUE(tracepoint.fields[0].is_data_loc);
  EXPECT_EQ(tracepoint.fields[0].name, "filename");
  EXPECT_EQ(tracepoint.fields[0].type, "__data_loc char[]");
  EXPECT_EQ(tracepoint.fields[1].name, "addresses");
}

TEST(TraceFormat, TakesExpressionsAsDimension) {
  const Tracepoint tracepoint =
      parse("\tfield:__u8 saddr[sizeof(struct sockaddr_in6)];\toffset:8;\tsize:28;\tsigned:0;\n");
  ASSERT_EQ(tracepoint.fields.size(), 1U);
  EXPECT_EQ(tracepoint.fields[0].name, "saddr");
  EXPECT_EQ(tracepoint.fields[0].type, "__u8[sizeof(struct sockaddr_in6)]");
}

TEST(TraceFormat, LeavesFieldsWithoutNameOut) {
  const Tracepoint tracepoint = parse(
      "\tfield:int;\toffset:8;\tsize:4;\tsigned:1;\n"
      "\tfield:void * *const;\toffset:8;\tsize:8;\tsigned:0;\n"
      "\tfield:[4];\toffset:8;\tsize:4;\tsigned:1;\n");
  for (const TraceField& field : tracepoint.fields) EXPECT_FALSE(field.type.empty());
}

TEST(TraceFormat, IgnoresWhatThePrintFormatSays) {
  const Tracepoint tracepoint =
      parse("\nprint fmt: \"x\\n\"\nfield:int a;\toffset:8;\tsize:4;\tsigned:1;\n");
  EXPECT_TRUE(tracepoint.fields.empty());
}

TEST(TraceFormat, SaysWhatItExpected) {
  EXPECT_NE(parse_format("").error().message.find("ID:"), std::string::npos);
  EXPECT_NE(parse_format("ID: x\n").error().message.find("number"), std::string::npos);
  const auto broken = parse_format("ID: 1\n\tfield:int a;\toffset:x;\tsize:4;\tsigned:1;\n");
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().message.find("offset"), std::string::npos);
}

TEST(TraceFormat, TruncationsDoNotCrash) {
  const std::string text = std::string(common) +
                           "\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
                           "\tfield:__data_loc char[] name;\toffset:24;\tsize:4;\tsigned:0;\n";
  for (std::size_t size = 0; size < text.size(); ++size)
    (void)parse_format(std::string(text, 0, size));
}

TEST(Tracefs, ReadsTheRunningKernels) {
  const auto tracefs = Tracefs::open();
  if (!tracefs) GTEST_SKIP() << tracefs.error().message;
  const auto format = tracefs->read("events/sched/sched_switch/format");
  ASSERT_TRUE(format) << format.error().message;
  ASSERT_TRUE(*format);
  const auto tracepoint = parse_format(**format);
  ASSERT_TRUE(tracepoint) << tracepoint.error().message;
  EXPECT_EQ(tracepoint->fields.at(0).name, "prev_comm");
  const auto missing = tracefs->read("events/sched/no_such_event/format");
  ASSERT_TRUE(missing);
  EXPECT_FALSE(*missing);
  EXPECT_FALSE(tracefs->folders("events").empty());
  EXPECT_TRUE(tracefs->folders("no_such_folder").empty());
}

// Every event of the running kernel; a kernel with an unusual declaration shows up here.
TEST(Tracefs, ParsesEveryEvent) {
  const auto target = open_live_target();
  const std::vector<std::string> names = target->tracepoints();
  if (names.empty()) GTEST_SKIP() << "tracefs cannot be read";
  for (const std::string& name : names) {
    const auto [category, event] = split_tracepoint(name);
    const auto found = target->find_tracepoint(category, event);
    ASSERT_TRUE(found) << name << ": " << found.error().message;
    EXPECT_TRUE(*found) << name;
  }
}

}  // namespace
}  // namespace sonde::target
