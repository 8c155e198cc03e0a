// SPDX-License-Identifier: Apache-2.0
// What BTF knows to attach to: functions, and iterators by the structs of their contexts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "target/target.h"

namespace sonde::target {

// A function that a trampoline (fentry, fexit) can be attached to.
struct BtfFunction {
  std::string_view name;  // as long as the target
  BtfId id = 0;           // of its BtfKind::func, in the BTF of the module
};

// Whether each trampoline of the kernel runs through this function itself.
bool is_in_trampoline(std::string_view function);

// Why this function of `vmlinux` or of a module has no trampoline, as a clause; empty: it has one,
// if it can be traced, which is not asked.
std::string trampoline_obstacle(Target& target, std::string_view module, std::string_view function);

// Of `vmlinux` or of one module, sorted by name: those that can be traced and nothing hinders. None
// without BTF.
std::vector<BtfFunction> trampoline_functions(Target& target, std::string_view module);

// That function of `vmlinux` or of a module, where nothing hinders; whether it can be traced is not
// asked.
std::optional<BtfId> find_trampoline_function(Target& target, std::string_view module,
                                              std::string_view name);

// The word of a trampoline's context, or the register for arguments, in which parameter `index` of
// a BtfKind::func begins; of their count, where the trampoline has what the function returned.
unsigned argument_slot(const Btf& btf, BtfId function, std::size_t index);

// The number of arguments that a trampoline can hand on; on x86-64 those that are in registers.
unsigned max_trampoline_arguments(std::string_view architecture);

// The names behind `struct bpf_iter__NAME`, sorted; `btf` may be null.
std::vector<std::string> iterator_names(const Btf* btf);
// The struct that is the context of an iterator.
std::string iterator_context(std::string_view iterator);

}  // namespace sonde::target
