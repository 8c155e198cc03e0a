// SPDX-License-Identifier: Apache-2.0
#include "target/bpf_programs.h"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>

#include "base/unique_fd.h"

namespace sonde::target {

namespace {

long bpf(bpf_cmd command, bpf_attr& attributes) {
  return ::syscall(SYS_bpf, command, &attributes, sizeof attributes);
}

// By the kernel's number of a program or of its BTF.
UniqueFd open_by_id(bpf_cmd command, std::uint32_t id) {
  bpf_attr attr{};
  attr.prog_id = id;  // the same place as btf_id. UAPI: include/uapi/linux/bpf.h
  return UniqueFd(static_cast<int>(bpf(command, attr)));
}

template <typename Info>
bool read_info(const UniqueFd& object, Info& info) {
  bpf_attr attr{};
  attr.info.bpf_fd = static_cast<std::uint32_t>(object.get());
  attr.info.info_len = sizeof info;
  attr.info.info = reinterpret_cast<std::uintptr_t>(&info);
  return bpf(BPF_OBJ_GET_INFO_BY_FD, attr) == 0;
}

// Asked twice: for the size, then for the bytes.
std::vector<std::byte> read_btf(std::uint32_t id) {
  const UniqueFd object = open_by_id(BPF_BTF_GET_FD_BY_ID, id);
  bpf_btf_info size{};
  if (!object.valid() || !read_info(object, size)) return {};
  std::vector<std::byte> bytes(size.btf_size);
  bpf_btf_info info{};
  info.btf = reinterpret_cast<std::uintptr_t>(bytes.data());
  info.btf_size = size.btf_size;
  if (!read_info(object, info)) return {};
  return bytes;
}

// The types of the functions that a program consists of.
std::vector<std::uint32_t> read_function_types(const UniqueFd& program, const bpf_prog_info& size) {
  std::vector<bpf_func_info> functions(size.nr_func_info);
  bpf_prog_info info{};
  info.nr_func_info = size.nr_func_info;
  info.func_info_rec_size = sizeof(bpf_func_info);
  info.func_info = reinterpret_cast<std::uintptr_t>(functions.data());
  std::vector<std::uint32_t> types;
  if (!read_info(program, info)) return types;
  for (const bpf_func_info& function : std::span(functions).first(info.nr_func_info))
    types.push_back(function.type_id);
  return types;
}

void add_functions(std::uint32_t id, std::vector<BpfFunction>& functions) {
  const UniqueFd program = open_by_id(BPF_PROG_GET_FD_BY_ID, id);
  bpf_prog_info info{};
  if (!program.valid() || !read_info(program, info) || info.btf_id == 0) return;
  const std::vector<std::byte> bytes = read_btf(info.btf_id);
  const auto btf = Btf::open(bytes);
  if (!btf) return;
  for (const std::uint32_t type : read_function_types(program, info))
    if (const std::string_view name = btf->type(type).name; !name.empty())
      functions.push_back({id, std::string(name), type});
}

}  // namespace

std::vector<std::byte> read_program_btf(std::uint32_t program_id) {
  const UniqueFd program = open_by_id(BPF_PROG_GET_FD_BY_ID, program_id);
  bpf_prog_info info{};
  if (!program.valid() || !read_info(program, info) || info.btf_id == 0) return {};
  return read_btf(info.btf_id);
}

std::vector<BpfFunction> read_bpf_functions() {
  std::vector<BpfFunction> functions;
  bpf_attr attr{};
  while (bpf(BPF_PROG_GET_NEXT_ID, attr) == 0) {
    const std::uint32_t id = attr.next_id;
    add_functions(id, functions);
    attr = {};
    attr.start_id = id;
  }
  std::ranges::sort(functions);
  return functions;
}

}  // namespace sonde::target
