// SPDX-License-Identifier: Apache-2.0
// The table of providers, and types as C. What is listed is tested in tests/cli.
#include <gtest/gtest.h>

#include <string>

#include "lang/probe_kinds.h"
#include "listing/c_text.h"
#include "listing/providers.h"
#include "target/btf_builder.h"

namespace sonde::listing {
namespace {

using target::Btf;
using target::BtfBuilder;
using target::BtfId;
using target::BtfKind;
using target::IntegerKind;

TEST(Providers, AreAllProbeKinds) {
  EXPECT_EQ(providers().size(), lang::probe_kinds().size());
  for (const lang::ProbeKindRow& row : lang::probe_kinds()) {
    const Provider* provider = find_provider(row.name);
    ASSERT_NE(provider, nullptr) << row.name;
    EXPECT_EQ(provider->name(), row.name);
    EXPECT_GE(provider->max_parts, row.max_parts) << row.name;
  }
  EXPECT_EQ(find_provider("U")->name(), "usdt");
  EXPECT_EQ(find_provider("u")->name(), "uprobe");
  EXPECT_EQ(find_provider("KProbe")->name(), "kprobe");
  EXPECT_EQ(find_provider("no"), nullptr);
}

TEST(Providers, AreSortedByName) {
  for (std::size_t i = 1; i < providers().size(); ++i)
    EXPECT_LT(providers()[i - 1].name(), providers()[i].name());
}

class CText : public testing::Test {
 protected:
  void open() {
    bytes_ = builder_.bytes();
    btf_ = *Btf::open(bytes_);
  }

  BtfBuilder builder_;
  std::vector<std::byte> bytes_;
  Btf btf_;
  BtfId int_ = builder_.add_integer("int", 4, IntegerKind::signed_);
  BtfId char_ = builder_.add_integer("char", 1, IntegerKind::signed_);
};

TEST_F(CText, Declarations) {
  const BtfId text = builder_.add_pointer(char_);
  const BtfId texts = builder_.add_pointer(text);
  const BtfId sock = builder_.add_pointer(builder_.declare_composite(BtfKind::struct_, "sock"));
  const target::BtfParam params[] = {{"a", int_}, {"", text}};
  const BtfId callback = builder_.add_pointer(builder_.add_proto(int_, params));
  const BtfId simple = builder_.add_pointer(builder_.add_proto(0, {}));
  const BtfId grid = builder_.add_array(builder_.add_array(int_, 3), 2);
  const BtfId row = builder_.add_pointer(builder_.add_array(int_, 3));
  const BtfId any = builder_.add_pointer(0);
  open();
  EXPECT_EQ(declare(btf_, int_, "n"), "int n");
  EXPECT_EQ(declare(btf_, text, "s"), "char *s");
  EXPECT_EQ(declare(btf_, texts, "s"), "char **s");
  EXPECT_EQ(declare(btf_, any, "p"), "void *p");
  EXPECT_EQ(declare(btf_, sock, "sk"), "struct sock *sk");
  EXPECT_EQ(declare(btf_, callback, "f"), "int (*f)(int a, char *)");
  EXPECT_EQ(declare(btf_, simple, "f"), "void (*f)(void)");
  EXPECT_EQ(declare(btf_, grid, "g"), "int g[2][3]");
  EXPECT_EQ(declare(btf_, row, "r"), "int (*r)[3]");
  EXPECT_EQ(declare(btf_, int_, ""), "int");
  EXPECT_EQ(argument(btf_, int_, "n"), "int n");
  EXPECT_EQ(argument(btf_, sock, "sk"), "struct sock * sk");
  EXPECT_EQ(argument(btf_, texts, "s"), "char ** s");
  EXPECT_EQ(argument(btf_, grid, "g"), "int g[2][3]");
  EXPECT_EQ(argument(btf_, int_, ""), "int");
}

TEST_F(CText, Definitions) {
  const target::BtfMember inner[] = {{"a", int_, 0, 0}, {"b", int_, 32, 3}};
  const BtfId anonymous = builder_.declare_composite(BtfKind::union_, "");
  builder_.define_composite(anonymous, 8, inner);
  const target::BtfMember members[] = {{"", anonymous, 0, 0},
                                       {"u", builder_.add_array(anonymous, 2), 64, 0},
                                       {"name", builder_.add_pointer(char_), 192, 0}};
  const BtfId composite = builder_.declare_composite(BtfKind::struct_, "foo");
  builder_.define_composite(composite, 32, members);
  const target::BtfEnumerator values[] = {{"A", 0}, {"B", static_cast<std::uint64_t>(-1)}};
  const BtfId enumeration = builder_.add_enum("e", 4, true, values);
  open();
  EXPECT_EQ(define(btf_, composite),
            "struct foo {\n"
            "\tunion {\n"
            "\t\tint a;\n"
            "\t\tint b: 3;\n"
            "\t};\n"
            "\tunion {\n"
            "\t\tint a;\n"
            "\t\tint b: 3;\n"
            "\t} u[2];\n"
            "\tchar *name;\n"
            "}");
  EXPECT_EQ(define(btf_, enumeration), "enum e {\n\tA = 0,\n\tB = -1,\n}");
}

// Only damaged BTF has a struct inside itself.
TEST_F(CText, EndsWhereTypesLeadInCircles) {
  const BtfId composite = builder_.declare_composite(BtfKind::struct_, "");
  const target::BtfMember self[] = {{"a", composite, 0, 0}};
  builder_.define_composite(composite, 8, self);
  open();
  EXPECT_TRUE(define(btf_, composite).contains("…"));
}

}  // namespace
}  // namespace sonde::listing
