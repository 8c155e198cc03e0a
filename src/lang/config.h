// SPDX-License-Identifier: Apache-2.0
// The table of configuration keys (config.def) and the values of one run.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lang/ids.h"

namespace sonde::lang {

enum class ConfigType : std::uint8_t { boolean, number, text };

struct ConfigRow {
  std::string_view name;
  ConfigType type = ConfigType::number;
  std::string_view default_value;
  std::string_view choices;  // of a text, separated by `|`; empty: any text
  std::uint64_t minimum = 0;
  std::uint64_t maximum = UINT64_MAX;
  bool has_effect = true;  // false: accepted for scripts that set it; nothing depends on it yet
  std::string_view summary;
};

const ConfigRow& row(ConfigKey key);
std::span<const ConfigRow> config_keys();

// What keys were called in older versions.
struct RenamedKey {
  std::string_view old_name;
  ConfigKey key;
};
std::span<const RenamedKey> renamed_config_keys();

// `max_strlen`, `MAX_STRLEN` and `BPFTRACE_MAX_STRLEN` are one key; renamed ones are found
// under both names.
std::optional<ConfigKey> find_config_key(std::string_view name);

// Set once before sema, read by everyone after.
class Config {
 public:
  Config();
  // The text must fit the key's type; otherwise says what was expected.
  std::optional<std::string> set(ConfigKey key, std::string_view text);

  std::uint64_t number(ConfigKey key) const { return numbers_[static_cast<std::size_t>(key)]; }
  bool flag(ConfigKey key) const { return number(key) != 0; }
  const std::string& text(ConfigKey key) const { return texts_[static_cast<std::size_t>(key)]; }

 private:
  static constexpr std::size_t count =
#define CONFIG(NAME, ...) +1
#include "lang/config.def"
#undef CONFIG
      ;
  std::array<std::uint64_t, count> numbers_{};
  std::array<std::string, count> texts_;
};

}  // namespace sonde::lang
