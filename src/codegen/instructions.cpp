// SPDX-License-Identifier: Apache-2.0
#include "codegen/instructions.h"

#include <fmt/format.h>
#include <llvm-c/Disassembler.h>

#include <array>
#include <memory>

// As for BPF, only what is used is linked.
extern "C" {
void LLVMInitializeX86TargetInfo();
void LLVMInitializeX86TargetMC();
void LLVMInitializeX86Disassembler();
}

namespace sonde::codegen {

namespace {

// Intel SDM, volume 2, 2.3.11: no instruction is longer.
constexpr std::uint64_t longest_instruction = 15;

// The first start of an instruction at or behind `offset` in the code of a function; `offset + 1`
// where something cannot be decoded.
std::uint64_t next_start(std::string code, std::uint64_t offset) {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86Disassembler();
  struct Dispose {
    void operator()(void* context) const { LLVMDisasmDispose(context); }
  };
  const std::unique_ptr<void, Dispose> disassembler(
      LLVMCreateDisasm("x86_64-linux-gnu", nullptr, 0, nullptr, nullptr));
  if (!disassembler) return offset;
  std::array<char, 128> text{};
  std::uint64_t at = 0;
  while (at < offset) {
    auto* bytes = reinterpret_cast<std::uint8_t*>(code.data()) + at;
    const std::size_t size =
        at < code.size() ? LLVMDisasmInstruction(disassembler.get(), bytes, code.size() - at, at,
                                                 text.data(), text.size())
                         : 0;
    if (size == 0) return offset + 1;
    at += size;
  }
  return at;
}

class Check {
 public:
  Check(sema::Script& script, diag::Diagnostics& diagnostics, const sema::ResolvedProbe& probe)
      : script_(script), diag_(diagnostics), probe_(probe) {}

  void check(const sema::Place& place) {
    target::Target& target = script_.target;
    if (place.value == 0) return;
    const bool is_address = place.function.empty();
    const auto function = is_address ? target.user_function_at(place.target, place.value)
                                     : target.user_symbol(place.target, place.function);
    if (!function) return;
    const std::uint64_t offset = is_address ? place.value - function->address : place.value;
    const std::uint64_t next = next_start(
        target.user_code(place.target, function->address, offset + longest_instruction), offset);
    if (next != offset) report(place, place.value + (next - offset));
  }

 private:
  void report(const sema::Place& place, std::uint64_t next) {
    const auto named = [&](std::uint64_t value) {
      return place.function.empty() ? fmt::format("{:#x}", value)
                                    : fmt::format("{}+{}", place.function, value);
    };
    const std::string text =
        fmt::format("{} would be put into the middle of an instruction: {}:{}",
                    lang::row(probe_.kind).name, place.target, named(place.value));
    if (script_.unsafe)
      diag_.warning(diag::DiagId::unsafe_place, probe_.attach_point->span, "{}", text);
    else
      diag_.error(diag::DiagId::unsafe_place, probe_.attach_point->span, "{}", text)
          .hint(
              "the next instruction begins at `{}`; --unsafe attaches there nevertheless, which "
              "may damage the traced program",
              named(next));
  }

  sema::Script& script_;
  diag::Diagnostics& diag_;
  const sema::ResolvedProbe& probe_;
};

}  // namespace

void check_instructions(sema::Script& script, diag::Diagnostics& diagnostics) {
  if (script.target.architecture() != "x86_64") return;
  for (const auto& probe : script.probes)
    if (probe->kind == lang::ProbeKind::uprobe)
      for (const sema::Place& place : probe->places)
        Check(script, diagnostics, *probe).check(place);
}

}  // namespace sonde::codegen
