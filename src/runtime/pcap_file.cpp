// SPDX-License-Identifier: Apache-2.0
#include "runtime/pcap_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sonde::runtime {

namespace {

constexpr std::uint32_t magic_of_nanoseconds = 0xa1b23c4d;
constexpr std::uint32_t version = 2 | 4 << 16;  // 2.4: two numbers of 16 bits
constexpr std::uint32_t longest_packet = 65535;
constexpr std::uint32_t link_type_raw = 101;
constexpr std::uint64_t second_ns = 1'000'000'000;

}  // namespace

Result<PcapFile> PcapFile::create(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd.valid()) return fail_errno(errno, "cannot create the file of packets " + path);
  PcapFile file(path, std::move(fd));
  for (const std::uint32_t number :
       {magic_of_nanoseconds, version, 0U, 0U, longest_packet, link_type_raw})
    file.append(number);
  SONDE_CHECK(file.write());
  return file;
}

void PcapFile::append(std::uint32_t number) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  text_.append(bytes, sizeof bytes);
}

void PcapFile::add(std::uint64_t wall_ns, std::span<const std::byte> captured,
                   std::uint32_t packet_bytes) {
  append(static_cast<std::uint32_t>(wall_ns / second_ns));
  append(static_cast<std::uint32_t>(wall_ns % second_ns));
  append(static_cast<std::uint32_t>(captured.size()));
  append(packet_bytes);
  text_.append(reinterpret_cast<const char*>(captured.data()), captured.size());
}

Status PcapFile::write() {
  std::size_t written = 0;
  while (written < text_.size()) {
    const ssize_t count = ::write(file_.get(), text_.data() + written, text_.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int error = errno;
      text_.clear();
      return fail_errno(error, "cannot write the file of packets " + path_);
    }
    written += static_cast<std::size_t>(count);
  }
  text_.clear();
  return {};
}

}  // namespace sonde::runtime
