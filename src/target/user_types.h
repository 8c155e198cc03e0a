// SPDX-License-Identifier: Apache-2.0
// The types and functions of a traced program, from its DWARF. They become BTF, which grows with
// each question: a program has far more types than a script asks for.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "target/btf.h"

namespace sonde::target {

// Where the code of a statement of a source file begins.
struct SourceRow {
  std::uint64_t address = 0;  // virtual address in the file
  std::uint32_t line = 0, column = 0;
  auto operator<=>(const SourceRow&) const = default;
};

struct UserParam {
  std::string name;  // may be empty
  BtfId type = 0;
  // The number of the register for integer arguments that it is in.
  std::optional<unsigned> integer_register;
  std::string elsewhere;  // "on the stack", when it is in no such register
};

class UserTypes {
 public:
  // `architecture` as `uname -m` says it; `folders` as in dwarf.h. Fails with a reason when there
  // is no debug information.
  static Result<std::unique_ptr<UserTypes>> open(const std::string& path,
                                                 std::string_view architecture,
                                                 const std::string& folders);
  UserTypes(const UserTypes&) = delete;
  UserTypes& operator=(const UserTypes&) = delete;
  ~UserTypes();

  // The same object as long as this, with ids that stay good. Structs behind pointers are only
  // declared in it until define() or another question wants their members.
  const Btf& btf() const;
  void define(BtfId id);

  // The arguments of the function behind a symbol. Fails with a reason when they are not known.
  const Result<std::vector<UserParam>>& params(const std::string& symbol);
  // Those of many functions, which is sooner done than one by one.
  void read_params(std::span<const std::string> symbols);
  // A whole struct, union or class.
  std::optional<BtfId> find_struct(std::string_view name);
  // A struct, typedef, enum or base type.
  std::optional<BtfId> find_type(std::string_view name);
  // Names of structs, for suggestions.
  std::vector<std::string_view> struct_names();

  // See DwarfFile. No rows: the program has no code of that file.
  std::vector<SourceRow> source_rows(std::string_view file) const;
  std::vector<std::uint64_t> line_addresses(std::string_view file, std::uint32_t line,
                                            std::uint32_t column) const;

 private:
  struct State;
  explicit UserTypes(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sonde::target
