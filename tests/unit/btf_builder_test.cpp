// SPDX-License-Identifier: Apache-2.0
// Writing BTF, alone and on top of another.
#include "target/btf_builder.h"

#include <gtest/gtest.h>

#include <array>

namespace sonde::target {
namespace {

TEST(BtfBuilderTest, WritesWhatItIsTold) {
  BtfBuilder b;
  const BtfId int_ = b.add_integer("int", 4, IntegerKind::signed_);
  EXPECT_EQ(b.add_integer("int", 4, IntegerKind::signed_), int_);
  const BtfId node = b.declare_composite(BtfKind::struct_, "node");
  const BtfId next = b.add_pointer(node);
  const BtfId text = b.add_array(b.add_integer("char", 1, IntegerKind::signed_), 5);
  const std::array members{BtfMember{"next", next, 0, 0}, BtfMember{"flag", int_, 64, 3},
                           BtfMember{"text", text, 96, 0}};
  b.define_composite(node, 24, members);
  const BtfId hidden = b.declare_composite(BtfKind::union_, "hidden");
  const std::array values{BtfEnumerator{"LOW", static_cast<std::uint64_t>(-2)},
                          BtfEnumerator{"HIGH", 7}};
  const BtfId small = b.add_enum("small", 4, true, values);
  const std::array wide_values{BtfEnumerator{"BIG", 1ULL << 40}};
  const BtfId wide = b.add_enum("wide", 8, false, wide_values);

  const auto bytes = b.bytes();
  const auto btf = Btf::open(bytes);
  ASSERT_TRUE(btf);
  EXPECT_TRUE(btf->type(int_).is_signed);
  EXPECT_EQ(btf->find(BtfKind::struct_, "node"), node);
  EXPECT_EQ(btf->size_of(node), 24U);
  EXPECT_EQ(btf->alignment_of(node), 8U);
  ASSERT_EQ(btf->members(node).size(), 3U);
  EXPECT_EQ(btf->members(node)[1].bit_size, 3U);
  EXPECT_EQ(btf->members(node)[1].bit_offset, 64U);
  EXPECT_EQ(btf->type(btf->members(node)[0].type).type, node);
  EXPECT_EQ(btf->type(hidden).kind, BtfKind::fwd);
  EXPECT_EQ(btf->enumerators(small)[0].value, static_cast<std::uint64_t>(-2));
  EXPECT_EQ(btf->find_enumerator("BIG")->value, 1ULL << 40);
  EXPECT_EQ(btf->find_enumerator("BIG")->enumeration, wide);
  EXPECT_FALSE(btf->find_enumerator("LO"));
}

TEST(BtfBuilderTest, BuildsOnABase) {
  BtfBuilder lower;
  const BtfId int_ = lower.add_integer("int", 4, IntegerKind::signed_);
  const BtfId pid = lower.add_typedef("pid_t", int_);
  const auto lower_bytes = lower.bytes();
  const auto base = Btf::open(lower_bytes);
  ASSERT_TRUE(base);

  BtfBuilder upper(&*base);
  const BtfId own = upper.declare_composite(BtfKind::struct_, "own");
  const std::array members{BtfMember{"pid", pid, 0, 0}};
  upper.define_composite(own, 4, members);
  const auto upper_bytes = upper.bytes();
  const auto btf = Btf::open(upper_bytes, &*base);
  ASSERT_TRUE(btf);
  EXPECT_EQ(btf->type_count(), base->type_count() + 1);
  EXPECT_EQ(own, base->type_count());
  EXPECT_EQ(btf->find(BtfKind::struct_, "own"), own);
  EXPECT_EQ(btf->find(BtfKind::typedef_, "pid_t"), std::nullopt);  // is the base's
  EXPECT_EQ(btf->type(btf->members(own)[0].type).name, "pid_t");
  EXPECT_EQ(btf->members(own)[0].name, "pid");
  EXPECT_EQ(btf->size_of(btf->members(own)[0].type), 4U);
  EXPECT_EQ(&btf->home(pid), &*base);
  EXPECT_EQ(&btf->home(own), &*btf);
}

TEST(BtfBuilderTest, PackedStructsHaveNoAlignment) {
  BtfBuilder b;
  const BtfId int_ = b.add_integer("int", 4, IntegerKind::signed_);
  const BtfId packed = b.declare_composite(BtfKind::struct_, "packed");
  const std::array members{BtfMember{"a", int_, 8, 0}};
  b.define_composite(packed, 5, members);
  const auto bytes = b.bytes();
  EXPECT_EQ(Btf::open(bytes)->alignment_of(packed), 1U);
}

}  // namespace
}  // namespace sonde::target
