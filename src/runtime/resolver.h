// SPDX-License-Identifier: Apache-2.0
// What output needs of the running system: stacks, and names of addresses.
#pragma once

#include <vector>

#include "image/image.h"
#include "output/text.h"
#include "runtime/process_watch.h"
#include "symbols/cgroups.h"
#include "symbols/kernel_symbols.h"
#include "symbols/user_names.h"
#include "symbols/user_symbols.h"

namespace sonde::runtime {

class Object;

class Resolver final : public output::Resolver {
 public:
  // Both outlive this.
  Resolver(const image::Image& image, const Object& object, const std::string& debug_folders)
      : image_(image),
        object_(object),
        user_({.debug_folders = debug_folders,
               .demangle = image.demangle,
               .source_lines = image.show_source_lines}),
        watch_(user_) {}

  // Opened and read by whoever reads the script's events; this only looks for what is new.
  ProcessWatch& watch() { return watch_; }

  void append_stack(std::string& out, const image::ValueType& type, std::uint64_t value) override;
  void append_kernel_symbol(std::string& out, std::uint64_t address) override;
  void append_user_symbol(std::string& out, std::uint64_t address, std::uint32_t tgid) override;
  void append_user_name(std::string& out, std::uint64_t uid) override;
  void append_time(std::string& out, std::uint64_t ns, image::Clock clock,
                   const std::string& format) override;
  void append_cgroup_path(std::string& out, std::uint64_t id, const std::string& filter) override;

 private:
  // The value of a stack map in `frames_`; whether there is one.
  bool read_stack(const image::ValueType& type, std::uint32_t id);
  void append_frame(std::string& out, const image::ValueType& type, std::uint64_t address,
                    const std::optional<symbols::Symbol>& symbol) const;
  void append_build_ids(std::string& out) const;

  const image::Image& image_;
  const Object& object_;
  symbols::KernelSymbols kernel_;
  symbols::UserSymbols user_;
  ProcessWatch watch_;
  symbols::UserNames user_names_;
  symbols::Cgroups cgroups_;
  std::vector<std::uint64_t> frames_;
};

}  // namespace sonde::runtime
