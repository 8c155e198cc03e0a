// SPDX-License-Identifier: Apache-2.0
// A file of packets that begin with their IP header (pcap, LINKTYPE_RAW), with times in
// nanoseconds. https://www.tcpdump.org/manpages/pcap-savefile.5.txt
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace sonde::runtime {

class PcapFile {
 public:
  // Replaces what is there.
  static Result<PcapFile> create(const std::string& path);

  // `packet_bytes`: of the whole packet, of which these are the first.
  void add(std::uint64_t wall_ns, std::span<const std::byte> captured, std::uint32_t packet_bytes);
  // Of what was added since.
  Status write();

  const std::string& path() const { return path_; }

 private:
  PcapFile(std::string path, UniqueFd file) : path_(std::move(path)), file_(std::move(file)) {}
  void append(std::uint32_t number);

  std::string path_;
  UniqueFd file_;
  std::string text_;
};

}  // namespace sonde::runtime
