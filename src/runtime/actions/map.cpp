// SPDX-License-Identifier: Apache-2.0
// print(), clear() and zero() of a map: at the time when the record is read.
#include "runtime/actions/action.h"
#include "runtime/maps.h"
#include "runtime/print/printer.h"
#include "runtime/reporter.h"

namespace sonde::runtime {

namespace {

void report(ActionContext& context, const image::EventDesc& event, const Error& error) {
  context.reporter.warning(to_span(event.range), error.message);
}

// The programs are not worth to be waited for when they are about to end: what they add meanwhile
// would come behind the end that the script has asked for.
Maps::Programs wait_for(const image::EventDesc& event) {
  return event.is_last ? Maps::Programs::are_ending : Maps::Programs::go_on;
}

void take(ActionContext& context, const image::EventDesc& event, image::Taking what) {
  const auto taken = context.maps.take(context.image.maps[event.map], what, wait_for(event));
  if (!taken) report(context, event, taken.error());
}

}  // namespace

void act_print_map(ActionContext& context, const image::EventDesc& event, const std::byte*) {
  const image::MapDesc& map = context.image.maps[event.map];
  auto entries = event.taking == image::Taking::nothing
                     ? context.maps.read(map)
                     : context.maps.take(map, event.taking, wait_for(event));
  if (!entries) return report(context, event, entries.error());
  context.printer.map(map, *entries,
                      {.top = event.top, .divisor = event.divisor, .show_empty_scalar = true});
}

void act_clear_map(ActionContext& context, const image::EventDesc& event, const std::byte*) {
  take(context, event, image::Taking::entries);
}

void act_zero_map(ActionContext& context, const image::EventDesc& event, const std::byte*) {
  take(context, event, image::Taking::values);
}

}  // namespace sonde::runtime
