// SPDX-License-Identifier: Apache-2.0
// What tests/parser/*.bt cannot say: parameters, bytes that no editor writes, sizes, garbage.
#include "parser/parser.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "ast/match.h"
#include "ast/ops.h"
#include "base/arena.h"
#include "diag/diagnostics.h"
#include "diag/render.h"
#include "diag/source_map.h"

namespace sonde {
namespace {

using diag::DiagId;

struct Parsed {
  Arena arena;
  diag::SourceMap sources;
  diag::Diagnostics diagnostics;
  ast::Program* program = nullptr;

  explicit Parsed(std::string text, std::vector<std::string> params = {}) {
    const diag::FileId file = sources.add("test", std::move(text));
    program = parser::parse(file, sources, params, arena, diagnostics);
  }
  std::string tree() const { return program ? ast::print(*program) : "no tree"; }
  std::string errors() const {
    std::string out;
    for (const diag::Diagnostic& d : diagnostics.all()) out += diag::render(d, sources);
    return out;
  }
  bool reports(DiagId id) const {
    for (const diag::Diagnostic& d : diagnostics.all())
      if (d.id == id) return true;
    return false;
  }
  std::string_view text(const ast::Node& node) const { return sources.text(node.span); }
};

std::string repeat(std::string_view part, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += part;
  return out;
}

std::string in_probe(std::string_view body) { return fmt::format("begin {{ {} }}", body); }

TEST(Parser, EmptyTextIsAProgram) {
  EXPECT_EQ(Parsed("").tree(), "Program\n");
  EXPECT_EQ(Parsed(" \n\t\r\n").tree(), "Program\n");
}

TEST(Parser, TextMayEndWithoutNewline) {
  EXPECT_NE(Parsed("begin { } // x").program, nullptr);
  EXPECT_NE(Parsed("begin { } /* x").program, nullptr);
  EXPECT_NE(Parsed("#define X").program, nullptr);
  EXPECT_EQ(Parsed("#!/usr/bin/sonde").tree(), "Program\n");
}

TEST(Parser, WindowsLineEndsAreBlanks) {
  EXPECT_NE(Parsed("begin\r\n{\r\n  $x = 1;\r\n}\r\n").program, nullptr);
}

TEST(Parser, ZeroBytesAreReportedOutsideOfStrings) {
  using namespace std::string_literals;
  const Parsed outside("begin { $x = 1 \0; }"s);
  EXPECT_TRUE(outside.reports(DiagId::syntax));
  const Parsed inside("begin { $x = \"a\0b\"; }"s);
  EXPECT_NE(inside.tree().find("\"a\\x00b\""), std::string::npos);
  EXPECT_NE(Parsed("begin { } // \0\n end { }"s).program, nullptr);
  EXPECT_NE(Parsed("begin { /* \0 */ }"s).program, nullptr);
}

TEST(Parser, ParametersReplaceTextOfAttachPoints) {
  const auto attach_point = [](std::string text, std::vector<std::string> params) {
    return Parsed(std::move(text) + " { }", std::move(params)).tree();
  };
  const auto expected = [](std::string_view text) {
    return fmt::format("Program\n  Probe\n    AttachPoint \"{}\"\n    BlockExpr\n", text);
  };
  EXPECT_EQ(attach_point("i:ms:$1", {"20"}), expected("i:ms:20"));
  EXPECT_EQ(attach_point("BEG$1", {"IN"}), expected("BEGIN"));
  EXPECT_EQ(attach_point("$1", {"kprobe:f"}), expected("kprobe:f"));
  EXPECT_EQ(attach_point("$2$1:$2", {"a", "b"}), expected("ba:b"));
  EXPECT_EQ(attach_point("kprobe:$12", {"a"}), expected("kprobe:"));
  EXPECT_EQ(attach_point("u:\\\"$1\\\"", {"a"}), attach_point("u:\\\"$1\\\"", {"b"}));
}

TEST(Parser, EmptyParameterIsNoAttachPoint) {
  EXPECT_TRUE(Parsed("$1 { }", {""}).reports(DiagId::syntax));
  EXPECT_TRUE(Parsed("$9 { }", {"begin"}).reports(DiagId::syntax));
}

TEST(Parser, ManyParenthesesAreOneOperand) {
  const std::size_t count = 10'000;
  const Parsed parsed(in_probe("$x = " + repeat("(", count) + "1" + repeat(")", count)));
  EXPECT_NE(parsed.program, nullptr) << parsed.errors();
  const Parsed open(in_probe("$x = " + repeat("(", count)));
  EXPECT_TRUE(open.reports(DiagId::syntax));
}

TEST(Parser, DeepTreesAreReported) {
  const std::size_t count = 10'000;
  const std::string bodies[] = {
      "$x = " + repeat("!", count) + "1",
      "$x = 1" + repeat(" + 1", count),
      "$x = $y" + repeat(".a", count),
      "$x = " + repeat("f(", count) + repeat(")", count),
      repeat("{ ", count) + repeat("} ", count),
      repeat("if (1) { ", count) + repeat("} ", count),
      "if (1) { }" + repeat(" else if (1) { }", count),
      "$x = 1" + repeat(" ? 1 : 1", count),
      "$x = " + repeat("(1, ", count) + repeat(")", count),
      "$x = " + repeat("(int8)", count) + "1",
  };
  for (const std::string& body : bodies) {
    const Parsed parsed(in_probe(body));
    EXPECT_TRUE(parsed.reports(DiagId::too_deep)) << body.substr(0, 30);
    EXPECT_EQ(parsed.diagnostics.all().size(), 1U);
  }
}

TEST(Parser, OrdinaryDepthIsFine) {
  EXPECT_NE(Parsed(in_probe("$x = 1" + repeat(" + 1", 380))).program, nullptr);
}

TEST(Parser, LongTextsAreFine) {
  EXPECT_NE(Parsed(in_probe(repeat("$x = 1; ", 50'000))).program, nullptr);
  EXPECT_NE(Parsed(in_probe("$x = \"" + repeat("a", 200'000) + "\"")).program, nullptr);
  EXPECT_NE(Parsed("/*" + repeat("* ", 200'000) + "*/").program, nullptr);
  EXPECT_TRUE(Parsed(in_probe("$x = " + repeat("9", 200'000))).reports(DiagId::bad_integer));
}

// Spans are what messages of all later passes mark.
TEST(Parser, SpansCoverWhatIsWritten) {
  const Parsed parsed("k:f /1/ { $x = ( 1 + 2 ) * $y . a; break ; (int8) -1; }");
  ASSERT_NE(parsed.program, nullptr) << parsed.errors();
  const auto& probe = *ast::as<ast::Probe>(parsed.program->items[0]);
  EXPECT_EQ(parsed.text(*probe.attach_points[0]), "k:f");
  EXPECT_EQ(parsed.text(*probe.predicate), "1");
  const auto& assign = *ast::as<ast::Assign>(probe.body->stmts[0]);
  EXPECT_EQ(parsed.text(assign), "$x = ( 1 + 2 ) * $y . a");
  const auto& product = *ast::as<ast::Binary>(assign.value);
  EXPECT_EQ(parsed.text(product), "( 1 + 2 ) * $y . a");
  EXPECT_EQ(parsed.text(*product.lhs), "1 + 2");
  EXPECT_EQ(parsed.text(*product.rhs), "$y . a");
  EXPECT_EQ(parsed.sources.text(ast::as<ast::FieldRef>(product.rhs)->field_span), "a");
  EXPECT_EQ(parsed.text(*probe.body->stmts[1]), "break ;");
  const auto& cast = *ast::as<ast::Cast>(ast::as<ast::ExprStmt>(probe.body->stmts[2])->expr);
  EXPECT_EQ(parsed.text(cast), "(int8) -1");
  EXPECT_EQ(parsed.text(*cast.target), "(int8)");
}

void expect_spans_inside(const Parsed& parsed, ast::Node& node, const std::string& script) {
  const std::string_view text = parsed.sources.text(node.span.file);
  EXPECT_LE(node.span.begin, node.span.end) << script;
  EXPECT_LE(node.span.end, text.size()) << script;
  ast::for_each_child(node, [&](auto* child) { expect_spans_inside(parsed, *child, script); });
}

// Scripts that hold every construct, changed at random but the same way in every run. Nothing
// may crash, every failure must be reported, and every span must be inside the text.
TEST(Parser, MutatedScriptsAreParsedOrReported) {
  const std::string seeds[] = {
      "#include <a.h>\nstruct s { int a; } __attribute__((packed));\nimport \"x\";\n"
      "config = { a = 1; b = \"c\"; d = true }\nlet @m = hash(10);\n"
      "macro f($a, @b, c) { $a += c; if ($a > @b[1]) { @b[1] = $a } $a }\n"
      "fn g($a : int32*[4]) : void { return; }\n",
      "kprobe:vfs_*, uprobe:/bin/sh:\"f{}\" /pid == 1 && $x / 2 / { @[comm, pid]++; "
      "for ($i : 0..(3 + 1)) { break; } for $kv : @m { continue } while (1) { unroll 3 { } } }\n",
      "begin { let $x : typeof(struct s*) = (struct s *)$p->a.0[1]; _ = sizeof(int8[2]); "
      "$y = offsetof(struct s, a.b) + typeinfo(1).x; print((a = 1, b = (1, 2,)), \"x\"); "
      "$z = $x ? -1 : ~2 ?: !$1 + $#; if comptime (1) { 5ms } else if $x { \"\\x41\\n\" } "
      "else { &@m } * 3; --@m[1]; return (int8) 1 << 2; }\n",
  };
  const std::string_view pieces[] = {
      "{",       "}",  "(",  ")",  ";",      ",",       "/",    "\"",   "'",    "$",
      "@",       "[",  "]",  ":",  "#",      "\n",      "if ",  "for ", "let ", "struct ",
      "= ",      "/*", "*/", "//", "macro ", "begin {", "k:f ", "0x",   "1e",   "_",
      "typeof(", "++", "?",  ".",  "..",     "->",      "\\",   "\x80", "else "};
  std::mt19937 random(1);  // NOLINT: the same sequence in every run
  const auto below = [&](std::size_t limit) { return random() % limit; };
  for (int round = 0; round < 6000; ++round) {
    std::string script = seeds[below(std::size(seeds))] + seeds[below(std::size(seeds))];
    for (std::size_t change = below(6) + 1; change > 0; --change) {
      const std::size_t at = below(script.size());
      switch (below(4)) {
        case 0: script.erase(at, below(12) + 1); break;
        case 1: script.insert(at, pieces[below(std::size(pieces))]); break;
        case 2: script[at] = static_cast<char>(below(256)); break;
        default: script += script.substr(at, below(40)); break;
      }
      if (script.empty()) script = " ";
    }
    const Parsed parsed(script, {"a:b", ""});
    EXPECT_EQ(parsed.program == nullptr, parsed.diagnostics.has_errors()) << script;
    if (parsed.program) expect_spans_inside(parsed, *parsed.program, script);
    EXPECT_NO_THROW(parsed.errors());
  }
}

TEST(Parser, RandomBytesAreReported) {
  std::mt19937 random(2);  // NOLINT: the same sequence in every run
  for (int round = 0; round < 3000; ++round) {
    std::string script(random() % 200, '\0');
    for (char& c : script) c = static_cast<char>(random());
    const Parsed parsed(script);
    EXPECT_EQ(parsed.program == nullptr, parsed.diagnostics.has_errors());
  }
}

}  // namespace
}  // namespace sonde
