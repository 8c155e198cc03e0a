// SPDX-License-Identifier: Apache-2.0
// The messages of `-f json` that a test cannot bring about at will, byte for byte.
#include "runtime/print/json_printer.h"

#include <gtest/gtest.h>

#include <utility>

#include "plain_resolver.h"
#include "runtime/failures.h"
#include "runtime/reporter.h"

namespace sonde::runtime {
namespace {

constexpr std::string_view script = "let @m = hash(1);\nbegin { @m[1]=1; @m[2]=2; }";
constexpr image::SourceRange second_store{0, 35, 42};
constexpr std::string_view place = R"("filename": "a \"b\".bt", "line": 2, "col": 18})";

class JsonMessages : public testing::Test {
 protected:
  JsonMessages() {
    image_.sources.push_back({"a \"b\".bt", std::string(script)});
    options_.say = [this](std::string_view text) { said_ += text; };
  }
  std::string out() { return std::exchange(out_, {}); }

  image::Image image_;
  RunOptions options_;
  std::string said_, out_;
  Reporter reporter_{image_, options_};
  output::PlainResolver resolver_;
  JsonPrinter printer_{{out_, {image_, resolver_}, reporter_}};
};

TEST_F(JsonMessages, AttachedAndLost) {
  printer_.attached(2);
  EXPECT_EQ(out(), "{\"type\": \"attached_probes\", \"count\": 2, \"data\": {\"probes\": 2}}\n");
  printer_.lost_events(5);
  EXPECT_EQ(out(), "{\"type\": \"lost_events\", \"count\": 5, \"data\": {\"events\": 5}}\n");
  EXPECT_EQ(said_, "");
}

TEST_F(JsonMessages, FailuresOfHelpersNameThem) {
  image_.failures = {{image::Failure::delete_missing, second_store}};
  FailureReport report(image_, reporter_, printer_);
  report.set(0, 1, -2);
  report.say_new();
  EXPECT_EQ(out(),
            "{\"type\": \"helper_error\", \"msg\": \"Can't delete map element because it does not "
            "exist.\", \"helper\": \"map_delete_elem\", \"retcode\": -2, " +
                std::string(place) + "\n");
  EXPECT_EQ(said_, "");
}

TEST_F(JsonMessages, OthersHaveOnlyTheirPlace) {
  printer_.runtime_warning({to_span(second_store), "went wrong"});
  EXPECT_EQ(out(),
            "{\"type\": \"runtime_error\", \"msg\": \"went wrong\", " + std::string(place) + "\n");
  printer_.script_error({}, "nowhere");
  EXPECT_EQ(out(), "{\"type\": \"errorf\", \"msg\": \"nowhere\"}\n");
}

TEST_F(JsonMessages, WarningsCanBeLeftAway) {
  options_.show_warnings = false;
  printer_.runtime_warning({to_span(second_store), "went wrong"});
  printer_.script_warning({}, "careful");
  EXPECT_EQ(out(), "");
  printer_.lost_events(1);
  EXPECT_NE(out(), "");
}

TEST_F(JsonMessages, TextsHaveTheNameOfTheirFunction) {
  const std::pair<TextOf, std::string_view> names[] = {{TextOf::printf, "printf"},
                                                       {TextOf::time, "time"},
                                                       {TextOf::cat, "cat"},
                                                       {TextOf::join, "join"},
                                                       {TextOf::system, "syscall"}};
  for (const auto& [function, name] : names) {
    const std::string object = "{\"type\": \"" + std::string(name) + "\", \"data\": \"a b\"}\n";
    printer_.text(function, "a b");
    EXPECT_EQ(out(), object);
    printer_.line(function, "a b");  // its own line is that of the object
    EXPECT_EQ(out(), object);
  }
}

TEST_F(JsonMessages, NothingStandsInFrontOfTheMaps) {
  printer_.end_of_events();
  EXPECT_EQ(out(), "");
}

TEST_F(JsonMessages, WhatIsPinnedIsSaid) {
  printer_.pinned("/sys/fs/bpf/list");
  EXPECT_EQ(out(), "");
  EXPECT_EQ(said_, "Program pinned to /sys/fs/bpf/list\n");
}

}  // namespace
}  // namespace sonde::runtime
