// SPDX-License-Identifier: Apache-2.0
// errorf() and warnf(): messages of the script, at their place.
#include "runtime/actions/action.h"
#include "runtime/print/printer.h"
#include "runtime/reporter.h"

namespace sonde::runtime {

namespace {

std::string message(ActionContext& context, const image::EventDesc& event,
                    const std::byte* record) {
  std::string text;
  output::append_formatted(text, context.text, event, record);
  if (text.ends_with('\n')) text.pop_back();  // the message ends its line itself
  return text;
}

}  // namespace

void act_report_error(ActionContext& context, const image::EventDesc& event,
                      const std::byte* record) {
  context.printer.script_error(to_span(event.range), message(context, event, record));
}

void act_report_warning(ActionContext& context, const image::EventDesc& event,
                        const std::byte* record) {
  context.printer.script_warning(to_span(event.range), message(context, event, record));
}

}  // namespace sonde::runtime
