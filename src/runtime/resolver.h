// SPDX-License-Identifier: Apache-2.0
// What output needs of the running system: stacks, and names of addresses.
#pragma once

#include <vector>

#include "image/image.h"
#include "output/text.h"
#include "symbols/kernel_symbols.h"
#include "symbols/user_symbols.h"

namespace sonde::runtime {

class Object;

class Resolver final : public output::Resolver {
 public:
  // Both outlive this.
  Resolver(const image::Image& image, const Object& object) : image_(image), object_(object) {}

  void append_stack(std::string& out, const image::ValueType& type, std::uint64_t value) override;
  void append_kernel_symbol(std::string& out, std::uint64_t address) override;
  void append_user_symbol(std::string& out, std::uint64_t address, std::uint32_t tgid) override;

 private:
  // The frames in `frames_`, as many as there are.
  std::size_t read_frames(std::uint32_t limit, std::uint32_t id);

  const image::Image& image_;
  const Object& object_;
  symbols::KernelSymbols kernel_;
  symbols::UserSymbols user_;
  std::vector<std::uint64_t> frames_;
};

}  // namespace sonde::runtime
