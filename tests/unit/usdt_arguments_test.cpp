// SPDX-License-Identifier: Apache-2.0
#include "target/usdt_arguments.h"

#include <gtest/gtest.h>

namespace sonde::target {
namespace {

using Kind = UsdtArgument::Kind;

UsdtArgument one(std::string_view text) {
  const auto arguments = parse_usdt_arguments(text);
  return arguments.size() == 1 ? arguments[0] : UsdtArgument{.problem = "not one argument"};
}

std::string problem_of(std::string_view text) {
  const UsdtArgument argument = one(text);
  return argument.kind == Kind::unreadable ? argument.problem : "";
}

TEST(UsdtArguments, Registers) {
  EXPECT_EQ(
      one("-4@%edi"),
      (UsdtArgument{.kind = Kind::in_register, .size_bytes = 4, .is_signed = true, .base = "edi"}));
  EXPECT_EQ(one("1@%ah"), (UsdtArgument{.kind = Kind::in_register, .size_bytes = 1, .base = "ah"}));
  EXPECT_EQ(one("%rax"), (UsdtArgument{.kind = Kind::in_register, .base = "rax"}));
}

TEST(UsdtArguments, Constants) {
  EXPECT_EQ(
      one("-4@$-9"),
      (UsdtArgument{.kind = Kind::constant, .size_bytes = 4, .is_signed = true, .number = -9}));
  EXPECT_EQ(one("8@$0x10"), (UsdtArgument{.kind = Kind::constant, .number = 16}));
}

TEST(UsdtArguments, Memory) {
  const auto memory = [](UsdtArgument argument) {
    argument.kind = Kind::in_memory;
    return argument;
  };
  EXPECT_EQ(one("8@-16(%rbp)"), memory({.number = -16, .base = "rbp"}));
  EXPECT_EQ(one("8@(%rax)"), memory({.base = "rax"}));
  EXPECT_EQ(one("2@8(%rax,%rbx,4)"),
            memory({.size_bytes = 2, .number = 8, .base = "rax", .index = "rbx", .scale = 4}));
  EXPECT_EQ(one("8@(%rax,%rbx)"), memory({.base = "rax", .index = "rbx"}));
  EXPECT_EQ(one("8@table(,%rdi,8)"), memory({.index = "rdi", .scale = 8, .symbol = "table"}));
  EXPECT_EQ(one("4@name+4(%rip)"), memory({.size_bytes = 4, .number = 4, .symbol = "name"}));
  EXPECT_EQ(one("4@4+name(%rip)"), memory({.size_bytes = 4, .number = 4, .symbol = "name"}));
  EXPECT_EQ(one("4@.local.0-8+16"), memory({.size_bytes = 4, .number = 8, .symbol = ".local.0"}));
}

TEST(UsdtArguments, WhatCannotBeRead) {
  EXPECT_EQ(problem_of("8f@%xmm0"), "it is a floating-point number");
  EXPECT_EQ(problem_of("-4f@-8(%rbp)"), "it is a floating-point number");
  EXPECT_EQ(problem_of("8@%xmm1"), "it is a floating-point number");
  const std::string unknown = "it is written in a form that is not known";
  for (const char* text :
       {"3@%rax", "8@", "8@$name", "8@12(%rip)", "8@(%rax,%rbx,3)", "8@(rax)", "8@%fs:16(%rax)",
        "8@name@GOTPCREL(%rip)", "8@8(%rax", "8@a+b(%rip)", "@", "8@(%rax,%rbx,1,2)", "999@%rax"})
    EXPECT_EQ(problem_of(text), unknown) << text;
}

TEST(UsdtArguments, Lists) {
  EXPECT_TRUE(parse_usdt_arguments("").empty());
  const auto arguments = parse_usdt_arguments(" 8@%rax  nonsense@ -1@%cl");
  ASSERT_EQ(arguments.size(), 3U);
  EXPECT_EQ(arguments[0].base, "rax");
  EXPECT_EQ(arguments[1].kind, Kind::unreadable);
  EXPECT_EQ(arguments[2].base, "cl");
}

}  // namespace
}  // namespace sonde::target
