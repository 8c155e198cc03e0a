// SPDX-License-Identifier: Apache-2.0
#include "base/assert.h"
#include "runtime/print/json_printer.h"
#include "runtime/print/printer.h"
#include "runtime/print/text_printer.h"

namespace sonde::runtime {

std::unique_ptr<Printer> make_printer(Format format, const PrinterContext& context) {
  switch (format) {
    case Format::text: return std::make_unique<TextPrinter>(context);
    case Format::json: return std::make_unique<JsonPrinter>(context);
  }
  SONDE_UNREACHABLE("every format has a printer");
}

}  // namespace sonde::runtime
