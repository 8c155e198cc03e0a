// SPDX-License-Identifier: Apache-2.0
#include "runtime/script.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <vector>

#include "runtime/print/text_printer.h"
#include "runtime/run_tests.h"
#include "runtime/start_stops.h"
#include "runtime/traced_process.h"
#include "runtime/unwinding.h"

namespace sonde::runtime {

namespace {

// While the maps of the processes that run are read, a slice after the other.
constexpr int follow_again_ms = 10;

bool shows_user_symbols(const image::Image& image) {
  return std::ranges::any_of(image.types, [](const image::ValueType& type) {
    const bool names_frames =
        type.stack_mode == image::StackMode::bpftrace || type.stack_mode == image::StackMode::perf;
    return type.kind == image::ValueKind::usym ||
           (type.kind == image::ValueKind::ustack && names_frames);
  });
}

}  // namespace

Script::Script(const image::Image& image, const Object& object, Unwinding& unwinding,
               Reporter& reporter, Signals& signals)
    : image_(image),
      unwinding_(unwinding),
      reporter_(reporter),
      signals_(signals),
      maps_(image, object),
      resolver_(image, object, reporter.options().debug_folders),
      output_(reporter.options().output_fd, reporter.options().buffering, &signals),
      printer_(
          make_printer(reporter.options().format, {output_.text(), {image, resolver_}, reporter})),
      actions_{image, {image, resolver_}, maps_, reporter, *printer_},
      failures_(image, object, reporter, *printer_),
      object_(object),
      attachments_(image, object, reporter) {}

// Before anything is attached: from then on nothing may be missed.
void Script::watch_processes() {
  const bool unwinds = unwinding_.is_wanted();
  if (!shows_user_symbols(image_) && !unwinds) return;
  if (unwinds) resolver_.watch().tell_also(unwinding_);
  const Status opened = resolver_.watch().open();
  if (!opened && (unwinds || reporter_.options().verbose))
    reporter_.warning({}, opened.error().message);
  // Of the process of -p at once: its end may be the first thing that is seen.
  if (opened && process() && !process()->is_child())
    resolver_.watch().read_others(process()->pid());
}

// Whether there is more of that to do, and soon.
bool Script::follow_processes() {
  ProcessWatch& watch = resolver_.watch();
  watch.read();
  unwinding_.follow();
  const bool only_one = process() && !process()->is_child();
  return watch.read_others(only_one ? std::optional<std::uint32_t>(process()->pid())
                                    : std::nullopt);
}

bool Script::open_reader() {
  watch_processes();
  std::vector<int> wake_fds{signals_.fd()};
  for (const int fd : resolver_.watch().fds()) wake_fds.push_back(fd);
  if (process()) wake_fds.push_back(process()->fd());
  auto packets = Packets::open(image_, object_, reporter_);
  if (!packets) {
    reporter_.error({}, packets.error().message);
    return false;
  }
  packets_ = *std::move(packets);
  if (packets_) wake_fds.push_back(packets_->fd());
  auto reader = Reader::open(object_, wake_fds, {handle, this});
  if (!reader) {
    reporter_.error({}, reader.error().message);
    return false;
  }
  reader_ = *std::move(reader);
  return true;
}

bool Script::attach() { return attachments_.run_begin() && attachments_.attach(signals_); }

// Its libraries are known before it runs. Of those that it loads later it is told by the watch.
Status Script::start_stopping() {
  const pid_t pid = process()->pid();
  StartStops stops(pid);
  SONDE_CHECK(process()->resume());
  const auto look = [&] {
    unwinding_.mapped(static_cast<std::uint32_t>(pid));
    unwinding_.follow();
  };
  if (const Status stopped = stops.run(look); !stopped)
    reporter_.warning({}, "its first stacks may be cut: " + stopped.error().message);
  return {};
}

bool Script::start_child() {
  if (!has_child() || signals_.end_requested()) return true;
  const Status started = unwinding_.is_wanted() ? start_stopping() : process()->resume();
  if (!started) reporter_.error({}, "Failed to run the command of -c: " + started.error().message);
  return started.has_value();
}

void Script::say_attached() {
  if (!reporter_.options().quiet) printer_->attached(attachments_.count());
}

bool Script::handle(void* self, const std::byte* record, std::size_t) {
  auto& script = *static_cast<Script*>(self);
  if (script.reading_for_ != &script.actions_) {
    if (!script.reading_for_->exit_requested) act(*script.reading_for_, record);
    return true;
  }
  act(script.actions_, record);
  script.output_.event_done();
  // Signals and the end of a command are not to wait for many of these.
  const bool has_waited = script.maps_.has_waited();
  return !has_waited && !script.is_over(Reader::Found::more);
}

bool Script::is_over(Reader::Found found) const {
  return actions_.exit_requested || is_muted() || signals_.end_requested() ||
         // Only begin probes, which have run: what they sent has been read. A command is waited
         // for even so.
         (found != Reader::Found::more &&
          (has_walked_ || (!has_child() && !attachments_.waits_for_events())));
}

// The programs write a byte for each object: after so many of them their records are looked at.
constexpr std::size_t objects_at_a_time = 64;

// Whether the walk came to its end.
bool Script::walk(int iterator) {
  std::array<char, objects_at_a_time> marks{};
  while (!signals_.end_requested()) {
    const ssize_t count = ::read(iterator, marks.data(), marks.size());
    if (count < 0 && errno != EINTR && errno != EAGAIN) {
      reporter_.error({}, std::string("cannot read the iterator: ") + std::strerror(errno));
      return false;
    }
    while (reader_->drain() == Reader::Found::more && !is_over(Reader::Found::more)) continue;
    output_.idle();
    if (is_over(Reader::Found::more)) return false;
    if (count == 0) return true;
    signals_.read();
  }
  return false;
}

void Script::walk_iterators() {
  for (const std::string& path : attachments_.pins()) {
    has_walked_ = true;
    printer_->pinned(path);
  }
  for (const UniqueFd& iterator : attachments_.iterators()) {
    has_walked_ = true;
    if (!walk(iterator.get())) return;
  }
}

void Script::run_signal_probes() {
  for (unsigned left = signals_.take_user_signals(); left > 0; --left) attachments_.run_on_signal();
}

void Script::read_events() {
  while (!signals_.end_requested()) {
    // What it did before is read when everything is detached.
    if (process() && process()->has_ended()) return say_ending();
    run_signal_probes();
    const Reader::Found found = reader_->drain();
    if (packets_) packets_->take();
    output_.idle();
    failures_.look_when_due();
    if (is_over(found)) return;
    const int most_ms = follow_processes() ? follow_again_ms : failures_.look_every_ms();
    reader_->wait(found, most_ms);
    signals_.read();
  }
}

void Script::run_tests() {
  const TestRun run{image_, object_, reporter_, *printer_, signals_, *this, output_};
  const bool good = reporter_.options().work == Work::tests ? runtime::run_tests(run)
                                                            : runtime::run_benchmarks(run);
  if (!good && actions_.exit_status == 0) actions_.exit_status = 1;
}

int Script::read_into(std::string& out, Reporter& reporter) {
  TextPrinter printer({out, {image_, resolver_}, reporter});
  ActionContext context{image_, {image_, resolver_}, maps_, reporter, printer};
  reading_for_ = &context;
  reader_->drain_all();
  reading_for_ = &actions_;
  return context.exit_status;
}

bool Script::has_child() const { return process() && process()->is_child(); }

void Script::say_ending() {
  if (reporter_.options().verbose && has_child())
    reporter_.say("The command has ended " + process()->ending() + "\n");
}

void Script::run_end_probes() {
  signals_.end_has_begun();
  output_.wait_for_slow_reader();
  // What came behind an exit() is not wanted. A signal ends the script where it stands: records
  // that were sent before it are still printed, since nothing is lost in silence.
  if (actions_.exit_requested || is_muted())
    reader_->discard();
  else
    reader_->drain_all();
  if (is_muted() || !attachments_.run_end()) return;
  reader_->drain_all();
}

void Script::say_failures() {
  output_.flush();  // what happened before comes first where both go to one terminal
  if (packets_) packets_->finish();
  failures_.finish();
}

void Script::print_maps() {
  if (is_muted()) return;
  printer_->end_of_events();
  if (!image_.print_maps_on_exit) return;
  std::vector<const image::MapDesc*> maps;
  for (const image::MapDesc& map : image_.maps) maps.push_back(&map);
  std::ranges::sort(maps, {},
                    [](const image::MapDesc* map) -> std::string_view { return map->name; });
  for (const image::MapDesc* map : maps) {
    auto entries = maps_.read(*map);
    if (entries)
      printer_->map(*map, *entries, {});
    else
      reporter_.error({}, entries.error().message);
    output_.event_done();
  }
}

int Script::finish() {
  output_.flush();
  if (!is_muted()) return actions_.exit_status;
  // Whoever read the output is gone and wants no explanation; the status is what a shell shows
  // for a process that SIGPIPE ended.
  if (output_.error() == EPIPE) return 128 + SIGPIPE;
  reporter_.error({}, std::string("cannot write the output: ") + std::strerror(output_.error()));
  return 1;
}

}  // namespace sonde::runtime
