// SPDX-License-Identifier: Apache-2.0
#include "runtime/print/json_printer.h"

#include "output/json.h"
#include "runtime/reporter.h"

namespace sonde::runtime {

namespace {

std::string_view message_type(TextOf function) {
  switch (function) {
    case TextOf::printf: return "printf";
    case TextOf::time: return "time";
    case TextOf::cat: return "cat";
    case TextOf::join: return "join";
    case TextOf::system: return "syscall";
  }
  return {};
}

}  // namespace

void JsonPrinter::begin(std::string_view type, std::string_view key) {
  context_.out.append("{\"type\": \"").append(type).append("\", \"");
  context_.out.append(key).append("\": ");
}

void JsonPrinter::end_at(diag::Span span) {
  if (span.known()) {
    const diag::SourceMap& sources = context_.reporter.sources();
    const diag::LineColumn at = sources.position(span.file, span.begin);
    context_.out += ", \"filename\": ";
    output::append_json_string(context_.out, sources.name(span.file));
    context_.out += ", \"line\": " + std::to_string(at.line);
    context_.out += ", \"col\": " + std::to_string(at.column);
  }
  context_.out += "}\n";
}

// --- what the script prints ------------------------------------------------------------------

void JsonPrinter::formatted(const image::EventDesc& event, const std::byte* record) {
  begin("printf", "data");
  const std::size_t start = context_.out.size();
  output::append_formatted(context_.out, context_.text, event, record);
  output::quote_from(context_.out, start);
  context_.out += "}\n";
}

void JsonPrinter::text(TextOf function, std::string_view text) {
  begin(message_type(function), "data");
  output::append_json_string(context_.out, text);
  context_.out += "}\n";
}

// An object is a line of its own.
void JsonPrinter::line(TextOf function, std::string_view text) { this->text(function, text); }

void JsonPrinter::value(image::TypeIndex type, const std::byte* data) {
  begin("value", "data");
  output::append_json_value(context_.out, context_.text, type, data);
  context_.out += "}\n";
}

void JsonPrinter::text_value(std::string_view text) {
  begin("value", "data");
  output::append_json_string(context_.out, text);
  context_.out += "}\n";
}

void JsonPrinter::map(const image::MapDesc& map, std::vector<output::MapEntry>& entries,
                      const output::MapCut& cut) {
  output::append_json_map(context_.out, context_.text, map, entries, cut);
}

void JsonPrinter::end_of_events() {}

// --- what is said about it -------------------------------------------------------------------

void JsonPrinter::attached(unsigned probes) {
  const std::string count = std::to_string(probes);
  begin("attached_probes", "count");
  context_.out += count + ", \"data\": {\"probes\": " + count + "}}\n";
}

// No event of the script: it is for whoever started it.
void JsonPrinter::pinned(const std::string& path) {
  context_.reporter.say("Program pinned to " + path + "\n");
}

void JsonPrinter::message(std::string_view type, diag::Span span, std::string_view text) {
  begin(type, "msg");
  output::append_json_string(context_.out, text);
  end_at(span);
}

void JsonPrinter::script_error(diag::Span span, std::string_view text) {
  message("errorf", span, text);
}

void JsonPrinter::script_warning(diag::Span span, std::string_view text) {
  if (context_.reporter.options().show_warnings) message("warnf", span, text);
}

void JsonPrinter::runtime_warning(const RuntimeWarning& warning) {
  if (!context_.reporter.options().show_warnings) return;
  if (warning.helper.empty()) return message("runtime_error", warning.span, warning.text);
  begin("helper_error", "msg");
  output::append_json_string(context_.out, warning.text);
  context_.out.append(", \"helper\": \"").append(warning.helper);
  context_.out += "\", \"retcode\": " + std::to_string(warning.code);
  end_at(warning.span);
}

void JsonPrinter::lost_events(std::uint64_t count) {
  const std::string number = std::to_string(count);
  begin("lost_events", "count");
  context_.out += number + ", \"data\": {\"events\": " + number + "}}\n";
}

// --- --test and --bench ----------------------------------------------------------------------

void JsonPrinter::tests_begin(std::size_t) {}
void JsonPrinter::test_begins(const std::string&) {}

void JsonPrinter::test_ended(const TestResult& result) {
  begin("test_result", "data");
  context_.out += '{';
  output::append_json_string(context_.out, result.name);
  context_.out += ": {\"duration\": " + std::to_string(result.time.count());
  context_.out.append(", \"passed\": ").append(result.passed ? "true" : "false");
  context_.out += ", \"output\": ";
  output::append_json_string(context_.out, result.said);
  context_.out += "}}}\n";
}

void JsonPrinter::tests_ended(std::size_t, std::span<const std::string>) {}
void JsonPrinter::benchmarks_begin(std::size_t) {}

void JsonPrinter::benchmark_ended(const BenchmarkResult& result) {
  begin("benchmark_result", "data");
  context_.out += '{';
  output::append_json_string(context_.out, result.name);
  context_.out += ": {\"average\": " + std::to_string(result.average_ns);
  context_.out += ", \"iters\": " + std::to_string(result.runs) + "}}}\n";
}

}  // namespace sonde::runtime
