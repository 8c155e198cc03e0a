// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace sonde {

namespace {

// Far above all that is read; /dev/zero and its like would otherwise fill the memory.
constexpr std::size_t largest_file = std::size_t{1} << 30;

Result<std::string> read_all(int fd, const std::string& path) {
  std::string content;
  std::size_t used = 0;
  struct stat info {};
  const bool sized = ::fstat(fd, &info) == 0 && info.st_size > 0;
  const auto too_large = [&] { return fail_errno(EFBIG, "cannot read " + path); };
  if (sized && static_cast<std::size_t>(info.st_size) > largest_file) return too_large();
  content.resize(sized ? static_cast<std::size_t>(info.st_size) + 1 : 4096);
  for (;;) {
    if (used > largest_file) return too_large();
    if (used == content.size()) content.resize(content.size() * 2);
    const ssize_t n = ::read(fd, content.data() + used, content.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno(errno, "cannot read " + path);
    if (n == 0) break;
    used += static_cast<std::size_t>(n);
  }
  content.resize(used);
  return content;
}

// 0, or the errno of the write that failed.
int write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

}  // namespace

Result<std::string> read_file_at(int directory_fd, const std::string& path) {
  UniqueFd fd(::openat(directory_fd, path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return fail_errno(errno, "cannot open " + path);
  return read_all(fd.get(), path);
}

Result<std::string> read_file(const std::string& path) { return read_file_at(AT_FDCWD, path); }

namespace {

struct Owner {
  uid_t user;
  gid_t group;
};

Status write_new(const std::string& path, std::string_view content, unsigned mode,
                 const Owner* owner) {
  std::string temporary = path + ".XXXXXX";
  UniqueFd fd(::mkstemp(temporary.data()));
  if (!fd.valid()) return fail_errno(errno, "cannot write " + path);
  const auto give_up = [&](int error) -> Status {
    ::unlink(temporary.c_str());
    return fail_errno(error, "cannot write " + path);
  };
  if (const int error = write_all(fd.get(), content); error != 0) return give_up(error);
  if (owner && ::fchown(fd.get(), owner->user, owner->group) != 0) return give_up(errno);
  if (::fchmod(fd.get(), mode) != 0) return give_up(errno);
  if (::rename(temporary.c_str(), path.c_str()) != 0) return give_up(errno);
  return {};
}

}  // namespace

Status rewrite_file(const std::string& path, std::string_view content) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return fail_errno(errno, "cannot write " + path);
  if (!S_ISREG(info.st_mode)) return write_file(path, content);
  char real[PATH_MAX];
  if (!::realpath(path.c_str(), real)) return fail_errno(errno, "cannot write " + path);
  const Owner owner{info.st_uid, info.st_gid};
  const bool is_ours = info.st_uid == ::geteuid() && info.st_gid == ::getegid();
  return write_new(real, content, info.st_mode & 07777, is_ours ? nullptr : &owner);
}

Status write_file(const std::string& path, std::string_view content, unsigned mode) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    const UniqueFd there(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (const int error = there.valid() ? write_all(there.get(), content) : errno; error != 0)
      return fail_errno(error, "cannot write " + path);
    return {};
  }
  return write_new(path, content, mode, nullptr);
}

Result<Mapping> Mapping::open(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return fail_errno(errno, "cannot open " + path);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return fail_errno(errno, "cannot look at " + path);
  Mapping mapping;
  mapping.size_ = static_cast<std::size_t>(info.st_size);
  void* address = mapping.size_ == 0
                      ? MAP_FAILED
                      : ::mmap(nullptr, mapping.size_, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (address != MAP_FAILED) {
    mapping.data_ = static_cast<const std::byte*>(address);
    mapping.mapped_size_ = mapping.size_;
    return mapping;
  }
  SONDE_TRY(mapping.copy_, read_all(fd.get(), path));
  mapping.data_ = reinterpret_cast<const std::byte*>(mapping.copy_.data());
  mapping.size_ = mapping.copy_.size();
  return mapping;
}

Mapping::Mapping(Mapping&& other) noexcept { *this = std::move(other); }

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  if (this == &other) return *this;
  if (mapped_size_ != 0) ::munmap(const_cast<std::byte*>(data_), mapped_size_);
  size_ = std::exchange(other.size_, 0);
  mapped_size_ = std::exchange(other.mapped_size_, 0);
  copy_ = std::move(other.copy_);
  data_ = mapped_size_ != 0 ? other.data_ : reinterpret_cast<const std::byte*>(copy_.data());
  other.data_ = nullptr;
  return *this;
}

Mapping::~Mapping() {
  if (mapped_size_ != 0) ::munmap(const_cast<std::byte*>(data_), mapped_size_);
}

}  // namespace sonde
