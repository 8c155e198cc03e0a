// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>

#include <string>

#include "ctext/clang.h"
#include "ctext/clang_api.h"

namespace sonde::ctext {

namespace {

constexpr int newest = 22, oldest = 14;

struct Candidate {
  std::string name;
  int version;
};

// Debian has libclang-19.so.19 and libclang-19.so.1, others libclang.so.19.1 and libclang.so.13.
std::vector<Candidate> candidates() {
  std::vector<Candidate> names;
  for (int version = newest; version >= oldest; --version) {
    const std::string number = std::to_string(version);
    for (const std::string& name :
         {"libclang-" + number + ".so." + number, "libclang-" + number + ".so.1",
          "libclang.so." + number + ".1", "libclang.so." + number})
      names.push_back({name, version});
  }
  names.push_back({"libclang-14.so.13", 14});
  names.push_back({"libclang.so.13", 0});
  names.push_back({"libclang.so", 0});
  return names;
}

bool take_functions(void* library, Clang& clang) {
  bool complete = true;
#define FUNCTION(RESULT, NAME, PARAMETERS)                                               \
  clang.NAME = reinterpret_cast<decltype(clang.NAME)>(::dlsym(library, "clang_" #NAME)); \
  complete &= clang.NAME != nullptr;
  SONDE_CLANG_FUNCTIONS(FUNCTION)
#undef FUNCTION
  return complete;
}

}  // namespace

Result<Clang> load_clang() {
  for (const Candidate& candidate : candidates()) {
    // RTLD_LOCAL: its LLVM must not take the place of ours.
    void* library = ::dlopen(candidate.name.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) continue;
    Clang clang;
    clang.version = candidate.version;
    if (take_functions(library, clang)) return clang;
    ::dlclose(library);
  }
  return fail("no libclang is installed");
}

}  // namespace sonde::ctext
