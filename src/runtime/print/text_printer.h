// SPDX-License-Identifier: Apache-2.0
// For people: the script's output is text, messages go to the reporter.
#pragma once

#include "runtime/print/printer.h"

namespace sonde::runtime {

class TextPrinter final : public Printer {
 public:
  explicit TextPrinter(const PrinterContext& context) : context_(context) {}

  void formatted(const image::EventDesc& event, const std::byte* record) override;
  void text(TextOf function, std::string_view text) override;
  void line(TextOf function, std::string_view text) override;
  void value(image::TypeIndex type, const std::byte* data) override;
  void text_value(std::string_view text) override;
  void map(const image::MapDesc& map, std::vector<output::MapEntry>& entries,
           const output::MapCut& cut) override;
  void end_of_events() override;

  void attached(unsigned probes) override;
  void pinned(const std::string& path) override;
  void script_error(diag::Span span, std::string_view text) override;
  void script_warning(diag::Span span, std::string_view text) override;
  void runtime_warning(const RuntimeWarning& warning) override;
  void lost_events(std::uint64_t count) override;

  void tests_begin(std::size_t count) override;
  void test_begins(const std::string& name) override;
  void test_ended(const TestResult& result) override;
  void tests_ended(std::size_t passed, std::span<const std::string> failed) override;
  void benchmarks_begin(std::size_t longest_name) override;
  void benchmark_ended(const BenchmarkResult& result) override;

 private:
  enum class Mark : unsigned char { good, bad };
  void test_line(Mark mark, std::string_view word, const std::string& text);
  void benchmark_row(std::string name, std::string time, std::string_view runs);

  PrinterContext context_;
  std::size_t name_width_ = 0;  // of the benchmarks
};

}  // namespace sonde::runtime
