// SPDX-License-Identifier: Apache-2.0
// printf in an iterator that is pinned: whoever reads the pinned file gets the text, so the kernel
// formats it (bpf_seq_printf).
#include "codegen/builtins/seq_printf.h"

namespace sonde::codegen {

using namespace ast;
using image::FormatPiece;
using sema::Type;
using sema::TypeKind;

namespace {

// MAX_BPRINTF_VARARGS, include/linux/bpf.h
constexpr std::size_t most_arguments = 12;

// What bpf_bprintf_prepare (kernel/bpf/helpers.c) understands: flags `0`, `+`, `-` and blank, a
// width, and these conversions. Nothing: the kernel cannot print it.
std::optional<std::string> kernel_format(const FormatPiece& piece, const Type& type) {
  const bool is_word =
      type.is(TypeKind::integer) || type.is(TypeKind::boolean) || type.is(TypeKind::pointer);
  if (piece.alternate || piece.precision >= 0) return std::nullopt;
  const std::string format = kernel_flags(piece);
  switch (piece.conversion) {
    case 's': return type.is(TypeKind::string) ? std::optional(format + "s") : std::nullopt;
    case 'p': return is_word ? std::optional("0x" + format + "lx") : std::nullopt;
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X': return is_word ? std::optional(format + "l" + piece.conversion) : std::nullopt;
    default: return std::nullopt;
  }
}

// In 64 bits, as many of them as the conversion shows.
llvm::Value* argument_word(Lowering& l, const FormatPiece& piece, Expr* argument) {
  const Type& type = *argument->type;
  if (type.is(TypeKind::string)) return l.ir.CreatePtrToInt(l.memory_of(argument).pointer, l.i64());
  llvm::Value* value = l.value(argument);
  const bool as_signed = piece.conversion == 'd' || piece.conversion == 'i';
  if (as_signed || type.size_bytes >= 8) return value;
  return l.ir.CreateAnd(value, l.word((std::uint64_t{1} << (8 * type.size_bytes)) - 1));
}

}  // namespace

std::string kernel_flags(const FormatPiece& piece) {
  std::string format = "%";
  if (piece.left) format += '-';
  if (piece.plus) format += '+';
  if (piece.blank) format += ' ';
  if (piece.zero) format += '0';
  if (piece.width > 0) format += std::to_string(piece.width);
  return format;
}

std::string quoted_for_kernel(std::string_view literal) {
  std::string text;
  for (const char c : literal) text.append(c == '%' ? 2 : 1, c);
  return text;
}

llvm::Value* iterator_stream(Lowering& l) {
  llvm::Value* meta = l.ir.CreateLoad(l.pointer_type(), l.ctx, "meta");
  return l.ir.CreateLoad(l.pointer_type(), meta, "seq");
}

void print_to_stream(Lowering& l, Call& call) {
  std::string format;
  std::vector<std::pair<FormatPiece, Expr*>> arguments;
  std::size_t next = 1;
  for (FormatPiece& piece : image::parse_format(as<StringLiteral>(call.args[0])->value)) {
    if (piece.conversion == 0) {
      format += quoted_for_kernel(piece.literal);
      continue;
    }
    Expr* argument = call.args[next++];
    const auto known = kernel_format(piece, *argument->type);
    if (!known || arguments.size() == most_arguments) {
      l.m.diagnostics
          .error(diag::DiagId::cannot_compile, known ? call.span : argument->span,
                 "the text of a pinned iterator is written by the kernel, which cannot print {}",
                 known ? "more than 12 values at once" : "this")
          .hint(
              "it knows %d, %u, %x, %p and %s with a width; without a pin everything can be "
              "printed");
      return;
    }
    format += *known;
    arguments.emplace_back(std::move(piece), argument);
  }
  const auto bytes = static_cast<std::uint32_t>(8 * arguments.size());
  const Memory words = bytes ? l.temporary(bytes) : Memory{};
  for (std::uint32_t i = 0; i < arguments.size(); ++i)
    l.ir.CreateAlignedStore(argument_word(l, arguments[i].first, arguments[i].second),
                            l.at(words, 8 * i).pointer, llvm::MaybeAlign(8));
  const auto format_bytes = static_cast<std::uint32_t>(format.size() + 1);
  llvm::Value* text =
      l.m.text_table("format_" + std::to_string(call.span.begin), {format}, format_bytes);
  llvm::Value* none = llvm::ConstantPointerNull::get(l.ir.getPtrTy());
  l.call(Helper::seq_printf, {iterator_stream(l), text, l.ir.getInt32(format_bytes),
                              bytes ? words.pointer : none, l.ir.getInt32(bytes)});
}

}  // namespace sonde::codegen
