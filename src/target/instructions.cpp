// SPDX-License-Identifier: Apache-2.0
#include "target/instructions.h"

#include <Zydis/Decoder.h>
#include <Zydis/Zydis.h>
#include <dlfcn.h>
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>

namespace sonde::target {

namespace {

// The layout of its structs goes with the version of the headers.
std::string library_name() {
  return fmt::format("libZydis.so.{}.{}", ZYDIS_VERSION_MAJOR(ZYDIS_VERSION),
                     ZYDIS_VERSION_MINOR(ZYDIS_VERSION));
}

struct Close {
  void operator()(void* library) const { ::dlclose(library); }
};

// The part of Zydis that is used, by dlopen: only probes inside of functions pay for it.
class Decoder {
 public:
  static std::optional<Decoder> open() {
    Decoder decoder(::dlopen(library_name().c_str(), RTLD_NOW | RTLD_LOCAL));
    if (!decoder.library_) return std::nullopt;
    const auto init = decoder.find<decltype(&ZydisDecoderInit)>("ZydisDecoderInit");
    decoder.decode_ =
        decoder.find<decltype(&ZydisDecoderDecodeInstruction)>("ZydisDecoderDecodeInstruction");
    if (!init || !decoder.decode_ ||
        ZYAN_FAILED(init(&decoder.state_, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)))
      return std::nullopt;
    return decoder;
  }

  // Bytes of the instruction that `code` begins with; 0 where there is none.
  std::uint64_t length(std::string_view code) const {
    ZydisDecoderContext context;
    ZydisDecodedInstruction instruction;
    const ZyanStatus status = decode_(&state_, &context, code.data(), code.size(), &instruction);
    return ZYAN_SUCCESS(status) ? instruction.length : 0;
  }

 private:
  explicit Decoder(void* library) : library_(library) {}

  template <typename Function>
  Function find(const char* name) const {
    return reinterpret_cast<Function>(::dlsym(library_.get(), name));
  }

  std::unique_ptr<void, Close> library_;
  ZydisDecoder state_{};
  decltype(&ZydisDecoderDecodeInstruction) decode_ = nullptr;
};

}  // namespace

Result<std::uint64_t> next_instruction(std::string_view code, std::uint64_t offset) {
  const auto decoder = Decoder::open();
  if (!decoder)
    return fail(
        fmt::format("instructions are decoded with {} (on Debian: libzydis4.0)", library_name()));
  std::uint64_t at = 0;
  while (at < offset) {
    const std::uint64_t length = at < code.size() ? decoder->length(code.substr(at)) : 0;
    if (length == 0) return offset + 1;
    at += length;
  }
  return at;
}

}  // namespace sonde::target
