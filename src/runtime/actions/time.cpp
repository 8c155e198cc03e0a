// SPDX-License-Identifier: Apache-2.0
// time(): the time of day when the record is read.
#include <array>
#include <ctime>

#include "runtime/actions/action.h"
#include "runtime/print/printer.h"
#include "runtime/reporter.h"

namespace sonde::runtime {

// Text of more than 63 bytes, or of none, is an error in the language.
void act_print_time(ActionContext& context, const image::EventDesc& event, const std::byte*) {
  const std::string format = event.format.empty() ? "" : event.format.front().literal;
  const time_t now = std::time(nullptr);
  tm parts{};
  std::array<char, 64> text{};
  const std::size_t size = ::localtime_r(&now, &parts) == nullptr
                               ? 0
                               : ::strftime(text.data(), text.size(), format.c_str(), &parts);
  if (size == 0)
    context.reporter.error(to_span(event.range),
                           "time() prints 1 to 63 bytes; this format gives more, or none");
  else
    context.printer.text(TextOf::time, {text.data(), size});
}

}  // namespace sonde::runtime
