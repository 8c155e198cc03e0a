// SPDX-License-Identifier: Apache-2.0
// What is done in user space for a record: one function per row of image/actions.def, in the
// file of its family.
#pragma once

#include <cstddef>

#include "image/image.h"
#include "output/text.h"

namespace sonde::runtime {

class Maps;
class Printer;
class Reporter;

// What actions may use and change. All references outlive it.
struct ActionContext {
  const image::Image& image;
  output::TextContext text;
  Maps& maps;
  Reporter& reporter;  // what went wrong with an action
  Printer& printer;    // what the script prints and says

  bool exit_requested = false;
  int exit_status = 0;
};

#define ACTION(NAME, SUMMARY) \
  void act_##NAME(ActionContext& context, const image::EventDesc& event, const std::byte* record);
#include "image/actions.def"
#undef ACTION

// Does what the record asks for. It starts with its RecordHeader.
void act(ActionContext& context, const std::byte* record);

}  // namespace sonde::runtime
