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
  // What is only declared in `type`, as another source defines it; else the same again.
  FoundType complete(FoundType type);

  // All names, for suggestions.
  std::vector<std::string_view> names(target::BtfKind kind);

 private:
  enum class Question : std::uint8_t { tagged, any };
  std::optional<FoundType> find(Question question, std::string_view name);
  std::vector<const target::Btf*> sources();

  target::Target& target_;
  std::unique_ptr<ctext::CText> c_text_;
  // Every walk over the script asks again.
  std::map<std::tuple<Question, std::string>, std::optional<FoundType>> known_;
};

}  // namespace sonde::sema
