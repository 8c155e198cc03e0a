// SPDX-License-Identifier: Apache-2.0
// printf() and print() of a value.
#include "runtime/actions/action.h"
#include "runtime/print/printer.h"

namespace sonde::runtime {

void act_print_formatted(ActionContext& context, const image::EventDesc& event,
                         const std::byte* record) {
  context.printer.formatted(event, record);
}

void act_print_value(ActionContext& context, const image::EventDesc& event,
                     const std::byte* record) {
  if (event.fields.empty())
    return context.printer.text_value(event.format.empty() ? "" : event.format.front().literal);
  const image::EventField& field = event.fields.front();
  context.printer.value(field.type, record + field.offset_bytes);
}

}  // namespace sonde::runtime
