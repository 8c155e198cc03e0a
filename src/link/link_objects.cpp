// SPDX-License-Identifier: Apache-2.0
#include "link/link_objects.h"

#include <bpf/libbpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <memory>
#include <vector>

#include "base/file.h"
#include "base/unique_fd.h"

namespace sonde::link {

namespace {

// libbpf's callback has no context.
std::string* messages = nullptr;

__attribute__((format(printf, 2, 0))) int keep(libbpf_print_level level, const char* format,
                                               std::va_list arguments) {
  if (level != LIBBPF_WARN || messages == nullptr) return 0;
  std::array<char, 512> line;
  std::vsnprintf(line.data(), line.size(), format, arguments);
  std::string_view text = line.data();
  if (text.starts_with("libbpf: ")) text.remove_prefix(8);
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (messages->empty()) *messages = text;  // the first says why
  return 0;
}

struct KeepMessages {
  std::string text;
  libbpf_print_fn_t before;
  KeepMessages() : before(libbpf_set_print(keep)) { messages = &text; }
  ~KeepMessages() {
    messages = nullptr;
    libbpf_set_print(before);
  }
};

// libbpf's linker works on files by their paths.
struct MemoryFile {
  UniqueFd fd;
  std::string path;
};

Result<MemoryFile> memory_file(std::string_view content) {
  MemoryFile file{UniqueFd(::memfd_create("object", MFD_CLOEXEC)), ""};
  if (!file.fd.valid()) return fail_errno(errno, "cannot make a file in memory");
  file.path = "/proc/self/fd/" + std::to_string(file.fd.get());
  while (!content.empty()) {
    const ssize_t count = ::write(file.fd.get(), content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return fail_errno(errno, "cannot write a file in memory");
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  return file;
}

struct FreeLinker {
  void operator()(bpf_linker* linker) const { bpf_linker__free(linker); }
};

std::unexpected<Error> refusal(const KeepMessages& kept, std::string_view name, int error) {
  if (kept.text.empty()) return fail_errno(error, std::string(name));
  std::string text = kept.text;
  if (text.starts_with("linker: ")) text.erase(0, 8);
  return fail(std::string(name) + ": " + text);
}

}  // namespace

Result<std::string> link_objects(std::span<const Object> objects) {
  const KeepMessages kept;
  SONDE_TRY(const MemoryFile output, memory_file(""));
  const std::unique_ptr<bpf_linker, FreeLinker> linker(
      bpf_linker__new(output.path.c_str(), nullptr));
  if (linker == nullptr) return refusal(kept, "linking", errno);
  std::vector<MemoryFile> inputs;  // until the end: the linker maps them
  for (const Object& object : objects) {
    SONDE_TRY(MemoryFile input, memory_file(object.bytes));
    inputs.push_back(std::move(input));
    if (const int error = bpf_linker__add_file(linker.get(), inputs.back().path.c_str(), nullptr))
      return refusal(kept, object.name, -error);
  }
  if (const int error = bpf_linker__finalize(linker.get())) return refusal(kept, "linking", -error);
  return read_file(output.path);
}

}  // namespace sonde::link
