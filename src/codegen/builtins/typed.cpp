// SPDX-License-Identifier: Apache-2.0
// path, socket_cookie, skboutput: helpers that are handed pointers of the kernel.
#include <cerrno>

#include "codegen/builtins/builtins.h"
#include "sema/c_types.h"

namespace sonde::codegen {

namespace {

// PATH_MAX, UAPI: include/uapi/linux/limits.h. The kernel writes a path from its end on, and gives
// nothing of one for which the room is too small.
constexpr std::uint32_t longest_path = 4096;
// A perf record has 65535 bytes (perf_event_header.size); this leaves room for what is around.
constexpr std::uint64_t longest_packet = 65000;

}  // namespace

// The end of the path, where not all of it fits.
llvm::Value* lower_path(Lowering& l, ast::Call& call, const Into* into) {
  auto& ir = l.ir;
  const std::uint32_t capacity = into->type->size_bytes;
  l.zero(into->memory, 0, into->fill == Fill::zero ? capacity : 1);
  l.zero(into->memory, capacity - 1, capacity);
  const bool typed = l.with_typed_pointer(call.args[0], [&](llvm::Value* path) {
    const Memory whole = l.temporary(longest_path);
    l.place(call.span);
    llvm::Value* bytes = l.call(Helper::d_path, {path, whole.pointer, ir.getInt32(longest_path)});
    bytes = ir.CreateSExt(ir.CreateTrunc(bytes, ir.getInt32Ty()), l.i64());
    const auto lose = [&] {
      if (l.m.options.runtime_warnings)
        l.count_failure(image::Failure::path_lost, call.span, bytes);
    };
    const auto copy_end = [&] {
      const std::uint32_t room = std::min(capacity, call.type->size_bytes);
      llvm::Value* cut = ir.CreateSelect(ir.CreateICmpUGT(bytes, l.word(room)),
                                         ir.CreateSub(bytes, l.word(room)), l.word(0));
      llvm::Value* start =
          ir.CreateGEP(ir.getInt8Ty(), whole.pointer, {l.bounded(cut, longest_path)});
      l.call(Helper::probe_read_kernel_str, {into->memory.pointer, ir.getInt32(room), start});
    };
    l.when(ir.CreateICmpSGT(bytes, l.word(0)), "path", copy_end, lose);
  });
  if (!typed) l.report_untyped(*call.args[0], call.name);
  return nullptr;
}

llvm::Value* lower_socket_cookie(Lowering& l, ast::Call& call, const Into*) {
  llvm::AllocaInst* cookie = l.stack_slot(l.i64(), "cookie");
  l.ir.CreateStore(l.word(0), cookie);
  const bool typed = l.with_typed_pointer(call.args[0], [&](llvm::Value* socket) {
    l.place(call.span);
    l.ir.CreateStore(l.call(Helper::get_socket_cookie, {socket}), cookie);
  });
  if (!typed) l.report_untyped(*call.args[0], call.name);
  return l.ir.CreateLoad(l.i64(), cookie);
}

// By the helper that finds all parts of a packet; it refuses to copy more than there is.
llvm::Value* lower_skboutput(Lowering& l, ast::Call& call, const Into*) {
  using image::PacketHeader;
  auto& ir = l.ir;
  const sema::Type& word = *l.m.script.types.uint64();
  const sema::Type& half = *l.m.script.types.integer(4, false);
  const std::uint32_t file =
      l.m.packet_file_index(ast::as<ast::StringLiteral>(call.args[0])->value);
  const auto length_field = sema::find_member(l.m.script.types, *call.args[1]->type->element, "len",
                                              lang::AddressSpace::kernel);
  llvm::Value* wanted = l.value(call.args[2]);
  llvm::AllocaInst* result = l.stack_slot(l.i64(), "sent");
  ir.CreateStore(l.word(static_cast<std::uint64_t>(-EFAULT)), result);
  const bool typed = length_field && l.with_typed_pointer(call.args[1], [&](llvm::Value* packet) {
    llvm::Value* length = l.load_word({l.offset(packet, length_field->offset_bytes), 4}, half);
    llvm::Value* captured = ir.CreateSelect(ir.CreateICmpULT(wanted, length), wanted, length);
    captured = ir.CreateSelect(ir.CreateICmpULT(captured, l.word(longest_packet)), captured,
                               l.word(longest_packet));
    const Memory header = l.temporary(sizeof(PacketHeader));
    const auto set = [&](std::size_t at, llvm::Value* value, const sema::Type& type) {
      l.store_word(value, l.at(header, static_cast<std::uint32_t>(at)), type);
    };
    set(offsetof(PacketHeader, boot_ns), l.call(Helper::ktime_get_boot_ns, {}), word);
    set(offsetof(PacketHeader, file), l.word(file), half);
    set(offsetof(PacketHeader, offset_bytes), l.value(call.args[3]), half);
    set(offsetof(PacketHeader, captured_bytes), captured, half);
    set(offsetof(PacketHeader, packet_bytes), length, half);
    l.place(call.span);
    llvm::Value* flags = ir.CreateOr(ir.CreateShl(captured, 32), l.word(current_cpu));
    llvm::Value* status = l.call(Helper::skb_output, {packet, l.m.packets(), flags, header.pointer,
                                                      l.word(sizeof(PacketHeader))});
    ir.CreateStore(status, result);
    l.when(ir.CreateICmpSLT(status, l.word(0)), "packet_lost",
           [&] { l.count_failure(image::Failure::event_lost, call.span, status); });
  });
  if (!typed) l.report_untyped(*call.args[1], call.name);
  return ir.CreateAnd(ir.CreateLoad(l.i64(), result), l.word(UINT32_MAX));
}

}  // namespace sonde::codegen
