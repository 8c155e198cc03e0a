// SPDX-License-Identifier: Apache-2.0
// printf() and print() of a value.
#include "runtime/actions/action.h"

namespace sonde::runtime {

void act_print_formatted(ActionContext& context, const image::EventDesc& event,
                         const std::byte* record) {
  output::append_formatted(context.out, context.text, event, record);
}

void act_print_value(ActionContext& context, const image::EventDesc& event,
                     const std::byte* record) {
  const image::EventField& field = event.fields.front();
  output::append_value(context.out, context.text, field.type, record + field.offset_bytes);
  context.out += '\n';
}

}  // namespace sonde::runtime
