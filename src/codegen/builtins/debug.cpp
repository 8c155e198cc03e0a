// SPDX-License-Identifier: Apache-2.0
// debugf: text for the kernel's trace pipe. check_types has seen that the kernel can format it.
#include "codegen/builtins/builtins.h"
#include "codegen/builtins/seq_printf.h"

namespace sonde::codegen {

using namespace ast;

llvm::Value* lower_debugf(Lowering& l, Call& call, const Into*) {
  std::string format;
  std::vector<llvm::Value*> arguments;
  std::size_t next = 1;
  for (const image::FormatPiece& piece :
       image::parse_format(as<StringLiteral>(call.args[0])->value)) {
    if (piece.conversion == 0) {
      format += quoted_for_kernel(piece.literal);
      continue;
    }
    Expr* argument = call.args[next++];
    const bool is_text = piece.conversion == 's';
    const bool is_pointer = piece.conversion == 'p';
    const bool is_long = piece.length == image::Length::l || is_pointer;
    format += (is_pointer ? "0x" : "") + kernel_flags(piece) + (is_long ? "l" : "");
    format += is_pointer ? 'x' : piece.conversion;
    arguments.push_back(is_text ? l.ir.CreatePtrToInt(l.memory_of(argument).pointer, l.i64())
                                : l.value(argument));
  }
  const auto bytes = static_cast<std::uint32_t>(format.size() + 1);
  llvm::Value* text = l.m.text_table("format_" + std::to_string(call.span.begin), {format}, bytes);
  llvm::Value* size = l.ir.getInt32(bytes);
  switch (arguments.size()) {
    case 0: l.call(Helper::trace_printk, {text, size}); break;
    case 1: l.call(Helper::trace_printk, {text, size, arguments[0]}); break;
    case 2: l.call(Helper::trace_printk, {text, size, arguments[0], arguments[1]}); break;
    default:
      l.call(Helper::trace_printk, {text, size, arguments[0], arguments[1], arguments[2]});
      break;
  }
  return nullptr;
}

}  // namespace sonde::codegen
