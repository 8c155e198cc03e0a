// SPDX-License-Identifier: Apache-2.0
#include "codegen/program_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace sonde::codegen {

using image::AttachKind;
using lang::ProbeKind;

namespace {

// From so many bodies on a dispatcher in front of them costs the other system calls less than a
// program for each body (bench/attach_choice: about as much as one that compares the number).
constexpr std::size_t fewest_dispatched = 2;

// Raw programs on all system calls, each for one number. A group has each number once, and no other
// program on the event lies between its bodies in the script that one of their calls fires, too: so
// all fire in the order of the script.
class SyscallGroups {
 public:
  void add(std::size_t index, const PlannedProgram& planned) {
    if (planned.how.kind != AttachKind::raw_tracepoint &&
        planned.how.kind != AttachKind::typed_raw_tracepoint)
      return;
    for (const image::PlaceDesc& place : planned.how.places) {
      Group& group = open_[place.function == "sys_exit"];
      if (place.function != "sys_enter" && place.function != "sys_exit") continue;
      const std::vector<std::uint32_t>& numbers = planned.how.syscalls;
      const bool serves_all = numbers.empty();
      if (serves_all ||
          std::ranges::any_of(numbers, [&](std::uint32_t n) { return group.numbers.contains(n); }))
        close(group);
      if (numbers.size() != 1) continue;
      group.numbers.insert(numbers.front());
      group.bodies.push_back(index);
    }
  }

  // Those that get a dispatcher, each with its bodies in order.
  std::vector<std::vector<std::size_t>> take() {
    for (Group& group : open_) close(group);
    return std::move(closed_);
  }

 private:
  struct Group {
    std::set<std::uint32_t> numbers;
    std::vector<std::size_t> bodies;
  };

  void close(Group& group) {
    if (group.bodies.size() >= fewest_dispatched) closed_.push_back(std::move(group.bodies));
    group = {};
  }

  Group open_[2];  // of sys_enter, sys_exit
  std::vector<std::vector<std::size_t>> closed_;
};

PlannedProgram make_dispatcher(std::vector<PlannedProgram>& programs,
                               const std::vector<std::size_t>& bodies, const std::string& map) {
  PlannedProgram dispatcher = programs[bodies.front()];
  dispatcher.role = PlannedProgram::Role::dispatcher;
  dispatcher.how.syscalls.clear();
  dispatcher.how.served = static_cast<std::uint32_t>(bodies.size());
  image::PlaceDesc& place = dispatcher.how.places.front();
  place.target = map;
  place.name = fmt::format("tracepoint:syscalls:{}_* ({} probes)", place.function, bodies.size());
  for (const std::size_t index : bodies) {
    Attachment& how = programs[index].how;
    how.kind = AttachKind::system_call;
    how.places.front().target = map;
    how.places.front().value = how.syscalls.front();
    how.reason = fmt::format("one program on all system calls finds it and {} more by the number",
                             bodies.size() - 1);
  }
  return dispatcher;
}

// Behind the last of its bodies, so that all of them are there when it begins.
std::vector<PlannedProgram> with_dispatchers(std::vector<PlannedProgram> programs) {
  SyscallGroups groups;
  for (std::size_t i = 0; i < programs.size(); ++i) groups.add(i, programs[i]);
  std::vector<std::pair<std::size_t, PlannedProgram>> dispatchers;
  for (const std::vector<std::size_t>& bodies : groups.take())
    dispatchers.emplace_back(
        bodies.back(),
        make_dispatcher(programs, bodies, fmt::format("sonde_calls{}", dispatchers.size())));
  std::vector<PlannedProgram> all;
  for (std::size_t i = 0; i < programs.size(); ++i) {
    all.push_back(std::move(programs[i]));
    for (auto& [last, dispatcher] : dispatchers)
      if (last == i) all.push_back(std::move(dispatcher));
  }
  return all;
}

bool same_functions(const Attachment& a, const Attachment& b) {
  return std::ranges::equal(a.places, b.places, {}, &image::PlaceDesc::function,
                            &image::PlaceDesc::function);
}

// The one kprobe and the one kretprobe of a script, where both are on the same functions by one
// link each: together they are one link with one program, which the kernel calls at both ends.
void join_session(std::vector<PlannedProgram>& programs, target::Target& target) {
  const auto find = [&](ProbeKind kind) {
    const auto is_of_kind = [&](const PlannedProgram& each) { return each.probe->kind == kind; };
    const bool one = std::ranges::count_if(programs, is_of_kind) == 1;
    return one ? std::ranges::find_if(programs, is_of_kind) : programs.end();
  };
  const auto entry = find(ProbeKind::kprobe), at_return = find(ProbeKind::kretprobe);
  if (entry == programs.end() || at_return == programs.end()) return;
  if (entry->how.kind != AttachKind::kprobe_multi ||
      at_return->how.kind != AttachKind::kretprobe_multi ||
      !same_functions(entry->how, at_return->how) || !target.has(target::Feature::kprobe_session))
    return;
  PlannedProgram session = *entry;
  session.role = PlannedProgram::Role::session;
  for (PlannedProgram* part : {&*entry, &*at_return}) {
    part->how.is_part = true;
    part->how.kind = AttachKind::kprobe_session;
    part->how.reason = "one link for all entries and returns";
    session.parts.push_back(*part);
  }
  session.how.kind = AttachKind::kprobe_session;
  session.how.section = "kprobe.session";
  *entry = std::move(session);
  programs.erase(at_return);
}

}  // namespace

std::vector<PlannedProgram> plan_programs(const sema::Script& script) {
  std::vector<PlannedProgram> programs;
  for (const auto& probe : script.probes)
    for (Attachment& how : choose_attachments(*probe, script.target))
      programs.push_back({.probe = probe.get(), .how = std::move(how), .parts = {}});
  join_session(programs, script.target);
  return with_dispatchers(std::move(programs));
}

}  // namespace sonde::codegen
