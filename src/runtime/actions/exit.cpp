// SPDX-License-Identifier: Apache-2.0
// exit(): the records behind it are not acted on any more.
#include <cstdint>
#include <cstring>

#include "runtime/actions/action.h"

namespace sonde::runtime {

void act_exit(ActionContext& context, const image::EventDesc& event, const std::byte* record) {
  context.exit_requested = true;
  if (event.fields.empty()) return;
  const image::EventField& field = event.fields.front();
  // A status has 8 bits, the lowest ones; the machine is little endian (x86-64, arm64).
  std::uint8_t status = 0;
  std::memcpy(&status, record + field.offset_bytes, sizeof status);
  context.exit_status = status;
}

}  // namespace sonde::runtime
