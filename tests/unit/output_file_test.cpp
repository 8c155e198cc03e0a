// SPDX-License-Identifier: Apache-2.0
// The script's output reaches pipes and files whole, and failures of the other end are seen.
#include "runtime/output_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <thread>

#include "base/unique_fd.h"
#include "runtime/signals.h"

namespace sonde::runtime {
namespace {

struct Pipe {
  Pipe() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    reader = UniqueFd(ends[0]);
    writer = UniqueFd(ends[1]);
  }
  // What lies in the pipe now.
  std::string waiting() {
    ::fcntl(reader.get(), F_SETFL, O_NONBLOCK);
    std::string text;
    char piece[4096];
    for (ssize_t n = 0; (n = ::read(reader.get(), piece, sizeof piece)) > 0;)
      text.append(piece, static_cast<std::size_t>(n));
    return text;
  }

  UniqueFd reader, writer;
};

std::string read_to_end(int fd) {
  std::string text;
  char piece[1000];  // not the size of what is written at once
  for (ssize_t n = 0; (n = ::read(fd, piece, sizeof piece)) > 0;)
    text.append(piece, static_cast<std::size_t>(n));
  return text;
}

TEST(OutputFile, LineBufferingWritesWhenTheReaderOfEventsGoesIdle) {
  Pipe pipe;
  OutputFile output(pipe.writer.get(), Buffering::line, nullptr);
  output.text() += "one\n";
  output.event_done();
  EXPECT_EQ(pipe.waiting(), "");
  output.idle();
  EXPECT_EQ(pipe.waiting(), "one\n");
  EXPECT_EQ(output.error(), 0);
}

TEST(OutputFile, FullBufferingWritesAtTheEnd) {
  Pipe pipe;
  OutputFile output(pipe.writer.get(), Buffering::full, nullptr);
  output.text() += "one\n";
  output.event_done();
  output.idle();
  EXPECT_EQ(pipe.waiting(), "");
  output.flush();
  EXPECT_EQ(pipe.waiting(), "one\n");
}

TEST(OutputFile, NoBufferingWritesAfterEachEvent) {
  Pipe pipe;
  OutputFile output(pipe.writer.get(), Buffering::none, nullptr);
  output.text() += "part";
  output.event_done();
  EXPECT_EQ(pipe.waiting(), "part");
}

TEST(OutputFile, MuchTextIsWrittenBeforeTheEnd) {
  UniqueFd file(::memfd_create("output", MFD_CLOEXEC));
  ASSERT_TRUE(file.valid());
  OutputFile output(file.get(), Buffering::full, nullptr);
  const std::string text(OutputFile::flush_bytes, 'x');
  output.text() += text;
  output.event_done();
  EXPECT_EQ(::lseek(file.get(), 0, SEEK_END), static_cast<off_t>(text.size()));
}

TEST(OutputFile, ASlowReaderGetsEverything) {
  Pipe pipe;
  std::string expected;
  for (int i = 0; i < 50'000; ++i) expected += "line " + std::to_string(i) + "\n";
  std::thread writer([&] {
    OutputFile output(pipe.writer.get(), Buffering::line, nullptr);
    for (std::size_t at = 0; at < expected.size(); at += 700) {
      output.text() += expected.substr(at, 700);
      output.event_done();
    }
    output.flush();
    EXPECT_EQ(output.error(), 0);
    pipe.writer.reset();
  });
  EXPECT_EQ(read_to_end(pipe.reader.get()), expected);
  writer.join();
}

TEST(OutputFile, ANonBlockingDescriptorIsWaitedFor) {
  Pipe pipe;
  ::fcntl(pipe.writer.get(), F_SETFL, O_NONBLOCK);
  const std::string expected(300'000, 'y');
  std::thread writer([&] {
    OutputFile output(pipe.writer.get(), Buffering::line, nullptr);
    output.text() += expected;
    output.flush();
    pipe.writer.reset();
  });
  EXPECT_EQ(read_to_end(pipe.reader.get()), expected);
  writer.join();
}

TEST(OutputFile, AClosedPipeIsAnErrorAndNoSignal) {
  auto signals = Signals::block();
  ASSERT_TRUE(signals);
  Pipe pipe;
  pipe.reader.reset();
  OutputFile output(pipe.writer.get(), Buffering::line, &*signals);
  output.text() += "nobody reads this\n";
  output.idle();
  EXPECT_EQ(output.error(), EPIPE);
  EXPECT_TRUE(output.text().empty());
}

TEST(OutputFile, AFullDiskIsAnError) {
  UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(full.valid());
  OutputFile output(full.get(), Buffering::line, nullptr);
  output.text() += "no room\n";
  output.idle();
  EXPECT_EQ(output.error(), ENOSPC);
}

TEST(OutputFile, AnEndThatIsAskedForInterruptsTheWaitAndLosesNothing) {
  auto signals = Signals::block();
  ASSERT_TRUE(signals);
  Pipe pipe;
  const std::string expected(200'000, 'z');  // more than a pipe holds
  OutputFile output(pipe.writer.get(), Buffering::line, &*signals);
  output.text() += expected;
  ::raise(SIGTERM);
  output.flush();
  EXPECT_TRUE(signals->end_requested());
  EXPECT_FALSE(output.text().empty());

  output.wait_for_slow_reader();
  std::thread writer([&] {
    output.flush();
    pipe.writer.reset();
  });
  EXPECT_EQ(read_to_end(pipe.reader.get()), expected);
  writer.join();
}

}  // namespace
}  // namespace sonde::runtime
