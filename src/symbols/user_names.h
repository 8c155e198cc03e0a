// SPDX-License-Identifier: Apache-2.0
// Names of users, from /etc/passwd.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace sonde::symbols {

class UserNames {
 public:
  explicit UserNames(std::string path = "/etc/passwd") : path_(std::move(path)) {}

  // Empty when there is no such user. The file is read at the first question.
  std::string_view find(std::uint64_t uid);

 private:
  void load();

  std::string path_;
  bool is_loaded_ = false;
  std::map<std::uint64_t, std::string> names_;
};

}  // namespace sonde::symbols
