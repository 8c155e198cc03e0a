// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <cstring>

namespace sonde {

Error Error::from_errno(int errno_value, std::string what) {
  what += ": ";
  what += std::strerror(errno_value);
  return Error{std::move(what), errno_value};
}

Error Error::while_doing(std::string what) && {
  return Error{"while " + std::move(what) + ": " + message, code};
}

}  // namespace sonde
