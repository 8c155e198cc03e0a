// SPDX-License-Identifier: Apache-2.0
// Tests and benchmarks are in test_text.cpp.
#include "runtime/print/text_printer.h"

#include "runtime/reporter.h"

namespace sonde::runtime {

void TextPrinter::formatted(const image::EventDesc& event, const std::byte* record) {
  output::append_formatted(context_.out, context_.text, event, record);
}

void TextPrinter::text(TextOf, std::string_view text) { context_.out += text; }

void TextPrinter::line(TextOf, std::string_view text) {
  context_.out += text;
  context_.out += '\n';
}

void TextPrinter::value(image::TypeIndex type, const std::byte* data) {
  output::append_value(context_.out, context_.text, type, data);
  context_.out += '\n';
}

void TextPrinter::text_value(std::string_view text) {
  context_.out += text;
  context_.out += '\n';
}

void TextPrinter::map(const image::MapDesc& map, std::vector<output::MapEntry>& entries,
                      const output::MapCut& cut) {
  output::append_map(context_.out, context_.text, map, entries, cut);
}

void TextPrinter::end_of_events() { context_.out += "\n\n"; }

void TextPrinter::attached(unsigned probes) {
  context_.reporter.say("Attached " + std::to_string(probes) +
                        (probes == 1 ? " probe\n" : " probes\n"));
}

void TextPrinter::pinned(const std::string& path) {
  context_.out += "Program pinned to " + path + "\n";
}

void TextPrinter::script_error(diag::Span span, std::string_view text) {
  context_.reporter.brief_error(span, text);
}

void TextPrinter::script_warning(diag::Span span, std::string_view text) {
  context_.reporter.brief_warning(span, text);
}

void TextPrinter::runtime_warning(const RuntimeWarning& warning) {
  std::string extra;
  if (!warning.helper.empty())
    extra = "Additional Info - helper: " + std::string(warning.helper) +
            ", retcode: " + std::to_string(warning.code);
  context_.reporter.warning(warning.span, warning.text, extra);
}

void TextPrinter::lost_events(std::uint64_t count) {
  context_.reporter.say("Lost " + std::to_string(count) + " events\n");
}

}  // namespace sonde::runtime
