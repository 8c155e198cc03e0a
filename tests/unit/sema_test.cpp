// SPDX-License-Identifier: Apache-2.0
// What tests/sema/*.bt cannot say: the whole table of what is not supported yet, settings of the
// environment, kernels that cannot be asked, depth, and garbage.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "ast/nodes.h"
#include "base/arena.h"
#include "diag/diagnostics.h"
#include "diag/render.h"
#include "diag/source_map.h"
#include "lang/builtins.h"
#include "lang/planned.h"
#include "lang/probe_kinds.h"
#include "parser/parser.h"
#include "sema/passes.h"
#include "target/target.h"

namespace sonde {
namespace {

using diag::DiagId;

std::unique_ptr<target::Target> snapshot(const std::string& name = "x86_64-6.18.snap") {
  auto opened = target::open_snapshot(SONDE_TEST_DATA_DIR "/" + name);
  if (!opened) throw std::runtime_error(opened.error().message);
  return std::move(*opened);
}

// One snapshot for all tests: it is never changed.
target::Target& kernel() {
  static const std::unique_ptr<target::Target> shared = snapshot();
  return *shared;
}

using Environment = std::vector<std::pair<lang::ConfigKey, std::string>>;

struct Checked {
  Arena arena;
  diag::SourceMap sources;
  diag::Diagnostics diagnostics;
  sema::Script script;

