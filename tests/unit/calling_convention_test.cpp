// SPDX-License-Identifier: Apache-2.0
#include "target/calling_convention.h"

#include <gtest/gtest.h>

#include <string>

#include "target/btf_builder.h"

namespace sonde::target {
namespace {

struct CallingConvention : testing::Test {
  BtfBuilder builder;
  BtfId number = builder.add_integer("int", 4, IntegerKind::signed_);
  BtfId wide = builder.add_integer("__int128", 16, IntegerKind::signed_);
  BtfId real = builder.add_float("double", 8);
  BtfId text = builder.add_pointer(number);

  BtfId composite(std::uint32_t bytes, std::vector<BtfMember> members) {
    const BtfId id = builder.declare_composite(BtfKind::struct_, "s");
    builder.define_composite(id, bytes, members);
    return id;
  }

  // "0 - 1": numbers of registers, - for what is elsewhere.
  std::string places(const std::vector<ArgumentType>& types, std::string_view architecture,
                     ArgumentType result = {}) {
    const auto bytes = builder.bytes();
    const auto btf = Btf::open(bytes);
    std::string out;
    for (const ArgumentPlace& place : argument_places(*btf, types, result, architecture)) {
      if (!out.empty()) out += ' ';
      out += place.integer_register ? std::to_string(*place.integer_register) : "-";
      EXPECT_EQ(place.integer_register.has_value(), place.elsewhere.empty());
    }
    return out;
  }
};

TEST_F(CallingConvention, numbers_and_pointers_fill_the_registers) {
  const std::vector<ArgumentType> types(9, {number});
  EXPECT_EQ(places(types, "x86_64"), "0 1 2 3 4 5 - - -");
  EXPECT_EQ(places(types, "aarch64"), "0 1 2 3 4 5 6 7 -");
}

TEST_F(CallingConvention, floats_take_no_integer_register) {
  EXPECT_EQ(places({{real}, {number}, {real}, {text}}, "x86_64"), "- 0 - 1");
}

TEST_F(CallingConvention, small_structs_take_a_register_for_each_word) {
  const BtfId pair = composite(8, {{"x", number, 0}, {"y", number, 32}});
  const BtfId two = composite(16, {{"p", text, 0}, {"n", number, 64}});
  const BtfId mixed = composite(16, {{"r", real, 0}, {"n", number, 64}});
  EXPECT_EQ(places({{pair}, {number}, {two}, {number}}, "x86_64"), "- 1 - 4");
  EXPECT_EQ(places({{mixed}, {number}}, "x86_64"), "- 1");
  EXPECT_EQ(places({{mixed}, {number}}, "aarch64"), "- 2");
}

TEST_F(CallingConvention, structs_of_floats_have_registers_of_their_own) {
  const BtfId point = composite(16, {{"x", real, 0}, {"y", real, 64}});
  const BtfId box =
      composite(32, {{"x", real, 0}, {"y", real, 64}, {"z", real, 128}, {"w", real, 192}});
  EXPECT_EQ(places({{point}, {number}}, "x86_64"), "- 0");
  EXPECT_EQ(places({{point}, {number}}, "aarch64"), "- 0");
  EXPECT_EQ(places({{box}, {number}}, "aarch64"), "- 0");
}

TEST_F(CallingConvention, large_structs_are_in_memory) {
  const BtfId large = composite(32, {{"a", builder.add_array(number, 8), 0}});
  EXPECT_EQ(places({{large}, {number}}, "x86_64"), "- 0");
  EXPECT_EQ(places({{large}, {number}}, "aarch64"), "- 1");  // its address takes a register
}

TEST_F(CallingConvention, a_large_result_takes_the_first_register) {
  const BtfId large = composite(32, {{"a", builder.add_array(number, 8), 0}});
  EXPECT_EQ(places({{number}}, "x86_64", {large}), "1");
  EXPECT_EQ(places({{number}}, "aarch64", {large}), "0");
}

TEST_F(CallingConvention, objects_of_cpp_are_passed_as_their_address) {
  const BtfId large = composite(32, {{"a", builder.add_array(number, 8), 0}});
  EXPECT_EQ(places({{large, true}, {number}}, "x86_64"), "0 1");
}

TEST_F(CallingConvention, wide_integers_take_two) {
  EXPECT_EQ(places({{number}, {wide}, {number}}, "x86_64"), "0 - 3");
  EXPECT_EQ(places({{number}, {wide}, {number}}, "aarch64"), "0 - 4");
}

TEST_F(CallingConvention, what_does_not_fit_is_on_the_stack) {
  const BtfId two = composite(16, {{"p", text, 0}, {"n", number, 64}});
  std::vector<ArgumentType> types(5, {number});
  types.push_back({two});
  types.push_back({number});
  EXPECT_EQ(places(types, "x86_64"), "0 1 2 3 4 - 5");
  types.insert(types.begin(), 2, {number});
  EXPECT_EQ(places(types, "aarch64"), "0 1 2 3 4 5 6 - -");
}

}  // namespace
}  // namespace sonde::target
