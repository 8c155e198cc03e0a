// SPDX-License-Identifier: Apache-2.0
// print(), clear() and zero() of a map: at the time when the record is read.
#include "runtime/actions/action.h"
#include "runtime/maps.h"
#include "runtime/print/printer.h"
#include "runtime/reporter.h"

namespace sonde::runtime {

namespace {

void report(ActionContext& context, const image::EventDesc& event, const Status& status) {
  if (!status) context.reporter.warning(to_span(event.range), status.error().message);
}

}  // namespace

void act_print_map(ActionContext& context, const image::EventDesc& event, const std::byte*) {
  const image::MapDesc& map = context.image.maps[event.map];
  auto entries = event.taking == image::Taking::nothing ? context.maps.read(map)
                                                        : context.maps.take(map, event.taking);
  if (!entries) return report(context, event, std::unexpected(std::move(entries).error()));
  context.printer.map(map, *entries,
                      {.top = event.top, .divisor = event.divisor, .show_empty_scalar = true});
}

void act_clear_map(ActionContext& context, const image::EventDesc& event, const std::byte*) {
  report(context, event, context.maps.clear(context.image.maps[event.map]));
}

void act_zero_map(ActionContext& context, const image::EventDesc& event, const std::byte*) {
  report(context, event, context.maps.zero(context.image.maps[event.map]));
}

}  // namespace sonde::runtime