  explicit Checked(std::string text, target::Target& on = kernel(), Environment environment = {})
      : script(arena, sources, on) {
    const diag::FileId file = sources.add("test", std::move(text));
    script.environment = std::move(environment);
    script.program = parser::parse(file, sources, script.params, arena, diagnostics);
    if (script.program) sema::run_passes(script, diagnostics);
  }
  std::string messages() const {
    std::string out;
    for (const diag::Diagnostic& d : diagnostics.all()) out += diag::render(d, sources);
    return out;
  }
  bool reports(DiagId id) const {
    return std::ranges::any_of(diagnostics.all(), [&](const auto& d) { return d.id == id; });
  }
  bool reports(DiagId id, std::string_view part) const {
    return std::ranges::any_of(diagnostics.all(), [&](const auto& d) {
      return d.id == id && d.text.find(part) != std::string::npos;
    });
  }
};

std::string repeat(std::string_view part, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += part;
  return out;
}

// --- what is not supported yet -------------------------------------------------------------

void expect_only_not_supported(const std::string& script, std::string_view what) {
  const Checked checked(script);
  EXPECT_TRUE(checked.reports(DiagId::not_supported_yet, what)) << script << "\n"
                                                                << checked.messages();
  for (const diag::Diagnostic& d : checked.diagnostics.all())
    EXPECT_TRUE(d.id == DiagId::not_supported_yet || d.severity == diag::Severity::warning)
        << script << "\n"
        << checked.messages();
}

TEST(SemaPlanned, EveryBuiltinIsReported) {
  for (const lang::PlannedRow& row : lang::planned()) {
    if (row.group != lang::PlannedGroup::builtin) continue;
    lang::FoundBuiltin found{};
    EXPECT_FALSE(lang::find_builtin(row.name, found)) << row.name << " is planned and there";
    for (const std::string_view form : {"{}", "{}()", "{}(1, WORD)", "__builtin_{}"}) {
      const std::string use = fmt::format(fmt::runtime(form), row.name);
      expect_only_not_supported("begin { @known[1] = 1; $x = " + use + "; @m = $x; print(@m); }",
                                row.name);
    }
    expect_only_not_supported(
        fmt::format("begin {{ @known[1] = 1; {}(@known); {}(@known, 1); }}", row.name, row.name),
        row.name);
  }
}

// --- settings and kernels --------------------------------------------------------------------

TEST(SemaConfig, EnvironmentWinsOverTheScript) {
  const Checked checked("config = { max_strlen = 10 } begin { @ = str(nsecs); }", kernel(),
                        {{lang::ConfigKey::max_strlen, "20"}});
  EXPECT_FALSE(checked.diagnostics.has_errors()) << checked.messages();
  EXPECT_EQ(sema::type_name(checked.script.maps.front().value), "string[21]");
}

TEST(SemaConfig, BadEnvironmentIsReportedWithItsName) {
  const Checked checked("begin { }", kernel(), {{lang::ConfigKey::max_strlen, "many"}});
  EXPECT_TRUE(checked.reports(DiagId::bad_config, "BPFTRACE_MAX_STRLEN")) << checked.messages();
}

// A kernel whose tracefs may not be read.
class Hidden : public target::Target {
 public:
  std::string_view release() const override { return "0"; }
  std::string_view architecture() const override { return "unknown"; }
  bool offers(target::Feature) override { return true; }
  const target::Btf* btf() override { return nullptr; }
  std::string_view btf_problem() const override { return "no permission"; }
  Result<std::optional<target::Tracepoint>> find_tracepoint(std::string_view,
                                                            std::string_view) override {
    return fail("no permission to read tracefs");
  }
  bool has_raw_tracepoint(std::string_view) override { return false; }
  std::vector<std::string> raw_tracepoints() override { return {}; }
  std::optional<std::uint32_t> syscall_number(std::string_view) override { return std::nullopt; }
  bool has_kernel_function(std::string_view) override { return true; }
  std::vector<std::string> kernel_functions() override { return {}; }
  std::vector<std::string> modules_with(std::string_view) override { return {"vmlinux"}; }
  std::vector<std::string> find_files(std::string_view name, std::optional<int>) override {
    return {std::string(name)};
  }
  target::FileKind file_kind(const std::string&) override { return target::FileKind::not_elf; }
  bool has_user_function(const std::string&, std::string_view) override { return false; }
  std::vector<std::string> user_functions(const std::string&) override { return {}; }
};

TEST(SemaTarget, AnswersThatCannotBeHadAreReported) {
  Hidden hidden;
  EXPECT_TRUE(Checked("tracepoint:a:b { }", hidden).reports(DiagId::cannot_ask_kernel, "tracefs"));
  EXPECT_TRUE(Checked("uprobe:/bin/script:f { }", hidden).reports(DiagId::no_such_file, "ELF"));
  EXPECT_TRUE(Checked("rt:a { }", hidden).reports(DiagId::no_btf));
  const Checked field("begin { print(curtask.pid); }", hidden);
  EXPECT_TRUE(field.reports(DiagId::no_btf, "no permission")) << field.messages();
  EXPECT_TRUE(Checked("kprobe:f { print(arg0); }", hidden).reports(DiagId::no_such_argument));
  EXPECT_FALSE(Checked("kprobe:f { print(func); }", hidden).diagnostics.has_errors());
}

// --- depth and size ----------------------------------------------------------------------------

TEST(SemaLimits, DeepTreesAreChecked) {
  // The parser takes 400 levels. The address sanitizer's frames are many times larger.
#ifdef __SANITIZE_ADDRESS__
  const std::size_t depth = 100;
#else
  const std::size_t depth = 180;  // an `if` in a block takes two
#endif
  const std::string bodies[] = {
      "print(" + repeat("!", depth) + "pid);",
      "print(pid" + repeat(" + 1", depth) + ");",
      repeat("if (pid) { ", depth) + repeat("} ", depth),
      "print(pid" + repeat(" ? 1 : pid", depth) + ");",
      // Types have a limit of their own: sema/bad_tuple_too_deep.
      "print(" + repeat("(1, ", 100) + "1" + repeat(")", 100) + ");",
      "print(" + repeat("@m[", depth) + "1" + repeat("]", depth) + "); @m[1] = 1;",
      "print(curtask" + repeat(".real_parent", depth) + ".pid);",
      repeat("for $i : 0..2 { ", 1) + repeat("{ ", depth) + repeat("} ", depth) + "}",
  };
  for (const std::string& body : bodies) {
    const Checked checked("begin { " + body + " }");
    EXPECT_FALSE(checked.diagnostics.has_errors()) << checked.messages().substr(0, 300);
  }
}

TEST(SemaLimits, LongScriptsAreChecked) {
  std::string chain, probes;
  for (int i = 0; i < 200; ++i) chain += fmt::format("@m{} = @m{}; ", i, i + 1);
  EXPECT_FALSE(Checked("begin { " + chain + "@m200 = nsecs; }").diagnostics.has_errors());
  for (int i = 0; i < 500; ++i) probes += "begin, end { @ = count(); } ";
  EXPECT_FALSE(Checked(probes).diagnostics.has_errors());
  EXPECT_TRUE(Checked(probes + probes).reports(DiagId::too_many_probes));
}

// --- garbage -------------------------------------------------------------------------------------

bool parses(const std::string& text) {
  Arena arena;
  diag::SourceMap sources;
  diag::Diagnostics diagnostics;
  return parser::parse(sources.add("test", text), sources, {}, arena, diagnostics) != nullptr;
}

std::vector<std::string> read_scripts() {
  std::vector<std::filesystem::path> paths;
  for (const char* folder : {"/parser", "/sema"})
    for (const auto& entry :
         std::filesystem::directory_iterator(SONDE_TEST_DIR + std::string(folder)))
      if (entry.path().extension() == ".bt" && entry.file_size() < 4000)
        paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::vector<std::string> texts;
  for (const auto& path : paths) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    if (parses(text.str())) texts.push_back(std::move(text).str());
  }
  return texts;
}

bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }
bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '@';
}

