// SPDX-License-Identifier: Apache-2.0
// The line that tells how far attaching has come.
#include "runtime/attach/progress.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "runtime/run.h"

namespace sonde::runtime {
namespace {

TEST(Progress, SaysNothingOfQuickWorkOrWithoutATerminal) {
  std::string said;
  RunOptions options;
  options.say = [&](std::string_view text) { said += text; };
  options.say_on_terminal = true;
  {
    Progress quick(options, "Attaching", 3);
    quick.advance(1);
    quick.advance(2);
  }
  options.say_on_terminal = false;
  {
    Progress slow(options, "Attaching", 3);
    std::this_thread::sleep_for(std::chrono::milliseconds(510));
    slow.advance(1);
  }
  EXPECT_EQ(said, "");
}

TEST(Progress, CountsSlowWorkInOneLineAndTakesItAway) {
  std::string said;
  RunOptions options;
  options.say = [&](std::string_view text) { said += text; };
  options.say_on_terminal = true;
  {
    Progress slow(options, "Attaching", 4000);
    std::this_thread::sleep_for(std::chrono::milliseconds(510));
    slow.advance(1000);
    slow.advance(1);  // too soon after the last
  }
  EXPECT_EQ(said, "\r\033[KAttaching: 1000 of 4000 probes\r\033[K");
}

}  // namespace
}  // namespace sonde::runtime
