// SPDX-License-Identifier: Apache-2.0
// Functions that an imported C file defines.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "diag/span.h"
#include "target/btf.h"

namespace sonde::sema {

struct ForeignObject;

struct ForeignFunction {
  std::string name;
  const ForeignObject* object = nullptr;
  target::BtfId prototype = 0;  // in the object's BTF
};

// A BPF object that is linked to the script's programs.
struct ForeignObject {
  std::string path;
  std::string bytes;    // of the ELF file
  std::string license;  // empty: it does not say
  diag::Span imported_at;
  std::vector<std::byte> btf_bytes;  // what `btf` reads
  target::Btf btf;
  std::deque<ForeignFunction> functions;
};

}  // namespace sonde::sema