// Where the token at `at` ends: a word, a string, one or two signs.
std::size_t end_of_token(const std::string& text, std::size_t at) {
  constexpr std::string_view doubles = "== != <= >= && || -> ++ -- .. << >> += -= *= ?:";
  std::size_t end = at + 1;
  if (is_word(text[at]))
    while (end < text.size() && is_word(text[end])) ++end;
  else if (text[at] == '"')
    end = std::min(text.find('"', end), text.size() - 1) + 1;
  else if (end < text.size() && doubles.contains(text.substr(at, 2)) && text[end] != ' ')
    ++end;
  return end;
}

// Each with the blanks before it, so that all in a row are the text again; without comments.
std::vector<std::string> tokens_of(const std::string& text) {
  std::vector<std::string> tokens;
  std::string blanks;
  for (std::size_t at = 0; at < text.size();) {
    if (text.compare(at, 2, "//") == 0) {
      at = std::min(text.find('\n', at), text.size());
    } else if (is_blank(text[at])) {
      blanks += text[at++];
    } else {
      const std::size_t end = end_of_token(text, at);
      tokens.push_back(blanks + text.substr(at, end - at));
      blanks.clear();
      at = end;
    }
  }
  return tokens;
}

std::string join_tokens(const std::vector<std::string>& tokens) {
  std::string text;
  for (const std::string& token : tokens) text += token;
  return text;
}

class Mutator {
 public:
  explicit Mutator(std::vector<std::string> texts) {
    for (const std::string& text : texts) scripts_.push_back(tokens_of(text));
    std::erase_if(scripts_, [](const auto& tokens) { return tokens.size() < 4; });
  }

  // Tokens exchanged, dropped, doubled, and taken from other scripts; so most still parse.
  std::string next() {
    std::vector<std::string> tokens = any_script();
    for (std::size_t changes = 1 + below(3); changes > 0; --changes) change(tokens);
    return join_tokens(tokens);
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % std::max<std::size_t>(limit, 1); }
  const std::vector<std::string>& any_script() { return scripts_[below(scripts_.size())]; }
  // A word for a word, a sign for a sign.
  const std::string& any_token(const std::vector<std::string>& tokens, const std::string& like) {
    std::size_t at = below(tokens.size());
    for (int tries = 0; tries < 8 && is_word(tokens[at].back()) != is_word(like.back()); ++tries)
      at = below(tokens.size());
    return tokens[at];
  }

  void change(std::vector<std::string>& tokens) {
    if (tokens.empty()) return;
    const std::size_t at = below(tokens.size());
    const auto place = tokens.begin() + static_cast<std::ptrdiff_t>(at);
    const std::vector<std::string>& other = any_script();
    switch (below(6)) {
      case 0: std::swap(tokens[at], tokens[below(tokens.size())]); break;
      case 1: tokens[at] = any_token(other, tokens[at]); break;
      case 2: tokens[at] = any_token(tokens, tokens[at]); break;
      case 3: tokens.erase(place); break;
      case 4: {  // an operand or statement of another script
        const std::size_t begin = below(other.size());
        const std::size_t end = std::min(other.size(), begin + 1 + below(8));
        tokens.insert(place, other.begin() + static_cast<std::ptrdiff_t>(begin),
                      other.begin() + static_cast<std::ptrdiff_t>(end));
        break;
      }
      default: tokens.insert(tokens.end(), other.begin(), other.end()); break;
    }
  }

  std::vector<std::vector<std::string>> scripts_;
  std::mt19937 random_{1};  // NOLINT: the same sequence in every run
};

// Nothing may crash or hang; what has an error says so; a sound script has a type everywhere.
TEST(SemaGarbage, MutatedScriptsAreCheckedOrReported) {
  constexpr int count = 4000;
  constexpr double seconds_for_one = 5;  // of CPU: other work on the machine does not count
  Mutator mutator(read_scripts());
  int parsed = 0, sound = 0;
  for (int i = 0; i < count; ++i) {
    const std::string text = mutator.next();
    const std::clock_t start = std::clock();
    const Checked checked(text);
    ASSERT_LT(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, seconds_for_one) << text;
    parsed += checked.script.program != nullptr;
    if (!checked.script.program) {
      ASSERT_TRUE(checked.diagnostics.has_errors()) << text;
      continue;
    }
    checked.messages();  // every span is in its file
    if (checked.diagnostics.has_errors()) continue;
    ++sound;
    for (const sema::Map& map : checked.script.maps)
      ASSERT_TRUE(!map.is_used || (map.value && !map.value->is_error())) << map.name << " in\n"
                                                                         << text;
    for (const auto& probe : checked.script.probes)
      for (const sema::Variable& variable : probe->variables)
        ASSERT_TRUE(variable.type && !variable.type->is_error()) << variable.name << " in\n"
                                                                 << text;
  }
  // The changes are mild enough to come this far.
  EXPECT_GT(parsed, count / 10);
  EXPECT_GT(sound, count / 100);
}

}  // namespace
}  // namespace sonde
