// SPDX-License-Identifier: Apache-2.0
// What a running script prints and what is said about it, in one form of output. Actions and the
// rest of the runtime call this and do not know which form it is.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "diag/span.h"
#include "image/image.h"
#include "output/text.h"
#include "runtime/run.h"

namespace sonde::runtime {

class Reporter;

// The function that prints a text.
enum class TextOf : unsigned char { printf, time, cat, join, system };

// Something that went wrong in the kernel and did not end the script.
struct RuntimeWarning {
  diag::Span span;
  std::string text;
  std::string_view helper;  // the BPF helper that failed; empty: none did
  std::int64_t code = 0;    // what it returned
};

struct TestResult {
  std::string name;
  bool passed = false;
  std::chrono::nanoseconds time{};
  std::string said;  // what it printed and reported, as text
};

struct BenchmarkResult {
  std::string name;
  std::uint64_t average_ns = 0;
  std::uint64_t runs = 0;  // 0: it wants to be left out
};

class Printer {
 public:
  virtual ~Printer() = default;

  // --- what the script prints --------------------------------------------------------------
  // printf(). `record` starts with its header.
  virtual void formatted(const image::EventDesc& event, const std::byte* record) = 0;
  virtual void text(TextOf function, std::string_view text) = 0;
  // The same, on lines of its own.
  virtual void line(TextOf function, std::string_view text) = 0;
  // print() of a value.
  virtual void value(image::TypeIndex type, const std::byte* data) = 0;
  virtual void text_value(std::string_view text) = 0;
  virtual void map(const image::MapDesc& map, std::vector<output::MapEntry>& entries,
                   const output::MapCut& cut) = 0;
  // In front of the maps at the end, also when none follows.
  virtual void end_of_events() = 0;

  // --- what is said about it ---------------------------------------------------------------
  virtual void attached(unsigned probes) = 0;
  virtual void pinned(const std::string& path) = 0;
  // errorf() and warnf().
  virtual void script_error(diag::Span span, std::string_view text) = 0;
  virtual void script_warning(diag::Span span, std::string_view text) = 0;
  virtual void runtime_warning(const RuntimeWarning& warning) = 0;
  virtual void lost_events(std::uint64_t count) = 0;

  // --- --test and --bench ------------------------------------------------------------------
  virtual void tests_begin(std::size_t count) = 0;
  virtual void test_begins(const std::string& name) = 0;
  virtual void test_ended(const TestResult& result) = 0;
  virtual void tests_ended(std::size_t passed, std::span<const std::string> failed) = 0;
  virtual void benchmarks_begin(std::size_t longest_name) = 0;
  virtual void benchmark_ended(const BenchmarkResult& result) = 0;
};

// What a printer works with. All outlive it.
struct PrinterContext {
  std::string& out;  // the script's output; appended to
  output::TextContext text;
  Reporter& reporter;  // messages for people go there
};

std::unique_ptr<Printer> make_printer(Format format, const PrinterContext& context);

}  // namespace sonde::runtime
