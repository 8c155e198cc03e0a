// SPDX-License-Identifier: Apache-2.0
// What is said about things that programs could not do: once per place, and totals at the end.
#include "runtime/failures.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "plain_resolver.h"
#include "runtime/print/text_printer.h"
#include "runtime/reporter.h"

namespace sonde::runtime {
namespace {

using image::Failure;

constexpr std::string_view script = "let @m = hash(1); begin { @m[1]=1; @m[2]=2; }";
constexpr image::SourceRange second_store{0, 35, 42};

class FailureTexts : public testing::Test {
 protected:
  FailureTexts() {
    image_.sources.push_back({"stdin", std::string(script)});
    options_.say = [this](std::string_view text) { said_ += text; };
  }
  // One site of this kind.
  FailureReport& site(Failure failure) {
    image_.failures = {{failure, second_store}};
    return report_.emplace(image_, reporter_, printer_);
  }
  // What was said since the last call.
  std::string said() { return std::exchange(said_, {}); }

  image::Image image_;
  RunOptions options_;
  std::string said_;
  Reporter reporter_{image_, options_};
  std::string out_;
  output::PlainResolver resolver_;
  TextPrinter printer_{{out_, {image_, resolver_}, reporter_}};
  std::optional<FailureReport> report_;
};

constexpr std::string_view excerpt =
    "let @m = hash(1); begin { @m[1]=1; @m[2]=2; }\n"
    "                                   ~~~~~~~\n";
constexpr std::string_view map_full =
    "Map full; can't update element. Try increasing max_map_keys config or manually setting the "
    "max entries in a map declaration e.g. `let @a = hash(5000)`";

TEST_F(FailureTexts, AHelperThatFailedIsNamedWithItsCode) {
  FailureReport& report = site(Failure::map_full);
  report.set(0, 1, -7);
  report.say_new();
  EXPECT_EQ(said(), "stdin:1:36-43: WARNING: " + std::string(map_full) +
                        "\nAdditional Info - helper: map_update_elem, retcode: -7\n" +
                        std::string(excerpt));
}

TEST_F(FailureTexts, ACodeOf32BitsKeepsItsSign) {
  FailureReport& report = site(Failure::map_full);
  report.set(0, 1, 0xfffffff9);
  report.say_new();
  EXPECT_NE(said().find("retcode: -7\n"), std::string::npos);
}

TEST_F(FailureTexts, APlaceIsReportedOnceAndThenWithItsTotal) {
  FailureReport& report = site(Failure::divide_by_zero);
  report.say_new();
  EXPECT_EQ(said(), "");
  report.set(0, 1, 0);
  report.say_new();
  EXPECT_EQ(said(),
            "stdin:1:36-43: WARNING: Divide or modulo by 0 detected. This can lead to unexpected "
            "results. 1 is being used as the result.\n" +
                std::string(excerpt));
  report.set(0, 300, 0);
  report.say_new();
  report.set(0, 412, 0);
  report.say_new();
  EXPECT_EQ(said(), "");
  report.say_totals();
  EXPECT_EQ(said(),
            "stdin:1:36-43: WARNING: Divide or modulo by 0 detected. This can lead to unexpected "
            "results. 1 is being used as the result. (412 times in all)\n" +
                std::string(excerpt));
}

TEST_F(FailureTexts, NoTotalWhenNothingCameAfterTheReport) {
  FailureReport& report = site(Failure::divide_by_zero);
  report.set(0, 3, 0);
  report.say_new();
  said();
  report.say_totals();
  EXPECT_EQ(said(), "");
}

TEST_F(FailureTexts, FailedReadsAreToldOnRequestInTheKernelsWords) {
  FailureReport& report = site(Failure::user_read);
  report.set(0, 1, -14);
  report.say_new();
  report.say_totals();
  EXPECT_EQ(said(), "");
  options_.runtime_warnings = true;
  report.say_new();
  EXPECT_EQ(said(),
            "stdin:1:36-43: WARNING: Bad address\n"
            "Additional Info - helper: probe_read_user, retcode: -14\n" +
                std::string(excerpt));
}

TEST_F(FailureTexts, LostEventsAreToldAsTheyGrowAndByPlaceAtTheEnd) {
  image_.failures = {{Failure::event_lost, {0, 26, 33}},
                     {Failure::event_lost, second_store},
                     {Failure::event_lost, {0, 0, 3}}};
  FailureReport report(image_, reporter_, printer_);
  report.set(0, 10, 0);
  report.set(1, 2, 0);
  report.say_new();
  EXPECT_EQ(said(), "Lost 12 events\n");
  report.say_new();
  EXPECT_EQ(said(), "");
  report.set(1, 5, 0);
  report.say_new();
  EXPECT_EQ(said(), "Lost 3 events\n");
  report.say_totals();
  EXPECT_EQ(said(),
            "WARNING: Total lost event count: 15\n"
            "stdin:1:27-34: WARNING: Events lost here: 10\n"
            "stdin:1:36-43: WARNING: Events lost here: 5\n");
}

TEST_F(FailureTexts, WarningsCanBeTurnedOffButLossesAreTold) {
  options_.show_warnings = false;
  image_.failures = {{Failure::event_lost, second_store}, {Failure::map_full, second_store}};
  FailureReport report(image_, reporter_, printer_);
  report.set(0, 4, 0);
  report.set(1, 4, -7);
  report.say_new();
  report.say_totals();
  EXPECT_EQ(said(), "Lost 4 events\n");
}

TEST_F(FailureTexts, OnlyTheFirstLineIsColoured) {
  options_.colour = true;
  FailureReport& report = site(Failure::loop_cap);
  report.set(0, 1, 1000);
  report.say_new();
  EXPECT_EQ(said(),
            "\033[33mstdin:1:36-43: WARNING: A loop did not end within 1000 turns and was left."
            "\033[0m\n" +
                std::string(excerpt));
}

TEST_F(FailureTexts, ACounterBeyondTheSitesIsIgnored) {
  FailureReport& report = site(Failure::divide_by_zero);
  report.set(1, 9, 0);
  report.say_new();
  report.say_totals();
  EXPECT_EQ(said(), "");
}

}  // namespace
}  // namespace sonde::runtime
