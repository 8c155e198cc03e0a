// SPDX-License-Identifier: Apache-2.0
#include "runtime/signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace sonde::runtime {
namespace {

TEST(Signals, TheSameRequestMayComeTwice) {
  auto signals = Signals::block();
  ASSERT_TRUE(signals);
  ::raise(SIGINT);
  signals->read();
  EXPECT_TRUE(signals->end_requested());
  ::raise(SIGINT);  // unblocked by now: its handler runs here
  ::raise(SIGTERM);
  EXPECT_TRUE(signals->end_requested());
}

TEST(Signals, ASecondRequestEndsTheProcess) {
  const auto ask_twice = [] {
    auto signals = Signals::block();
    ::raise(SIGINT);
    signals->read();
    ::usleep(300'000);
    ::raise(SIGINT);
  };
  EXPECT_EXIT(ask_twice(), testing::ExitedWithCode(130), "");
}

TEST(Signals, OneEndsAScriptThatIsEndingByItself) {
  const auto end = [] {
    auto signals = Signals::block();
    signals->end_has_begun();
    ::raise(SIGTERM);
  };
  EXPECT_EXIT(end(), testing::ExitedWithCode(143), "");
}

}  // namespace
}  // namespace sonde::runtime
