// SPDX-License-Identifier: Apache-2.0
// printf: the format taken apart, and the text made with it.
#include "image/format.h"

#include <gtest/gtest.h>

#include <cstring>

#include "image/layout.h"
#include "output/text.h"
#include "plain_resolver.h"

namespace sonde {
namespace {

using image::FormatPiece;
using image::Length;
using image::ValueKind;

// --- parse_format ---------------------------------------------------------------------------

TEST(ParseFormat, SplitsTextAndConversions) {
  const auto pieces = image::parse_format("a %d b%s");
  ASSERT_EQ(pieces.size(), 4U);
  EXPECT_EQ(pieces[0].literal, "a ");
  EXPECT_EQ(pieces[0].conversion, 0);
  EXPECT_EQ(pieces[1].conversion, 'd');
  EXPECT_EQ(pieces[2].literal, " b");
  EXPECT_EQ(pieces[3].conversion, 's');
}

TEST(ParseFormat, ReadsEveryPart) {
  const auto pieces = image::parse_format("%-+ #012.3llx");
  ASSERT_EQ(pieces.size(), 1U);
  const FormatPiece& piece = pieces[0];
  EXPECT_TRUE(piece.left && piece.plus && piece.blank && piece.alternate && piece.zero);
  EXPECT_EQ(piece.width, 12);
  EXPECT_EQ(piece.precision, 3);
  EXPECT_EQ(piece.length, Length::l);
  EXPECT_EQ(piece.conversion, 'x');
}

TEST(ParseFormat, KnowsLengths) {
  const std::pair<const char*, Length> lengths[] = {
      {"%d", Length::none}, {"%hhd", Length::hh}, {"%hd", Length::h}, {"%ld", Length::l},
      {"%lld", Length::l},  {"%jd", Length::l},   {"%zd", Length::l}, {"%td", Length::l}};
  for (const auto& [text, length] : lengths)
    EXPECT_EQ(image::parse_format(text).at(0).length, length) << text;
}

TEST(ParseFormat, KnowsVariants) {
  const auto pieces = image::parse_format("%r%rx%rh%gr%rz");
  ASSERT_EQ(pieces.size(), 6U);
  EXPECT_EQ(pieces[0].variant, 0);
  EXPECT_EQ(pieces[1].variant, 'x');
  EXPECT_EQ(pieces[2].variant, 'h');
  EXPECT_EQ(pieces[3].conversion, 'g');
  EXPECT_EQ(pieces[3].variant, 'r');
  EXPECT_EQ(pieces[5].literal, "z");
}

// What is no conversion is text; flags in another order are no conversion.
TEST(ParseFormat, LeavesOtherTextAlone) {
  for (const char* text : {"plain %q text\n", "%+-d", "%*d", "%.d", "100%", "%ll", "%"}) {
    const auto pieces = image::parse_format(text);
    ASSERT_EQ(pieces.size(), 1U) << text;
    EXPECT_EQ(pieces[0].literal, text);
  }
  EXPECT_EQ(image::parse_format("%%%5%%-%").at(0).literal, "%%%");
  EXPECT_EQ(image::parse_format("%q%d").size(), 2U);
  EXPECT_TRUE(image::parse_format("").empty());
}

TEST(ParseFormat, RecognisesConversionsThatSemaRejects) {
  for (const char conversion : std::string_view("eEfFgGaA"))
    EXPECT_EQ(image::parse_format(std::string("%") + conversion).at(0).conversion, conversion);
}

TEST(ParseFormat, LimitsWidths) {
  EXPECT_EQ(image::parse_format("%99999999999999999999d").at(0).width, 65535);
}

// --- append_formatted -----------------------------------------------------------------------

// printf with one argument.
class Printf : public testing::Test {
 protected:
  std::string with(const char* format, image::ValueType type, const void* value) {
    image_.types = {type};
    image::EventDesc event;
    event.action = image::Action::print_formatted;
    event.format = image::parse_format(format);
    event.fields = {{0}};
    record_.resize(image::lay_out(event.fields, sizeof(image::RecordHeader), image_.types));
    std::memcpy(record_.data() + event.fields[0].offset_bytes, value, type.size_bytes);
    std::string out;
    output::append_formatted(out, {image_, resolver_}, event, record_.data());
    return out;
  }
  template <typename Integer>
  std::string number(const char* format, Integer value) {
    return with(format,
                {.kind = ValueKind::integer,
                 .size_bytes = sizeof value,
                 .is_signed = std::is_signed_v<Integer>},
                &value);
  }
  std::string text(const char* format, std::string value) {
    const auto size = static_cast<std::uint32_t>(value.size() + 1);
    return with(format, {.kind = ValueKind::string, .size_bytes = size}, value.c_str());
  }

