// SPDX-License-Identifier: Apache-2.0
// Records for the reader: reserved in the ring buffer and built in place.
#include "codegen/lowering.h"

namespace sonde::codegen {

using image::Failure;

// A reader that sleeps asks to be woken, and takes that back; one that is busy looks by itself.
// A wake-up for each record would be 97 % of what the record costs. A ring that fills up wakes
// the reader in any case.
llvm::Value* Lowering::wakeup_flags(Wake wake) {
  llvm::Value* state = m.reader_state();
  llvm::Value* wanted = ir.CreateLoad(ir.getInt32Ty(), state, true);
  if (wake == Wake::always) {
    ir.CreateStore(ir.getInt32(0), state, true);
    return word(rb_force_wakeup);
  }
  llvm::Value* filled = nullptr;
  llvm::BasicBlock *asked = nullptr, *looked = nullptr;
  when(
      ir.CreateICmpNE(wanted, ir.getInt32(0)), "reader_sleeps",
      [&] {
        ir.CreateStore(ir.getInt32(0), state, true);
        asked = ir.GetInsertBlock();
      },
      [&] {
        llvm::Value* waiting = call(Helper::ringbuf_query, {m.events(), word(rb_avail_data)});
        const std::uint64_t limit = m.image.ring_bytes / image::wakeup_fill_divisor;
        filled = ir.CreateSelect(ir.CreateICmpUGE(waiting, word(limit)), word(rb_force_wakeup),
                                 word(rb_no_wakeup));
        looked = ir.GetInsertBlock();
      });
  auto* flags = ir.CreatePHI(i64(), 2);
  flags->addIncoming(word(rb_force_wakeup), asked);
  flags->addIncoming(filled, looked);
  return flags;
}

namespace {

// Whether it does more than give a value.
bool acts(const ast::Node& node) {
  if (ast::as<ast::IncDec>(&node)) return true;
  if (const auto* call = ast::as<ast::Call>(&node)) {
    if (!call->builtin || *call->builtin == lang::Builtin::delete_ ||
        *call->builtin == lang::Builtin::find || lang::row(*call->builtin).unsafe ||
        lang::row(*call->builtin).runs == lang::Runs::in_reader)
      return true;
  }
  if (const auto* block = ast::as<ast::BlockExpr>(&node); block && !block->stmts.empty())
    return true;
  bool found = false;
  ast::for_each_child(const_cast<ast::Node&>(node),
                      [&](auto* child) { found = found || acts(*child); });
  return found;
}

// In front of each record (UAPI: include/uapi/linux/bpf.h, BPF_RINGBUF_HDR_SZ).
constexpr std::uint32_t ring_header_bytes = 8;

}  // namespace

void Lowering::send_fields(const std::vector<Field>& fields,
                           const std::vector<image::EventField>& layout, const Memory& record) {
  for (std::size_t i = 0; i < fields.size(); ++i)
    store(fields[i].expr, at(record, layout[i].offset_bytes), *fields[i].type, Fill::leave);
}

void Lowering::check_record_size(std::uint32_t bytes, diag::Span span) {
  if (image::align_up(bytes + ring_header_bytes, 8) > m.image.ring_bytes)
    m.diagnostics
        .error(diag::DiagId::record_too_large, span,
               "this sends {} bytes at a time, more than the ring buffer of {} bytes can ever hold",
               bytes, m.image.ring_bytes)
        .hint("give str() a length, lower `max_strlen` or raise `perf_rb_pages`");
}

void Lowering::send_made(image::EventDesc event, const Memory& record, llvm::Value* bytes,
                         std::uint32_t most, diag::Span span) {
  event.range = m.range(span);
  check_record_size(most, span);
  ir.CreateStore(ir.getInt32(m.add_event(std::move(event))), record.pointer);
  place(span);
  llvm::Value* status =
      call(Helper::ringbuf_output,
           {m.events(), record.pointer, bounded(bytes, most + 1), wakeup_flags(Wake::batched)});
  when(ir.CreateICmpSLT(status, word(0)), "lost",
       [&] { count_failure(Failure::event_lost, span); });
}

void Lowering::send(image::EventDesc event, const std::vector<Field>& fields, diag::Span span,
                    Wake wake) {
  for (const Field& field : fields) event.fields.push_back({m.type_index(field.type), 0});
  event.range = m.range(span);
  const std::uint32_t bytes =
      image::lay_out(event.fields, sizeof(image::RecordHeader), m.image.types);
  check_record_size(bytes, span);
  const std::vector<image::EventField> layout = event.fields;
  const std::uint32_t id = m.add_event(std::move(event));
  // What leaves the probe, prints or counts must not do so behind a reservation: the verifier
  // wants every record submitted, and a lost record is to lose nothing else.
  bool any_acts = false;
  for (const Field& field : fields) any_acts = any_acts || acts(*field.expr);
  Memory ready;
  if (any_acts) {
    ready = temporary(image::align_up(bytes, 8));
    zero(ready, 0, image::align_up(bytes, 8));
    send_fields(fields, layout, ready);
  }
  place(span);
  llvm::Value* record = call_for_pointer(Helper::ringbuf_reserve,
                                         {m.events(), word(image::align_up(bytes, 8)), word(0)});
  when(
      ir.CreateIsNotNull(record), "reserved",
      [&] {
        const Memory memory{record, 8};
        if (ready)
          copy(memory, ready, image::align_up(bytes, 8));
        else
          send_fields(fields, layout, memory);
        ir.CreateStore(ir.getInt32(id), record);
        place(span);
        call(Helper::ringbuf_submit, {record, wakeup_flags(wake)});
      },
      [&] { count_failure(Failure::event_lost, span); });
}

}  // namespace sonde::codegen
