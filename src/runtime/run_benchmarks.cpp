// SPDX-License-Identifier: Apache-2.0
// The time of a benchmark is what the kernel counts for its program, without the system call that
// runs it: bpf_prog_info.run_time_ns, which is kept while somebody asks for it (BPF_ENABLE_STATS,
// Linux 5.8).
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "runtime/object.h"
#include "runtime/print/printer.h"
#include "runtime/reporter.h"
#include "runtime/run_tests.h"
#include "runtime/script.h"

namespace sonde::runtime {

namespace {

using image::ProbeDesc;

constexpr std::uint64_t enough_ns = 1'000'000;
// What it sends is read and dropped that often, so that the ring does not run full.
constexpr std::uint64_t runs_between_reads = 256;

Result<std::uint64_t> time_of(const bpf_program* program) {
  bpf_prog_info info{};
  std::uint32_t size = sizeof info;
  if (const int error = bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size); error != 0)
    return fail_errno(-error, "cannot ask for the time of a benchmark");
  return info.run_time_ns;
}

struct Measured {
  std::uint64_t time_ns = 0;
  std::uint64_t count = 0;
  std::uint32_t returned = 0;  // not 0: it wants to be left out
  bool ran = true;
};

Result<Measured> measure(const TestRun& run, const ProbeDesc& probe, std::uint64_t count) {
  const bpf_program* program = run.object.program(probe.program);
  RunOptions options = run.reporter.options();
  options.say = [](std::string_view) {};
  Reporter unheard(run.image, options);
  std::string dropped;
  SONDE_TRY(const std::uint64_t before, time_of(program));
  Measured result{.count = count};
  for (std::uint64_t i = 0; i < count && result.ran && result.returned == 0; ++i) {
    const auto returned = run.script.run(probe);
    result.ran = returned.has_value();
    result.returned = returned.value_or(0);
    if (i % runs_between_reads != 0) continue;
    run.script.read_into(dropped, unheard);
    dropped.clear();
    run.signals.read();
    if (run.signals.end_requested()) result.ran = false;
  }
  run.script.read_into(dropped, unheard);
  SONDE_TRY(const std::uint64_t after, time_of(program));
  result.time_ns = after - before;
  return result;
}

std::uint64_t factor(std::uint64_t time_ns) {
  if (time_ns < 1'000) return 1000;
  if (time_ns < 10'000) return 100;
  return time_ns < 100'000 ? 10 : 2;
}

Result<Measured> measure_long_enough(const TestRun& run, const ProbeDesc& probe) {
  for (std::uint64_t count = 1;;) {
    SONDE_TRY(const Measured measured, measure(run, probe, count));
    if (!measured.ran || measured.returned != 0 || measured.time_ns >= enough_ns) return measured;
    count *= factor(measured.time_ns);
  }
}

}  // namespace

bool run_benchmarks(const TestRun& run) {
  const UniqueFd statistics(bpf_enable_stats(BPF_STATS_RUN_TIME));
  if (!statistics.valid()) {
    run.reporter.error({},
                       Error::from_errno(errno, "the kernel does not measure programs").message);
    return false;
  }
  std::vector<const ProbeDesc*> all;
  std::size_t longest_name = 0;
  for (const ProbeDesc& probe : run.image.probes) {
    if (probe.attach != image::AttachKind::run_as_benchmark) continue;
    all.push_back(&probe);
    longest_name = std::max(longest_name, probe.places.front().function.size());
  }
  run.printer.benchmarks_begin(longest_name);
  for (const ProbeDesc* probe : all) {
    run.file.idle();
    const auto measured = measure_long_enough(run, *probe);
    if (!measured) {
      run.reporter.error(to_span(probe->range), measured.error().message);
      return false;
    }
    if (!measured->ran) return !run.signals.end_requested();
    BenchmarkResult result{.name = probe->places.front().function};
    if (measured->returned == 0) {
      result.average_ns = measured->time_ns / measured->count;
      result.runs = measured->count;
    }
    run.printer.benchmark_ended(result);
  }
  return true;
}

}  // namespace sonde::runtime
