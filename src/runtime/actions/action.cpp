// SPDX-License-Identifier: Apache-2.0
#include "runtime/actions/action.h"

#include <array>
#include <cstring>

#include "base/assert.h"
#include "image/layout.h"

namespace sonde::runtime {

namespace {

using ActFunction = void (*)(ActionContext&, const image::EventDesc&, const std::byte*);

constexpr std::array act_functions = {
#define ACTION(NAME, SUMMARY) ActFunction{act_##NAME},
#include "image/actions.def"
#undef ACTION
};

}  // namespace

void act(ActionContext& context, const std::byte* record) {
  image::RecordHeader header;
  std::memcpy(&header, record, sizeof header);
  SONDE_ASSERT(header.event < context.image.events.size(),
               "programs send only records that the tables describe");
  const image::EventDesc& event = context.image.events[header.event];
  act_functions[static_cast<std::size_t>(event.action)](context, event, record);
}

}  // namespace sonde::runtime
