// SPDX-License-Identifier: Apache-2.0
// What the reader knows of the machine, as text that does not depend on it.
#pragma once

#include <string>

#include "output/text.h"

namespace sonde::output {

class PlainResolver : public Resolver {
 public:
  void append_stack(std::string& out, const image::ValueType&, std::uint64_t) override {
    out += "frame\n";
  }
  void append_kernel_symbol(std::string& out, std::uint64_t) override { out += "ksym"; }
  void append_user_symbol(std::string& out, std::uint64_t, std::uint32_t) override {
    out += "usym";
  }
  void append_user_name(std::string& out, std::uint64_t uid) override {
    out += "user" + std::to_string(uid);
  }
  void append_time(std::string& out, std::uint64_t ns, image::Clock clock,
                   const std::string& format) override {
    out += format + "(" + std::to_string(static_cast<int>(clock)) + ": " + std::to_string(ns) + ")";
  }
  void append_cgroup_path(std::string& out, std::uint64_t id, const std::string& filter) override {
    out += filter + ":" + std::to_string(id);
  }
};

}  // namespace sonde::output
