// SPDX-License-Identifier: Apache-2.0
// Types of BTF as C.
#pragma once

#include <string>
#include <string_view>

#include "target/btf.h"

namespace sonde::listing {

// `char *name`, `int (*f)(int)`, `char comm[16]`. Structs without a name are written out,
// with `indent` before the lines of their members.
std::string declare(const target::Btf& btf, target::BtfId type, std::string_view name,
                    std::string_view indent = "");

// `struct sock * sk`: as a declaration, with the name apart.
std::string argument(const target::Btf& btf, target::BtfId type, std::string_view name);

// `struct foo { … }` of a struct, union or enum, without a semicolon; lines of members begin with
// `indent` and a tab.
std::string define(const target::Btf& btf, target::BtfId id, std::string_view indent = "");

}  // namespace sonde::listing
