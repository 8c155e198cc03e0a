// SPDX-License-Identifier: Apache-2.0
// Tests and benchmarks as text.
#include <algorithm>

#include "runtime/print/text_printer.h"
#include "runtime/reporter.h"

namespace sonde::runtime {

namespace {

constexpr std::size_t least_name_width = 40, time_width = 15;

std::string tests(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " test" : " tests");
}

std::string readable(std::chrono::nanoseconds time) {
  const auto ns = time.count();
  if (ns < 10'000) return std::to_string(ns) + " ns";
  if (ns < 10'000'000) return std::to_string(ns / 1000) + " μs";
  return std::to_string(ns / 1'000'000) + " ms";
}

}  // namespace

// A word in brackets, ten characters wide, and what it is about.
void TextPrinter::test_line(Mark mark, std::string_view word, const std::string& text) {
  std::string& out = context_.out;
  const bool coloured = context_.reporter.options().colour;
  const std::string_view colour = mark == Mark::good ? "\033[32m" : "\033[31m";
  out += coloured ? colour : "";
  out.append("[").append(word).append("]");
  out += coloured ? "\033[0m" : "";
  out += " " + text + "\n";
}

void TextPrinter::tests_begin(std::size_t count) {
  test_line(Mark::good, "==========", "Running " + std::to_string(count) + " tests.");
}

void TextPrinter::test_begins(const std::string& name) {
  test_line(Mark::good, " RUN      ", name);
}

void TextPrinter::test_ended(const TestResult& result) {
  const std::string what = result.name + " (" + readable(result.time) + ")";
  if (result.passed) return test_line(Mark::good, "       OK ", what);
  context_.out += result.said;
  if (!result.said.empty() && !result.said.ends_with('\n')) context_.out += '\n';
  test_line(Mark::bad, "  FAILED  ", what);
}

void TextPrinter::tests_ended(std::size_t passed, std::span<const std::string> failed) {
  test_line(Mark::good, "==========", tests(passed + failed.size()) + " ran.");
  test_line(Mark::good, "  PASSED  ", tests(passed) + ".");
  if (failed.empty()) return;
  test_line(Mark::bad, "  FAILED  ", tests(failed.size()) + ", listed below:");
  for (const std::string& name : failed) test_line(Mark::bad, "  FAILED  ", name);
}

void TextPrinter::benchmark_row(std::string name, std::string time, std::string_view runs) {
  name.resize(std::max(name_width_, name.size()), ' ');
  time.resize(std::max(time_width, time.size()), ' ');
  context_.out += name + time;
  context_.out.append(runs).append("\n");
}

void TextPrinter::benchmarks_begin(std::size_t longest_name) {
  constexpr std::string_view last = "Iterations";
  name_width_ = std::max(least_name_width, longest_name) + 1;
  benchmark_row("Benchmark", "Time(ns)", last);
  context_.out += std::string(name_width_ + time_width + last.size(), '-') + "\n";
}

void TextPrinter::benchmark_ended(const BenchmarkResult& result) {
  if (result.runs == 0)
    benchmark_row(result.name, "skipped", "-");
  else
    benchmark_row(result.name, std::to_string(result.average_ns), std::to_string(result.runs));
}

}  // namespace sonde::runtime
