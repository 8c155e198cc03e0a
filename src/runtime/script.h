// SPDX-License-Identifier: Apache-2.0
// A loaded script, from its begin probes to the dump of its maps.
#pragma once

#include <memory>

#include "image/image.h"
#include "runtime/actions/action.h"
#include "runtime/attach/attach.h"
#include "runtime/failures.h"
#include "runtime/maps.h"
#include "runtime/output_file.h"
#include "runtime/packets.h"
#include "runtime/print/printer.h"
#include "runtime/reader.h"
#include "runtime/reporter.h"
#include "runtime/resolver.h"
#include "runtime/signals.h"

namespace sonde::runtime {

class Unwinding;

class Script {
 public:
  // All outlive the script.
  Script(const image::Image& image, const Object& object, Unwinding& unwinding, Reporter& reporter,
         Signals& signals);
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  // In this order. The first three return whether the script goes on; if not, the reason has been
  // reported and nothing else may be called.
  bool open_reader();
  bool attach();
  // Lets the command of -c go on.
  bool start_child();
  void say_attached();
  void walk_iterators();
  void read_events();
  // --test and --bench, instead of what is above from say_attached() on: what they write is output.
  void run_tests();

  // For those. As Attachments::run().
  std::optional<std::uint32_t> run(const image::ProbeDesc& probe) {
    return attachments_.run(probe);
  }
  // Acts on everything that was sent, with output and messages of its own, which are text. Gives
  // the status that exit() asked for; records behind it are dropped.
  int read_into(std::string& out, Reporter& reporter);

  void detach() {
    attachments_.detach();
    maps_.programs_have_ended();
  }
  void run_end_probes();
  void say_failures();
  void print_maps();

  // Writes what is left. Gives the exit status.
  int finish();

 private:
  void watch_processes();
  Status start_stopping();
  bool follow_processes();
  bool walk(int iterator);
  static bool handle(void* self, const std::byte* record, std::size_t size);
  bool is_over(Reader::Found found) const;
  void run_signal_probes();
  bool has_child() const;
  void say_ending();
  TracedProcess* process() const { return reporter_.options().process; }
  // Nobody reads what the script would still say.
  bool is_muted() const { return output_.error() != 0; }

  const image::Image& image_;
  Unwinding& unwinding_;
  Reporter& reporter_;
  Signals& signals_;
  Maps maps_;
  Resolver resolver_;
  OutputFile output_;
  std::unique_ptr<Printer> printer_;
  ActionContext actions_;
  ActionContext* reading_for_ = &actions_;
  Failures failures_;
  const Object& object_;
  bool has_walked_ = false;           // which ends the script
  std::unique_ptr<Packets> packets_;  // null: the script sends none
  std::unique_ptr<Reader> reader_;
  // Last, so that it goes first: nothing sends records to a reader that is gone.
  Attachments attachments_;
};

}  // namespace sonde::runtime
