// SPDX-License-Identifier: Apache-2.0
// Values of records and keys as text.
#include <gtest/gtest.h>

#include <cstring>

#include "image/layout.h"
#include "output/text.h"
#include "plain_resolver.h"

namespace sonde::output {
namespace {

using image::ValueKind;
using image::ValueType;

class TestResolver : public PlainResolver {
 public:
  void append_stack(std::string& out, const ValueType& type, std::uint64_t value) override {
    if (value != 0) out += (type.kind == ValueKind::kstack ? "kframe\n" : "uframe\n");
  }
  void append_kernel_symbol(std::string& out, std::uint64_t address) override {
    out += "k" + std::to_string(address);
  }
  void append_user_symbol(std::string& out, std::uint64_t address, std::uint32_t tgid) override {
    out += "u" + std::to_string(address) + "@" + std::to_string(tgid);
  }
};

class ValueText : public testing::Test {
 protected:
  image::TypeIndex add(ValueType type) {
    image_.types.push_back(std::move(type));
    return static_cast<image::TypeIndex>(image_.types.size() - 1);
  }
  std::string text(image::TypeIndex type, const void* data) {
    std::string out;
    append_value(out, {image_, resolver_}, type, static_cast<const std::byte*>(data));
    return out;
  }
  template <typename Integer>
  std::string integer(Integer value) {
    return text(add({.kind = ValueKind::integer,
                     .size_bytes = sizeof value,
                     .is_signed = std::is_signed_v<Integer>}),
                &value);
  }
  std::string string(std::string_view bytes) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    return text(add({.kind = ValueKind::string, .size_bytes = size}), bytes.data());
  }

