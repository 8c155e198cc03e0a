// SPDX-License-Identifier: Apache-2.0
// The runtime finds functions in BTF by the same numbers as the compiler's reader.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "base/file.h"
#include "symbols/btf_functions.h"
#include "target/btf.h"
#include "target/btf_builder.h"

namespace sonde::symbols {
namespace {

using target::Btf;
using target::BtfKind;
using target::BtfSections;
using Ids = std::vector<std::uint32_t>;

std::uint32_t info(BtfKind kind, std::uint32_t count = 0) {
  return static_cast<std::uint32_t>(kind) << 24 | count;
}

std::uint32_t add_function(BtfSections& sections, std::string_view name, std::uint32_t prototype) {
  return sections.add_record(sections.add_string(name), info(BtfKind::func), prototype);
}

std::string text(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class BtfFunctions : public testing::Test {
 protected:
  BtfFunctions() { std::filesystem::create_directory(folder_); }
  ~BtfFunctions() override { std::filesystem::remove_all(folder_); }
  const std::string folder_ = testing::TempDir() + "sonde_btf." + std::to_string(::getpid());
};

TEST_F(BtfFunctions, AreFoundBehindRecordsOfAllSizes) {
  BtfSections kernel;
  const auto integer = kernel.add_record(kernel.add_string("int"), info(BtfKind::integer), 4,
                                         std::vector<std::uint32_t>{1 << 24 | 32});
  const std::uint32_t name = kernel.add_string("a");
  kernel.add_record(0, info(BtfKind::array), 0, std::vector<std::uint32_t>{integer, integer, 3});
  kernel.add_record(kernel.add_string("s"), info(BtfKind::struct_, 2), 8,
                    std::vector<std::uint32_t>{name, integer, 0, name, integer, 32});
  kernel.add_record(kernel.add_string("e"), info(BtfKind::enum_, 1), 4,
                    std::vector<std::uint32_t>{name, 1});
  kernel.add_record(kernel.add_string("e64"), info(BtfKind::enum64, 1), 8,
                    std::vector<std::uint32_t>{name, 1, 0});
  const auto prototype = kernel.add_record(0, info(BtfKind::func_proto, 1), integer,
                                           std::vector<std::uint32_t>{name, integer});
  const auto first = add_function(kernel, "first", prototype);
  const auto second = add_function(kernel, "second", prototype);
  add_function(kernel, "second", prototype);
  const std::vector<std::byte> bytes = kernel.bytes();
  ASSERT_TRUE(write_file(folder_ + "/vmlinux", text(bytes)));

  const auto btf = Btf::open(bytes);
  ASSERT_TRUE(btf) << btf.error().message;
  EXPECT_EQ(btf->find(BtfKind::func, "second"), second);
  EXPECT_EQ(find_btf_functions("vmlinux", {"second", "int", "none", "first", "second"}, folder_),
            (Ids{second, 0, 0, first, second}));

  // A module's types go on behind those of the kernel, and may use its texts.
  BtfSections module(&*btf);
  const auto own = add_function(module, "own", prototype);
  const auto named_by_kernel =
      module.add_record(name, info(BtfKind::func), prototype);  // the kernel's text "a"
  ASSERT_TRUE(write_file(folder_ + "/mod", text(module.bytes())));
  EXPECT_EQ(find_btf_functions("mod", {"own", "a", "first"}, folder_),
            (Ids{own, named_by_kernel, 0}));
}

TEST_F(BtfFunctions, AreNoneWhereThereIsNoBtf) {
  EXPECT_EQ(find_btf_functions("vmlinux", {"f"}, folder_), Ids{0});
  ASSERT_TRUE(write_file(folder_ + "/vmlinux", "no BTF at all, but long enough for a header"));
  EXPECT_EQ(find_btf_functions("vmlinux", {"f"}, folder_), Ids{0});
  EXPECT_EQ(find_btf_functions("mod", {"f"}, folder_), Ids{0});
}

}  // namespace
}  // namespace sonde::symbols
