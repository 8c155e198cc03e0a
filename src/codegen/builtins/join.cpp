// SPDX-License-Identifier: Apache-2.0
// join: the strings of an array of pointers. They are gathered in the scratch frame and sent with
// as many bytes as they have: with room for the longest, 16 records would fill a quarter of the
// ring.
#include "codegen/builtins/builtins.h"
#include "codegen/builtins/sources.h"

namespace sonde::codegen {

namespace {

constexpr std::uint32_t most_strings = 16, string_bytes = 1024;
constexpr std::uint32_t most_bytes = sizeof(image::JoinedHeader) + most_strings * string_bytes;

// While the strings are read.
struct Join {
  Lowering& l;
  diag::Span span;
  bool user;
  Memory record;
  llvm::AllocaInst *count, *used;  // strings, bytes of all of them
  llvm::IRBuilder<>& ir = l.ir;

  llvm::Value* get(llvm::AllocaInst* slot) { return ir.CreateLoad(l.i64(), slot); }
  void add(llvm::AllocaInst* slot, llvm::Value* n) {
    ir.CreateStore(ir.CreateAdd(get(slot), n), slot);
  }
  void leave_if(llvm::Value* condition, llvm::BasicBlock* to) {
    llvm::BasicBlock* go_on = l.block("go_on");
    ir.CreateCondBr(condition, to, go_on);
    ir.SetInsertPoint(go_on);
  }
  void count_left_out() { l.count_failure(image::Failure::strings_left_out, span); }

  // Element `count` of the array; null where it cannot be read.
  llvm::Value* next_string(llvm::Value* array) {
    const Memory element = l.temporary(8);
    const Source place{ir.CreateAdd(array, ir.CreateShl(get(count), 3)), user, 0, {}};
    read_source(l, element, ir.getInt32(8), place, span);
    return ir.CreateLoad(l.i64(), element.pointer);
  }

  // Leaves when it has no text.
  void append(llvm::Value* text, llvm::BasicBlock* done) {
    const std::uint32_t last_start = (most_strings - 1) * string_bytes;
    llvm::Value* at =
        ir.CreateAdd(l.bounded(get(used), last_start + 1), l.word(sizeof(image::JoinedHeader)));
    const Memory to{ir.CreateGEP(ir.getInt8Ty(), record.pointer, {at}), 1};
    const Source source{text, user, 0, {}};
    llvm::Value* bytes = read_text(l, to, ir.getInt32(string_bytes), source, span);
    leave_if(ir.CreateICmpSLE(bytes, l.word(1)), done);
    add(used, bytes);
    add(count, l.word(1));
    // Text that fills its room may go on: the byte in the place of its NUL tells.
    l.when(ir.CreateICmpEQ(bytes, l.word(string_bytes)), "full", [&] {
      const Memory next = l.temporary(8);
      const Source behind = source_at(l, source, l.word(string_bytes - 1));
      read_source(l, next, ir.getInt32(1), behind, span);
      llvm::Value* byte = ir.CreateLoad(ir.getInt8Ty(), next.pointer);
      l.when(ir.CreateICmpNE(byte, ir.getInt8(0)), "cut", [&] { count_left_out(); });
    });
  }

  // The verifier follows the loop to its end. The test is at the end: see for_each_cpu.
  void read_all(llvm::Value* array) {
    llvm::BasicBlock* each = l.block("each_string");
    llvm::BasicBlock* full = l.block("all_strings");
    llvm::BasicBlock* done = l.block("joined");
    ir.CreateBr(each);
    ir.SetInsertPoint(each);
    llvm::Value* text = next_string(array);
    leave_if(ir.CreateICmpEQ(text, l.word(0)), done);
    append(text, done);
    ir.CreateCondBr(ir.CreateICmpULT(get(count), l.word(most_strings)), each, full);
    ir.SetInsertPoint(full);
    l.when(ir.CreateICmpNE(next_string(array), l.word(0)), "more", [&] { count_left_out(); });
    ir.CreateBr(done);
    ir.SetInsertPoint(done);
  }
};

llvm::AllocaInst* zero_word(Lowering& l, const char* name) {
  llvm::AllocaInst* slot = l.stack_slot(l.i64(), name);
  l.ir.CreateStore(l.word(0), slot);
  return slot;
}

}  // namespace

llvm::Value* lower_join(Lowering& l, ast::Call& call, const Into*) {
  image::FormatPiece separator;
  separator.literal =
      call.args.size() == 2 ? text_of(*ast::as<ast::StringLiteral>(call.args[1])) : " ";
  image::EventDesc event{.action = image::Action::print_joined, .format = {separator}};
  const Source array = source_of(l, call.args[0]);
  Join join{l,
            call.span,
            array.user,
            l.temporary(most_bytes),
            zero_word(l, "strings"),
            zero_word(l, "bytes")};
  join.read_all(array.address);
  l.store_word(join.get(join.count), l.at(join.record, offsetof(image::JoinedHeader, count)),
               *l.m.script.types.integer(4, false));
  llvm::Value* bytes = l.ir.CreateAdd(join.get(join.used), l.word(sizeof(image::JoinedHeader)));
  l.send_made(std::move(event), join.record, bytes, most_bytes, call.span);
  return nullptr;
}

}  // namespace sonde::codegen