  image::Image image_;
  TestResolver resolver_;
};

TEST_F(ValueText, IntegersOfAllSizes) {
  EXPECT_EQ(integer(std::int8_t{-56}), "-56");
  EXPECT_EQ(integer(std::uint8_t{200}), "200");
  EXPECT_EQ(integer(std::int16_t{-1}), "-1");
  EXPECT_EQ(integer(std::uint16_t{65535}), "65535");
  EXPECT_EQ(integer(std::int32_t{-2147483648}), "-2147483648");
  EXPECT_EQ(integer(std::uint32_t{4294967295}), "4294967295");
  EXPECT_EQ(integer(INT64_MIN), "-9223372036854775808");
  EXPECT_EQ(integer(UINT64_MAX), "18446744073709551615");
}

TEST_F(ValueText, BooleansAndPointers) {
  const image::TypeIndex boolean = add({.kind = ValueKind::boolean, .size_bytes = 1});
  EXPECT_EQ(text(boolean, "\1"), "true");
  EXPECT_EQ(text(boolean, "\0"), "false");
  const image::TypeIndex pointer = add({.kind = ValueKind::pointer, .size_bytes = 8});
  const std::uint64_t address = 0x3a, null = 0;
  EXPECT_EQ(text(pointer, &address), "0x3a");
  EXPECT_EQ(text(pointer, &null), "0x0");
}

TEST_F(ValueText, StringsEndAtTheirNul) {
  using namespace std::string_view_literals;
  EXPECT_EQ(string("ab\0cd"sv), "ab");
  EXPECT_EQ(string("\0\0"sv), "");
  EXPECT_EQ(string("\xff\x01\0"sv), "\xff\x01");
}

TEST_F(ValueText, FullStringsGetTheTrailer) {
  EXPECT_EQ(string("/bin/"), "/bin/..");
  image_.truncation_trailer = "[cut]";
  EXPECT_EQ(string("/bin/"), "/bin/[cut]");
  EXPECT_EQ(string(""), "");
}

// The last byte says so, wherever the text ends.
TEST_F(ValueText, StringsThatWereCutGetTheTrailer) {
  using namespace std::string_literals;
  const std::string mark(1, image::cut_mark);
  EXPECT_EQ(string("/bin/" + mark), "/bin/..");
  EXPECT_EQ(string("/bin\0\0\0"s + mark), "/bin..");
  EXPECT_EQ(string("/bin" + mark + "\0"s), "/bin" + mark);
}

TEST_F(ValueText, Tuples) {
  const auto byte = add({.kind = ValueKind::integer, .size_bytes = 1});
  const auto word = add({.kind = ValueKind::string, .size_bytes = 4});
  const auto inner =
      add({.kind = ValueKind::tuple, .size_bytes = 2, .elements = {{byte, 0}, {byte, 1}}});
  const auto outer = add(
      {.kind = ValueKind::tuple, .size_bytes = 7, .elements = {{byte, 0}, {word, 1}, {inner, 5}}});
  EXPECT_EQ(text(outer, "\1two\0\3\4"), "(1, two, (3, 4))");
  EXPECT_EQ(text(add({.kind = ValueKind::tuple, .size_bytes = 1, .elements = {{byte, 0}}}), "\3"),
            "(3)");
  EXPECT_EQ(text(add({.kind = ValueKind::tuple}), ""), "()");
}

TEST_F(ValueText, StacksStartOnANewLine) {
  const auto kstack = add({.kind = ValueKind::kstack, .size_bytes = 8});
  const auto ustack = add({.kind = ValueKind::ustack, .size_bytes = 8});
  const std::uint64_t id = 7, none = 0;
  EXPECT_EQ(text(kstack, &id), "\nkframe\n");
  EXPECT_EQ(text(ustack, &id), "\nuframe\n");
  EXPECT_EQ(text(kstack, &none), "\n");
}

TEST_F(ValueText, SymbolsAreResolved) {
  const std::uint64_t ksym = 11;
  EXPECT_EQ(text(add({.kind = ValueKind::ksym, .size_bytes = 8}), &ksym), "k11");
  struct {
    std::uint64_t address = 22;
    std::uint32_t tgid = 33, zero = 0;
  } usym;
  EXPECT_EQ(text(add({.kind = ValueKind::usym, .size_bytes = 16}), &usym), "u22@33");
}

TEST_F(ValueText, UsersAndTimesAndCgroups) {
  const std::uint64_t uid = 5, cgroup[] = {77, 1}, unknown[] = {77, 9};
  EXPECT_EQ(text(add({.kind = ValueKind::username, .size_bytes = 8}), &uid), "user5");
  image_.texts = {"%H", "unified"};
  const auto path = add({.kind = ValueKind::cgroup_path, .size_bytes = 16});
  EXPECT_EQ(text(path, cgroup), "unified:77");
  EXPECT_EQ(text(path, unknown), ":77");
  struct {
    std::uint64_t ns = 99;
    std::uint32_t format = 0, clock = static_cast<std::uint32_t>(image::Clock::tai);
  } time;
  EXPECT_EQ(text(add({.kind = ValueKind::timestamp, .size_bytes = 16}), &time), "%H(2: 99)");
}

TEST_F(ValueText, AddressesOfNetworks) {
  struct {
    std::uint64_t family;
    unsigned char bytes[16];
  } inet{2, {127, 0, 0, 1}};
  const auto address = add({.kind = ValueKind::inet, .size_bytes = 24});
  EXPECT_EQ(text(address, &inet), "127.0.0.1");
  inet = {10, {0x20, 0x01, 0x0d, 0xb8}};
  inet.bytes[15] = 1;
  EXPECT_EQ(text(address, &inet), "2001:db8::1");
  inet.family = 1;
  EXPECT_EQ(text(address, &inet), "");
  EXPECT_EQ(text(add({.kind = ValueKind::mac, .size_bytes = 6}), "\x05\x04\xab\x02\xff\x00"),
            "05:04:AB:02:FF:00");
}

TEST_F(ValueText, BuffersShowTheirBytes) {
  const auto buffer = add({.kind = ValueKind::buffer, .size_bytes = 8});
  EXPECT_EQ(text(buffer, "\3\0\0\0a\x01\\z"), "a\\x01\\");
  EXPECT_EQ(text(buffer, "\0\0\0\0abcd"), "");
  EXPECT_EQ(text(buffer, "\x09\0\0\0abcd"), "abcd");  // no more than there is room for
}

TEST_F(ValueText, Aggregations) {
  const std::int64_t parts[] = {-7, 2};
  EXPECT_EQ(text(add({.kind = ValueKind::count, .size_bytes = 8}), &parts[1]), "2");
  EXPECT_EQ(text(add({.kind = ValueKind::sum, .size_bytes = 8, .is_signed = true}), parts), "-7");
  EXPECT_EQ(text(add({.kind = ValueKind::avg, .size_bytes = 16, .is_signed = true}), parts), "-3");
  EXPECT_EQ(text(add({.kind = ValueKind::stats, .size_bytes = 16, .is_signed = true}), parts),
            "{ .count = 2, .average = -3, .total = -7 }");
  const std::uint64_t nothing[] = {0, 0};
  EXPECT_EQ(text(add({.kind = ValueKind::avg, .size_bytes = 16}), nothing), "0");
}

}  // namespace
}  // namespace sonde::output
