// SPDX-License-Identifier: Apache-2.0
// strerror, signal_name, syscall_name: the text that belongs to a number, from a table in a
// read-only map, or at once where the number is a literal.
#include <csignal>
#include <cstring>

#include "codegen/builtins/names.h"
#include "target/syscalls.h"

namespace sonde::codegen {

namespace {

// Numbers and texts of the machine that compiles; they belong to the ABI.
NameTable error_names() {
  constexpr int greatest = 133;  // EHWPOISON
  NameTable table{.name = "errors"};
  for (int number = 0; number <= greatest; ++number) {
    const char* text = ::strerrordesc_np(number);
    table.texts.emplace_back(text ? text : "Unknown error");
  }
  table.texts.emplace_back("Unknown error");
  return table;
}

NameTable signal_names() {
  constexpr int greatest = 31;  // those behind have no meaning of their own
  NameTable table{.name = "signals"};
  for (int number = 0; number <= greatest; ++number) {
    const char* text = ::sigdescr_np(number);
    table.texts.emplace_back(number != 0 && text ? text : "N/A");
  }
  table.texts.emplace_back("N/A");
  return table;
}

NameTable syscall_table() {
  NameTable table{.name = "syscalls"};
  for (const std::string_view name : target::syscall_names())
    table.texts.emplace_back(name.empty() ? "Unknown syscall" : name);
  table.texts.emplace_back("Unknown syscall");
  return table;
}

void write_name_of(Lowering& l, ast::Call& call, const Into& into, const NameTable& table,
                   bool sign_matters) {
  auto& ir = l.ir;
  const std::size_t last = table.texts.size() - 1;
  if (const auto* literal = ast::as<ast::IntegerLiteral>(call.args[0])) {
    std::uint64_t number = literal->value;
    if (literal->negative && !sign_matters) number = 0 - number;
    const std::string& text = table.texts[std::min<std::uint64_t>(number, last)];
    auto* known = ast::make<ast::StringLiteral>(l.m.script.arena, call.span, text);
    known->type = l.m.script.types.string(static_cast<std::uint32_t>(text.size()) + 1);
    l.store(known, into.memory, *into.type, into.fill);
    return;
  }
  llvm::Value* number = l.value(call.args[0]);
  if (!sign_matters)
    number = ir.CreateSelect(ir.CreateICmpSLT(number, l.word(0)), ir.CreateNeg(number), number);
  write_name(l, number, into, table);
}

}  // namespace

void write_name(Lowering& l, llvm::Value* number, const Into& into, const NameTable& table) {
  auto& ir = l.ir;
  llvm::Value* index = l.bounded(number, table.texts.size());
  llvm::GlobalVariable* texts = l.m.text_table(table.name, table.texts, table.text_bytes);
  llvm::Value* text =
      ir.CreateGEP(ir.getInt8Ty(), texts, {ir.CreateMul(index, l.word(table.text_bytes))});
  const std::uint32_t bytes = std::min(table.text_bytes, into.type->size_bytes);
  l.call(Helper::probe_read_kernel, {into.memory.pointer, ir.getInt32(bytes), text});
  l.end_text(into.memory, bytes, into.type->size_bytes, into.fill);
}

llvm::Value* lower_strerror(Lowering& l, ast::Call& call, const Into* into) {
  write_name_of(l, call, *into, error_names(), false);
  return nullptr;
}

llvm::Value* lower_signal_name(Lowering& l, ast::Call& call, const Into* into) {
  write_name_of(l, call, *into, signal_names(), true);
  return nullptr;
}

llvm::Value* lower_syscall_name(Lowering& l, ast::Call& call, const Into* into) {
  write_name_of(l, call, *into, syscall_table(), true);
  return nullptr;
}

}  // namespace sonde::codegen
