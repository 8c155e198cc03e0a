// SPDX-License-Identifier: Apache-2.0
// Where the names of C types, enumerators and macros come from, in their order: the program that
// a user probe traces, the script's C text, the kernel, its modules.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "ctext/ctext.h"
#include "target/target.h"

namespace sonde::sema {

struct FoundType {
  const target::Btf* btf = nullptr;
  target::BtfId id = 0;
};

struct FoundEnumerator {
  FoundType enumeration;
  std::uint64_t value = 0;  // two's complement when the enum is signed
};

class TypeSources {
 public:
  explicit TypeSources(target::Target& target) : target_(target) {}

  void set_c_text(std::unique_ptr<ctext::CText> c_text) { c_text_ = std::move(c_text); }
  const ctext::CText* c_text() const { return c_text_.get(); }

  // A complete struct or union, by its tag.
  std::optional<FoundType> find_struct(std::string_view name);
  // What stands without a tag: a typedef, an integer type, a struct or enum by its name.
  std::optional<FoundType> find_type(std::string_view name);
  // Only C text has enums that a script can name.
  std::optional<FoundType> find_c_enum(std::string_view name) const;
  std::optional<FoundEnumerator> find_enumerator(std::string_view name);
  // The same, of the program that a user probe traces; nothing when it has no debug information.
  std::optional<FoundType> find_struct_in(const std::string& program, std::string_view name);
  std::optional<FoundType> find_type_in(const std::string& program, std::string_view name);
  // All that is known of that program; null, with the reason in `program_problem`, when there is no
  // debug information.
  target::UserTypes* open_program(const std::string& path);
  std::string_view program_problem(const std::string& path) const;  // empty also when not asked
  // Where debug information is looked for that is no part of a program (--debuginfo).
  void set_debug_folders(std::string folders) { debug_folders_ = std::move(folders); }

  // What is only declared in `type`, as another source defines it; else the same again.
  FoundType complete(FoundType type);

  // All names, for suggestions.
  std::vector<std::string_view> names(target::BtfKind kind);

 private:
  enum class Question : std::uint8_t { tagged, any };
  std::optional<FoundType> find(Question question, std::string_view name);
  std::vector<const target::Btf*> sources();
  FoundType complete_in_program(target::UserTypes& program, FoundType type) const;

  target::Target& target_;
  std::unique_ptr<ctext::CText> c_text_;
  std::string debug_folders_;
  std::map<std::string, Result<std::unique_ptr<target::UserTypes>>> programs_;  // by path
  // Every walk over the script asks again.
  std::map<std::tuple<Question, std::string>, std::optional<FoundType>> known_;
};

}  // namespace sonde::sema
