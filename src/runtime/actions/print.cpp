// SPDX-License-Identifier: Apache-2.0
// printf(), print() of a value and join().
#include <cstring>
#include <string_view>

#include "image/layout.h"
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

void act_print_joined(ActionContext& context, const image::EventDesc& event,
                      const std::byte* record) {
  const std::string_view separator =
      event.format.empty() ? std::string_view() : event.format.front().literal;
  image::JoinedHeader header;
  std::memcpy(&header, record, sizeof header);
  const auto* text = reinterpret_cast<const char*>(record + sizeof header);
  std::string joined;
  for (std::uint32_t i = 0; i < header.count; ++i) {
    const std::string_view each(text);
    joined.append(i == 0 ? "" : separator).append(each);
    text += each.size() + 1;
  }
  context.printer.line(TextOf::join, joined);
}

}  // namespace sonde::runtime
