// SPDX-License-Identifier: Apache-2.0
// The life of a script, step by step.
#include "runtime/run.h"

#include "runtime/object.h"
#include "runtime/reporter.h"
#include "runtime/script.h"
#include "runtime/signals.h"
#include "runtime/unwinding.h"

namespace sonde::runtime {

namespace {

constexpr int status_failed = 255;

// Tells how long the steps of a phase took together.
class PhaseClock {
 public:
  explicit PhaseClock(const RunOptions& options) : options_(options) {}
  void end_of(std::string_view phase) {
    const Clock::time_point now = Clock::now();
    if (options_.on_phase) options_.on_phase(phase, now - start_);
    start_ = now;
  }
  void restart() { start_ = Clock::now(); }

 private:
  using Clock = std::chrono::steady_clock;
  const RunOptions& options_;
  Clock::time_point start_ = Clock::now();
};

int run_loaded(Script& script, PhaseClock& clock, const RunOptions& options) {
  if (!script.open_reader()) return status_failed;
  // Begin probes, then all others; an exit() in begin is read after that.
  if (!script.attach()) return status_failed;
  clock.end_of("attach");
  if (options.dry_run) return 0;
  if (!script.start_child()) return status_failed;

  if (options.work == Work::script) script.say_attached();
  script.walk_iterators();
  script.read_events();
  if (options.work != Work::script) script.run_tests();

  clock.restart();
  script.detach();
  clock.end_of("detach");

  script.run_end_probes();
  script.say_failures();
  script.print_maps();
  return script.finish();
}

}  // namespace

int run(std::string_view elf, const RunOptions& options) {
  PhaseClock clock(options);
  const Result<image::Image> image = image::read_image(elf);
  if (!image) {
    if (options.say) options.say("ERROR: " + image.error().message + "\n");
    return status_failed;
  }
  Reporter reporter(*image, options);
  Unwinding unwinding(*image, reporter);
  if (unwinding.is_wanted()) clock.end_of("unwinding tables");
  const std::optional<Object> object = Object::load(elf, *image, unwinding, reporter);
  if (object) unwinding.begin(*object);
  clock.end_of("load");
  if (!object) return status_failed;

  // Not before the load: until something is attached a signal may simply end the process, also
  // while the verifier takes its time.
  Result<Signals> signals = Signals::block();
  if (!signals) {
    reporter.error({}, signals.error().message);
    return status_failed;
  }
  Script script(*image, *object, unwinding, reporter, *signals);
  return run_loaded(script, clock, options);
}

}  // namespace sonde::runtime
