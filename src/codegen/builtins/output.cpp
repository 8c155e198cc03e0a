// SPDX-License-Identifier: Apache-2.0
// printf and its like, print, exit: records for the reader.
#include "codegen/builtins/builtins.h"
#include "codegen/builtins/seq_printf.h"

namespace sonde::codegen {

using namespace ast;
using image::Action;
using image::FormatPiece;

namespace {

FormatPiece literal_piece(std::string text) {
  FormatPiece piece;
  piece.literal = std::move(text);
  return piece;
}

// Literal strings become part of the format: the reader knows them already.
void send_formatted(Lowering& l, Call& call, Action action) {
  image::EventDesc event{.action = action};
  std::vector<Lowering::Field> fields;
  std::size_t next = 1;
  for (FormatPiece& piece : image::parse_format(as<StringLiteral>(call.args[0])->value)) {
    Expr* argument = piece.conversion == 0 ? nullptr : call.args[next++];
    const auto* text = as<StringLiteral>(argument);
    if (text && piece.conversion == 's' && piece.width == 0 && piece.precision < 0) {
      event.format.push_back(literal_piece(std::string(text_of(*text))));
      continue;
    }
    if (argument) fields.push_back({argument, argument->type});
    event.format.push_back(std::move(piece));
  }
  l.send(std::move(event), fields, call.span, Lowering::Wake::batched);
}

}  // namespace

llvm::Value* lower_printf(Lowering& l, Call& call, const Into*) {
  if (l.attachment.is_pinned)
    print_to_stream(l, call);
  else
    send_formatted(l, call, Action::print_formatted);
  return nullptr;
}

llvm::Value* lower_errorf(Lowering& l, Call& call, const Into*) {
  send_formatted(l, call, Action::report_error);
  return nullptr;
}

llvm::Value* lower_warnf(Lowering& l, Call& call, const Into*) {
  send_formatted(l, call, Action::report_warning);
  return nullptr;
}

llvm::Value* lower_system(Lowering& l, Call& call, const Into*) {
  send_formatted(l, call, Action::run_command);
  return nullptr;
}

llvm::Value* lower_cat(Lowering& l, Call& call, const Into*) {
  send_formatted(l, call, Action::print_file);
  return nullptr;
}

llvm::Value* lower_getopt(Lowering&, Call&, const Into*) {
  SONDE_UNREACHABLE("`getopt` is a value after resolve_options");
}

llvm::Value* lower_print(Lowering& l, Call& call, const Into*) {
  auto* ref = as<MapRef>(call.args[0]);
  image::EventDesc event;
  std::vector<Lowering::Field> fields;
  const auto literal = [&](std::size_t i) { return as<IntegerLiteral>(call.args[i])->value; };
  if (ref && !ref->key) {
    event.action = Action::print_map;
    event.map = l.m.map_index(*ref->map);
    event.taking = l.taken_maps().taking(call);
    event.is_last = l.taken_maps().is_last(call);
    if (call.args.size() > 1) event.top = literal(1);
    if (call.args.size() > 2) event.divisor = literal(2);
  } else if (const auto* text = as<StringLiteral>(call.args[0])) {
    event.action = Action::print_value;
    event.format.push_back(literal_piece(std::string(text_of(*text))));
  } else {
    event.action = Action::print_value;
    fields.push_back({call.args[0], call.args[0]->type});
  }
  l.send(std::move(event), fields, call.span, Lowering::Wake::batched);
  return nullptr;
}

llvm::Value* lower_exit(Lowering& l, Call& call, const Into*) {
  image::EventDesc event{.action = Action::exit};
  const sema::Type* status_type = l.m.script.types.int64();
  Expr* status = nullptr;
  if (call.args.empty()) {
    status = make<IntegerLiteral>(l.m.script.arena, call.span, std::uint64_t{0}, false);
    status->type = status_type;
  } else {
    status = call.args[0];
  }
  l.send(std::move(event), {{status, status_type}}, call.span, Lowering::Wake::always);
  l.leave_probe();
  return nullptr;
}

}  // namespace sonde::codegen
