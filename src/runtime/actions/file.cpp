// SPDX-License-Identifier: Apache-2.0
// cat(): what is in a file when the record is read.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/unique_fd.h"
#include "runtime/actions/action.h"
#include "runtime/print/printer.h"
#include "runtime/reporter.h"

namespace sonde::runtime {

namespace {

// 0, or the error. Of a file that grows while it is read, no more than `most` bytes.
int read_part(const std::string& path, std::size_t most, std::string& content) {
  // A pipe that nobody writes to is not waited for.
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return errno;
  while (content.size() < most) {
    constexpr std::size_t step = 65536;
    const std::size_t size = content.size();
    content.resize(std::min(size + step, most));
    const ssize_t count = ::read(file.get(), content.data() + size, content.size() - size);
    const int error = errno;
    content.resize(size + (count > 0 ? static_cast<std::size_t>(count) : 0));
    if (count == 0) break;
    if (count < 0 && error != EINTR) return error;
  }
  return 0;
}

}  // namespace

void act_print_file(ActionContext& context, const image::EventDesc& event,
                    const std::byte* record) {
  std::string path;
  output::append_formatted(path, context.text, event, record);
  std::string content;
  const int error = read_part(path, context.image.most_cat_bytes, content);
  if (error == 0 || !content.empty()) context.printer.text(TextOf::cat, content);
  if (error != 0)
    context.reporter.error(to_span(event.range),
                           "cannot read the file `" + path + "`: " + std::strerror(error));
}

}  // namespace sonde::runtime
