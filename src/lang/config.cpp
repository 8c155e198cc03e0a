// SPDX-License-Identifier: Apache-2.0
#include "lang/config.h"

#include "base/assert.h"
#include "base/text.h"

namespace sonde::lang {

namespace {

constexpr ConfigRow rows[] = {
#define CONFIG(NAME, ...) ConfigRow{.name = #NAME, __VA_ARGS__},
#include "lang/config.def"
#undef CONFIG
};

constexpr RenamedKey renamed[] = {
    {"strlen", ConfigKey::max_strlen},
    {"no_cpp_demangle", ConfigKey::cpp_demangle},
    {"cat_bytes_max", ConfigKey::max_cat_bytes},
    {"map_keys_max", ConfigKey::max_map_keys},
};

}  // namespace

const ConfigRow& row(ConfigKey key) { return rows[static_cast<std::size_t>(key)]; }

std::span<const ConfigRow> config_keys() { return rows; }
std::span<const RenamedKey> renamed_config_keys() { return renamed; }

std::optional<ConfigKey> find_config_key(std::string_view name) {
  std::string word = to_lower(name);
  if (word.starts_with("bpftrace_")) word.erase(0, 9);
  for (std::size_t i = 0; i < std::size(rows); ++i)
    if (rows[i].name == word) return static_cast<ConfigKey>(i);
  for (const RenamedKey& r : renamed)
    if (r.old_name == word) return r.key;
  return std::nullopt;
}

Config::Config() {
  for (std::size_t i = 0; i < count; ++i) {
    const auto problem = set(static_cast<ConfigKey>(i), rows[i].default_value);
    SONDE_ASSERT(!problem, "a default in config.def does not fit its own type");
  }
}

std::optional<std::string> Config::set(ConfigKey key, std::string_view text) {
  const ConfigRow& r = row(key);
  const auto index = static_cast<std::size_t>(key);
  switch (r.type) {
    case ConfigType::boolean: {
      const auto flag = parse_flag(text);
      if (!flag) return "expected `true` or `false`";
      numbers_[index] = *flag;
      break;
    }
    case ConfigType::number: {
      const auto number = parse_u64(text);
      if (!number) return "expected a number";
      if (*number < r.minimum || *number > r.maximum)
        return "expected a number from " + std::to_string(r.minimum) +
               (r.maximum == UINT64_MAX ? " up" : " to " + std::to_string(r.maximum));
      numbers_[index] = *number;
      break;
    }
    case ConfigType::text: {
      if (r.choices.empty()) break;
      std::string expected = "expected one of";
      for (const std::string_view choice : split(r.choices, '|')) {
        if (to_lower(choice) == to_lower(text)) {
          texts_[index] = choice;
          return std::nullopt;
        }
        expected += " `" + std::string(choice) + "`";
      }
      return expected;
    }
  }
  texts_[index] = text;
  return std::nullopt;
}

}  // namespace sonde::lang