  image::Image image_;
  output::PlainResolver resolver_;
  std::vector<std::byte> record_;
};

TEST_F(Printf, SignedNumbers) {
  EXPECT_EQ(number("[%d]", 42), "[42]");
  EXPECT_EQ(number("[%5d]", 42), "[   42]");
  EXPECT_EQ(number("[%-5d]", 42), "[42   ]");
  EXPECT_EQ(number("[%05d]", 42), "[00042]");
  EXPECT_EQ(number("[%+d]", 42), "[+42]");
  EXPECT_EQ(number("[%+d]", -42), "[-42]");
  EXPECT_EQ(number("[% d]", 42), "[42]");
  EXPECT_EQ(number("%i", -7), "-7");
}

// Where bpftrace's versions differ.
TEST_F(Printf, ZerosStandBehindSignAndBase) {
  EXPECT_EQ(number("%05d", -1), "-0001");
  EXPECT_EQ(number("%+05d", 1), "+0001");
  EXPECT_EQ(number("%#06x", 255), "0x00ff");
  EXPECT_EQ(number("[%-05d]", 42), "[42   ]");
  EXPECT_EQ(number("[%6.3d]", 7), "[   007]");
}

TEST_F(Printf, LengthsTruncate) {
  const std::int64_t big = 0x123456789a;
  EXPECT_EQ(number("%d", big), "878082202");
  EXPECT_EQ(number("%x", big), "3456789a");
  EXPECT_EQ(number("%u", -1), "4294967295");
  EXPECT_EQ(number("%ld", big), "78187493530");
  EXPECT_EQ(number("%lx", big), "123456789a");
  EXPECT_EQ(number("%lu", -1), "18446744073709551615");
  EXPECT_EQ(number("%lld", -2), "-2");
  EXPECT_EQ(number("%hhd", 511), "-1");
  EXPECT_EQ(number("%hd", 70000), "4464");
  EXPECT_EQ(number("%zu", std::int8_t{-1}), "18446744073709551615");
  EXPECT_EQ(number("%lu", std::uint8_t{255}), "255");
  EXPECT_EQ(number("%hhu", 300), "44");
  EXPECT_EQ(number("%ld", INT64_MIN), "-9223372036854775808");
}

TEST_F(Printf, Bases) {
  EXPECT_EQ(number("%o", 8), "10");
  EXPECT_EQ(number("%#o", 8), "010");
  EXPECT_EQ(number("%#x", 255), "0xff");
  EXPECT_EQ(number("%#X", 255), "0XFF");
  EXPECT_EQ(number("%X", 0xabcdef), "ABCDEF");
  EXPECT_EQ(number("%#x", 0), "0");
}

TEST_F(Printf, PointersAndCharacters) {
  EXPECT_EQ(number("%p", 255), "0xff");
  EXPECT_EQ(number("%p", 0), "0");
  EXPECT_EQ(number("%p", std::uint64_t{0xffffffff81000000}), "0xffffffff81000000");
  EXPECT_EQ(number("[%8p]", 255), "[    0xff]");
  EXPECT_EQ(number("%c", 65), "A");
  EXPECT_EQ(number("[%3c]", 65), "[  A]");
  EXPECT_EQ(number("%c", 0), std::string(1, '\0'));
  const std::uint64_t address = 0x10;
  const image::ValueType pointer = {.kind = ValueKind::pointer, .size_bytes = 8};
  EXPECT_EQ(with("%s", pointer, &address), "0x10");
  EXPECT_EQ(with("%d", pointer, &address), "16");
}

TEST_F(Printf, Text) {
  EXPECT_EQ(text("[%s]", "ab"), "[ab]");
  EXPECT_EQ(text("[%6s]", "ab"), "[    ab]");
  EXPECT_EQ(text("[%-6s]", "ab"), "[ab    ]");
  EXPECT_EQ(text("[%05s]", "abc"), "[00abc]");
  EXPECT_EQ(text("%.2s", "abc"), "ab");
  EXPECT_EQ(text("[%4.2s]", "abc"), "[  ab]");
  EXPECT_EQ(text("%.9s", "abc"), "abc");
}

TEST_F(Printf, TextTakesAnything) {
  const std::uint8_t yes = 1;
  const image::ValueType boolean = {.kind = ValueKind::boolean, .size_bytes = 1};
  EXPECT_EQ(with("[%6s]", boolean, &yes), "[  true]");
  EXPECT_EQ(with("%d", boolean, &yes), "1");
  EXPECT_EQ(number("[%4s]", -5), "[  -5]");
  const std::uint64_t stack = 3;
  const image::ValueType kstack = {.kind = ValueKind::kstack, .size_bytes = 8};
  EXPECT_EQ(with("%s\n", kstack, &stack), "\nframe\n\n");
}

TEST_F(Printf, NumbersOfTextAreText) { EXPECT_EQ(text("%d", "abc"), "abc"); }

TEST_F(Printf, AllocationFlags) {
  EXPECT_EQ(number("%gr", 0), "0");
  EXPECT_EQ(number("%gr", 0xcc0), "GFP_KERNEL");
  EXPECT_EQ(number("%gr", 0xcc0 | 0x100), "GFP_KERNEL|__GFP_ZERO");
  EXPECT_EQ(number("%gr", 0x8), "0x8");
  EXPECT_EQ(number("%gr", 0x100cca), "GFP_HIGHUSER|0x8");
}

TEST_F(Printf, SeveralArgumentsAndPercent) {
  image_.types = {{.kind = ValueKind::integer, .size_bytes = 8},
                  {.kind = ValueKind::string, .size_bytes = 4}};
  image::EventDesc event;
  event.format = image::parse_format("%s=%d %%\n");
  event.fields = {{1}, {0}};
  std::vector<std::byte> record(
      image::lay_out(event.fields, sizeof(image::RecordHeader), image_.types));
  std::memcpy(record.data() + 4, "abc", 4);
  record[8] = std::byte{9};
  std::string out = "before ";
  output::append_formatted(out, {image_, resolver_}, event, record.data());
  EXPECT_EQ(out, "before abc=9 %\n");
}

}  // namespace
}  // namespace sonde
