// SPDX-License-Identifier: Apache-2.0
// The target whose answers come from a file. Knows nothing of the file's format.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "target/features.h"
#include "target/target.h"

namespace sonde::target {

struct SnapshotFacts {
  std::string release, architecture;
  std::array<bool, feature_count> features{};
  std::map<std::string, std::uint32_t, std::less<>> syscalls;          // by tracefs name
  std::map<std::string, Tracepoint, std::less<>> tracepoints;          // by category:event
  std::vector<KernelFunction> kernel_functions;                        // sorted
  std::map<std::string, std::vector<std::string>, std::less<>> files;  // sorted functions by path
  std::map<std::string, std::vector<UsdtProbe>, std::less<>> usdt;     // by path
  // The kinds of programs that may call a function, by its name.
  std::map<std::string, std::vector<std::string>, std::less<>> callable;
  std::vector<std::uint8_t> btf;  // raw; empty: none
};

// Fails when the BTF is none. It may be damaged, or have kinds of types that are newer than this
// program, as that of a running kernel: what comes before is known, and btf_problem() tells it.
Result<std::unique_ptr<Target>> make_snapshot_target(SnapshotFacts facts);

}  // namespace sonde::target
