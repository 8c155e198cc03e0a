// SPDX-License-Identifier: Apache-2.0
// Gives programs the tables by which they unwind the stacks of processes (dw_ustack), and follows
// what these processes map. Does nothing for scripts without it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "image/image.h"
#include "symbols/unwind_tables.h"

struct bpf_object;

namespace sonde::runtime {

class Object;
class Reporter;

class Unwinding {
 public:
  // Both outlive this. Reads the tables of processes that run.
  Unwinding(const image::Image& image, Reporter& reporter);
  Unwinding(const Unwinding&) = delete;
  Unwinding& operator=(const Unwinding&) = delete;

  bool is_wanted() const { return !processes_.empty(); }

  // Before the load: makes the maps as large as the tables, with room for what is loaded later.
  void set_sizes(bpf_object* object) const;
  // Behind it: fills them. Outlives this.
  void begin(const Object& object);

  // A process has mapped code. It is looked at by follow().
  void mapped(std::uint32_t tgid);
  void missed();  // something of this
  void follow();

 private:
  struct Process {
    std::uint32_t tgid = 0;
    image::UnwoundProcess published;
    bool has_changed = true;
    std::vector<image::UnwindRange> ranges;
  };

  void update(Process& process);
  void write_rows();
  void say_problems();

  Reporter& reporter_;
  symbols::UnwindTables tables_;
  std::vector<Process> processes_;
  const Object* object_ = nullptr;
  std::size_t written_rows_ = 0;
};

}  // namespace sonde::runtime
