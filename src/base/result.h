// SPDX-License-Identifier: Apache-2.0
// Failure of the outside world (a file, a system call, a library) as a value.
// Errors in the user's script are not this: they go to diag::Diagnostics.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace sonde {

struct Error {
  std::string message;
  int code = 0;  // errno of the failed call, 0 when there is none

  // An error whose text ends in the description of `errno_value`.
  static Error from_errno(int errno_value, std::string what);

  // The same error, seen one layer up: "while attaching x: <message>".
  Error while_doing(std::string what) &&;
};

template <typename T>
using Result = std::expected<T, Error>;

using Status = Result<void>;

inline std::unexpected<Error> fail(std::string message) {
  return std::unexpected(Error{std::move(message), 0});
}
inline std::unexpected<Error> fail_errno(int errno_value, std::string what) {
  return std::unexpected(Error::from_errno(errno_value, std::move(what)));
}

}  // namespace sonde

#define SONDE_CONCAT_(a, b) a##b
#define SONDE_CONCAT(a, b) SONDE_CONCAT_(a, b)

// `SONDE_TRY(auto fd, open_map(name));` declares `fd`, or returns the error.
#define SONDE_TRY(declaration, expression) \
  SONDE_TRY_(SONDE_CONCAT(sonde_try_, __LINE__), declaration, expression)
#define SONDE_TRY_(temporary, declaration, expression)    \
  auto temporary = (expression);                          \
  if (!temporary) [[unlikely]]                            \
    return std::unexpected(std::move(temporary).error()); \
  declaration = *std::move(temporary)

// The same for expressions that give no value.
#define SONDE_CHECK(expression)                                \
  do {                                                         \
    auto sonde_check_ = (expression);                          \
    if (!sonde_check_) [[unlikely]]                            \
      return std::unexpected(std::move(sonde_check_).error()); \
  } while (false)
