// SPDX-License-Identifier: Apache-2.0
// Memory of the traced system: where a field lies and how it is read. The one place that decides
// how kernel memory is accessed.
#include "codegen/arch/registers.h"
#include "codegen/builtins/builtins.h"
#include "target/btf_functions.h"

namespace sonde::codegen {

using namespace ast;
using image::Failure;
using lang::AddressSpace;
using lang::Builtin;
using sema::FieldAccess;
using sema::Type;
using sema::TypeKind;
using Space = Location::Space;

namespace {

bool is_call_of(const Expr* expr, Builtin builtin) {
  const auto* call = as<Call>(expr);
  return call && call->builtin == builtin;
}

Space space_of(AddressSpace space) {
  switch (space) {
    case AddressSpace::user: return Space::user;
    case AddressSpace::context: return Space::context;
    default: return Space::kernel;
  }
}

Location in_context(Lowering& l, std::uint32_t offset_bytes) {
  return {l.ir.CreatePtrToInt(l.ctx, l.i64()), offset_bytes, Space::context};
}

// The field of a classic tracepoint's record, in the program's context.
Location record_field(Lowering& l, const FieldAccess& access) {
  return in_context(l, access.offset_bytes);
}

// Of others the verifier does not let programs load from such a word.
bool points_to_struct(const Type& type) {
  return type.is(TypeKind::pointer) && type.element && type.element->is(TypeKind::c_struct);
}

// Behind a pointer; there is only one context, wherever the pointer was kept.
Location behind(Lowering& l, Expr* pointer, AddressSpace space) {
  if (is_call_of(pointer, Builtin::ctx)) return in_context(l, 0);
  llvm::Value* address = l.value(pointer);
  return space == AddressSpace::context ? in_context(l, 0) : Location{address, 0, space_of(space)};
}

}  // namespace

// `curtask`, what a trampoline hands on, and pointers that were loaded from where such a pointer
// points to. A cast keeps the value but not what the verifier knows, so it ends the chain.
bool Lowering::is_btf_pointer(const Expr* expr) const {
  if (is_call_of(expr, Builtin::curtask)) return true;
  if (is_call_of(expr, Builtin::retval))
    return probe.by_trampoline && !sema::traces_bpf_program(probe) && points_to_struct(*expr->type);
  const auto* field = as<FieldRef>(expr);
  if (field && field->access->source == FieldAccess::Source::trampoline_argument)
    return points_to_struct(*field->type);
  return field && field->access->source == FieldAccess::Source::memory &&
         field->access->bit_size == 0 && is_btf_pointer(field->object);
}

llvm::Value* Lowering::btf_pointer(Expr* expr) {
  if (is_call_of(expr, Builtin::curtask)) return call(Helper::get_current_task_btf, {});
  if (is_call_of(expr, Builtin::retval)) return trampoline_word(result_slot());
  if (const auto* field = as<FieldRef>(expr);
      field && field->access->source == FieldAccess::Source::trampoline_argument)
    return trampoline_word(field->access->index);
  return load(location_of(expr), *expr->type, expr->span);
}

llvm::Value* Lowering::trampoline_word(unsigned index) {
  return ir.CreateLoad(i64(), offset(ctx, std::uint64_t{index} * 8));
}

unsigned Lowering::result_slot() const {
  const auto [btf, id] = *probe.function_type;
  return target::argument_slot(*btf, id, btf->params(btf->type(id).type).size());
}

// Where the verifier knows the types of the arguments it refuses to load some, and to calculate
// with others; to the helper that reads memory they are bytes.
llvm::Value* Lowering::raw_word(unsigned index) {
  llvm::Value* slot = offset(ctx, std::uint64_t{index} * 8);
  if (!probe.typed_context) return ir.CreateLoad(i64(), slot);
  if (!read_slot_) read_slot_ = stack_slot(i64(), "read");
  call(Helper::probe_read_kernel, {read_slot_, ir.getInt32(8), slot});
  return ir.CreateLoad(i64(), read_slot_);
}

// Of an argument that is smaller than its word the rest is not defined. The verifier refuses loads
// of pointers to other things than structs, and those to structs are no numbers to it.
llvm::Value* Lowering::trampoline_argument(unsigned index, const Type& type) {
  llvm::Value* slot = type.is(TypeKind::pointer) ? read_trampoline(Helper::get_func_arg, index)
                                                 : trampoline_word(index);
  return convert_word(slot, *m.script.types.int64(), type);
}

llvm::Value* Lowering::trampoline_result() { return read_trampoline(Helper::get_func_ret, {}); }

llvm::Value* Lowering::read_trampoline(Helper helper, std::optional<unsigned> index) {
  if (!read_slot_) read_slot_ = stack_slot(i64(), "read");
  ir.CreateStore(word(0), read_slot_);
  if (index)
    call(helper, {ctx, word(*index), read_slot_});
  else
    call(helper, {ctx, read_slot_});
  return ir.CreateLoad(i64(), read_slot_);
}

// Read back by a helper, for which it is bytes like others.
llvm::Value* Lowering::number_of_pointer(llvm::Value* pointer) {
  if (!read_slot_) read_slot_ = stack_slot(i64(), "read");
  const Memory memory = temporary(8);
  ir.CreateStore(pointer, memory.pointer);
  call(Helper::probe_read_kernel, {read_slot_, ir.getInt32(8), memory.pointer});
  return ir.CreateLoad(i64(), read_slot_);
}

bool Lowering::is_own(const Expr* expr) const {
  if (const auto* field = as<FieldRef>(expr)) {
    if (field->access->source == FieldAccess::Source::element) return true;
    return field->access->source == FieldAccess::Source::memory &&
           !field->object->type->is(TypeKind::pointer) && is_own(field->object);
  }
  if (const auto* index = as<Index>(expr))
    return !index->object->type->is(TypeKind::pointer) && is_own(index->object);
  const auto* unary = as<Unary>(expr);
  return !unary || unary->op != UnaryOp::dereference;
}

// An index that is known at run time only; outside of an array of known size it reads zero.
void Lowering::add_index(Location& at, Index& index) {
  const auto size = static_cast<std::uint32_t>(index.type->size_bytes);
  if (const auto* literal = as<IntegerLiteral>(index.index)) {
    at.offset_bytes += static_cast<std::uint32_t>(literal->value) * size;
    return;
  }
  // The verifier takes the bound from the test, which LLVM might find superfluous.
  llvm::Value* number = opaque(value(index.index));
  const Type& object = *index.object->type;
  const std::uint64_t count = object.is(TypeKind::string) ? object.size_bytes : object.count;
  if (count != 0) {
    llvm::Value* inside = ir.CreateICmpULT(number, word(count));
    when(ir.CreateNot(inside), "out_of_bounds",
         [&] { count_failure(Failure::array_bounds, index.span); });
    at.valid = at.valid ? ir.CreateAnd(at.valid, inside) : inside;
    number = opaque(ir.CreateSelect(inside, number, word(0)));
    number = ir.CreateSelect(ir.CreateICmpULT(number, word(count - 1)), number, word(count - 1));
  }
  llvm::Value* bytes = size == 1 ? number : ir.CreateMul(number, word(size));
  at.index = at.index ? ir.CreateAdd(at.index, bytes) : bytes;
  if (at.space != Space::context) return;
  // BPF has no computed access to the context; read like other memory, it has.
  at.base = number_of_pointer(ir.CreateIntToPtr(at.base, pointer_type()));
  at.space = Space::kernel;
}

Location Lowering::location_of(Expr* expr) {
  if (auto* field = as<FieldRef>(expr)) {
    if (field->access->source == FieldAccess::Source::trace_record)
      return record_field(*this, *field->access);
    if (field->access->source == FieldAccess::Source::element)
      return {.space = Space::own, .memory = memory_of(field)};
    SONDE_ASSERT(field->access->source == FieldAccess::Source::memory, "arguments are words");
    Expr* object = field->object;
    Location at{};
    if (object->type->is(TypeKind::c_struct)) {
      at = location_of(object);
    } else {
      if (is_btf_pointer(object))
        at = {btf_pointer(object), 0, Space::kernel_btf};
      else
        at = behind(*this, object, object->type->space);
      // A pointer to a pointer to the struct: follow all but the last.
      for (const Type* t = object->type->element; t->is(TypeKind::pointer); t = t->element)
        at = {load(at, *t, expr->span), 0, space_of(t->space)};
    }
    at.offset_bytes += field->access->offset_bytes;
    return at;
  }
  if (auto* unary = as<Unary>(expr); unary && unary->op == UnaryOp::dereference) {
    const Type& pointer = *unary->operand->type;
    if (!pointer.is(TypeKind::pointer) && !pointer.is_integer()) return location_of(unary->operand);
    const bool own = pointer.is_integer() && pointer.space == AddressSpace::none;
    return behind(*this, unary->operand, own ? lang::row(probe.kind).address_space : pointer.space);
  }
  if (auto* index = as<Index>(expr); index && !index->object->type->is(TypeKind::tuple)) {
    if (index->object->type->is(TypeKind::pointer)) {
      llvm::Value* base = lower_pointer_offset(value(index->object), *index->object->type,
                                               value(index->index), false);
      const AddressSpace space = index->object->type->space;
      return {base, 0, space == AddressSpace::user ? Space::user : Space::kernel};
    }
    // What a string has behind its NUL is no part of it.
    const bool is_string = index->object->type->is(TypeKind::string);
    Location at = is_string ? Location{.space = Space::own, .memory = memory_of(index->object)}
                            : location_of(index->object);
    add_index(at, *index);
    return at;
  }
  return {.space = Space::own, .memory = memory_of(expr)};
}

llvm::Value* Lowering::address_of(const Location& location) {
  llvm::Value* address = location.space == Space::own
                             ? ir.CreatePtrToInt(location.memory.pointer, i64())
                             : location.base;
  address = ir.CreateAdd(address, word(location.offset_bytes));
  return location.index ? ir.CreateAdd(address, location.index) : address;
}

void Lowering::count_read_failure(const Location& location, llvm::Value* status, diag::Span span) {
  if (!m.options.runtime_warnings) return;
  const Failure failure = location.space == Space::user ? Failure::user_read : Failure::kernel_read;
  when(ir.CreateICmpSLT(status, word(0)), "read_failed",
       [&] { count_failure(failure, span, status); });
}

template <typename Read, typename Otherwise>
void Lowering::when_valid(const Location& location, Read read, Otherwise otherwise) {
  if (location.valid)
    when(location.valid, "inside", read, otherwise);
  else
    read();
}

llvm::Value* Lowering::load(const Location& location, const Type& type, diag::Span span) {
  if (location.valid) {
    Location inside = location;
    inside.valid = nullptr;
    llvm::Value* loaded = nullptr;
    llvm::BasicBlock *read = nullptr, *outside = nullptr;
    when(
        location.valid, "inside",
        [&] {
          loaded = load(inside, type, span);
          read = ir.GetInsertBlock();
        },
        [&] { outside = ir.GetInsertBlock(); });
    auto* phi = ir.CreatePHI(i64(), 2);
    phi->addIncoming(loaded, read);
    phi->addIncoming(word(0), outside);
    return phi;
  }
  // The offset must stay a constant of the load: BPF has no computed access to the context.
  if (location.space == Space::context) {
    llvm::Value* loaded = load_word({offset(ctx, location.offset_bytes), type.size_bytes}, type);
    // Of an object that may be missing, with which the verifier lets nobody calculate.
    const bool checked = lang::row(probe.kind).context == lang::Context::iterator;
    return checked && type.is(TypeKind::pointer)
               ? number_of_pointer(ir.CreateIntToPtr(loaded, pointer_type()))
               : loaded;
  }
  if (location.space == Space::own) {
    Memory memory = at(location.memory, location.offset_bytes);
    if (location.index)
      memory = {ir.CreateGEP(ir.getInt8Ty(), memory.pointer, {location.index}),
                std::min(memory.alignment, type.size_bytes)};
    return load_word(memory, type);
  }
  llvm::Value* address = address_of(location);
  if (location.space == Space::kernel_btf && !location.index)
    return load_word({ir.CreateIntToPtr(address, pointer_type()), type.size_bytes}, type);
  if (!read_slot_) read_slot_ = stack_slot(i64(), "read");
  const bool user = location.space == Space::user;
  // A failed read fills the slot with zeros.
  llvm::Value* status = call(user ? Helper::probe_read_user : Helper::probe_read_kernel,
                             {read_slot_, ir.getInt32(type.size_bytes), address});
  count_read_failure(location, status, span);
  return load_word({read_slot_, 8}, type);
}

// For the helpers that read: the context is kernel memory to them.
static llvm::Value* readable_address(Lowering& l, const Location& location) {
  return location.space == Location::Space::context
             ? l.ir.CreatePtrToInt(l.offset(l.ctx, location.offset_bytes), l.i64())
             : l.address_of(location);
}

// The context and our own memory are read by the helper as well: it stops at the NUL, and puts
// one at the end. An array that is full of text has a character there.
void Lowering::read_string(const Memory& to, std::uint32_t capacity, const Location& location,
                           diag::Span span, Fill fill) {
  if (fill == Fill::zero || location.valid)
    zero(to, 0, capacity);
  else
    zero(to, capacity - 1, capacity);
  when_valid(
      location,
      [&] {
        llvm::Value* address = readable_address(*this, location);
        const bool user = location.space == Space::user;
        llvm::Value* status =
            call(user ? Helper::probe_read_user_str : Helper::probe_read_kernel_str,
                 {to.pointer, ir.getInt32(capacity), address});
        count_read_failure(location, status, span);
        when(ir.CreateICmpEQ(status, word(capacity)), "full", [&] {
          call(user ? Helper::probe_read_user : Helper::probe_read_kernel,
               {at(to, capacity - 1).pointer, ir.getInt32(1),
                ir.CreateAdd(address, word(capacity - 1))});
        });
      },
      [] {});
}

void Lowering::read_bytes(const Memory& to, std::uint32_t bytes, const Location& location,
                          diag::Span span) {
  if (bytes == 0) return;
  if (location.space == Space::own && !location.index && !location.valid) {
    copy(to, at(location.memory, location.offset_bytes), bytes);
    return;
  }
  // What the kernel shows of the context of perf events is not what is there: the verifier
  // translates loads of whole words.
  if (location.space == Space::context && !location.index &&
      lang::row(probe.kind).context == lang::Context::perf_event) {
    for (std::uint32_t done = 0; done < bytes; done += 8)
      ir.CreateStore(ir.CreateLoad(i64(), offset(ctx, location.offset_bytes + done)),
                     offset(to.pointer, done));
    return;
  }
  when_valid(
      location,
      [&] {
        llvm::Value* address = readable_address(*this, location);
        const bool user = location.space == Space::user;
        llvm::Value* status = call(user ? Helper::probe_read_user : Helper::probe_read_kernel,
                                   {to.pointer, ir.getInt32(bytes), address});
        count_read_failure(location, status, span);
      },
      [&] { zero(to, 0, bytes); });
}

namespace {

// Slot `index` of a raw program's context, as the type of the argument.
llvm::Value* raw_slot(Lowering& l, unsigned index, const Type& type) {
  return l.convert_word(l.raw_word(index), *l.m.script.types.int64(), type);
}

llvm::Value* register_argument(Lowering& l, unsigned index, const Type& type) {
  const Registers& registers = *find_registers(l.m.script.target.architecture());
  llvm::Value* whole = l.ir.CreateLoad(l.i64(), l.offset(l.ctx, registers.arguments[index]));
  // Only the low byte of a register is its bool.
  if (type.is(TypeKind::boolean)) whole = l.ir.CreateAnd(whole, l.word(0xff));
  return l.convert_word(whole, *l.m.script.types.int64(), type);
}

// A field of `syscalls:…`, from the registers of the call. Field 0 is the call's number.
llvm::Value* syscall_field(Lowering& l, unsigned index, const Type& type) {
  if (index == 0) return l.word(l.attachment.syscalls.front());
  if (l.attachment.at_syscall_exit) return raw_slot(l, 1, type);
  const Registers& registers = *find_registers(l.m.script.target.architecture());
  llvm::Value* place =
      l.ir.CreateAdd(l.syscall_registers(), l.word(registers.syscall_arguments[index - 1]));
  llvm::Value* argument = l.ir.CreateLoad(l.i64(), l.ir.CreateIntToPtr(place, l.pointer_type()));
  return l.convert_word(argument, *l.m.script.types.int64(), type);
}

llvm::Value* trace_field(Lowering& l, FieldRef& field) {
  const Type& type = *field.type;
  if (!l.attachment.syscalls.empty()) return syscall_field(l, field.access->index, type);
  const target::TraceField& fact = l.probe.tracepoint->fields[field.access->index];
  if (!fact.is_data_loc) return l.load(record_field(l, *field.access), type, field.span);
  // A dynamic field: the low half of this word is the distance of the data from the record.
  llvm::Value* place =
      l.load(record_field(l, *field.access), *l.m.script.types.integer(4, false), field.span);
  llvm::Value* distance = l.ir.CreateAnd(place, l.word(0xffff));
  return l.ir.CreatePtrToInt(l.ir.CreateGEP(l.ir.getInt8Ty(), l.ctx, {distance}), l.i64());
}

llvm::Value* bit_field(Lowering& l, const FieldAccess& access, llvm::Value* whole) {
  const unsigned left = 64 - access.bit_offset - access.bit_size;
  llvm::Value* top = l.ir.CreateShl(whole, left);
  const unsigned right = 64 - access.bit_size;
  return access.type->is_signed ? l.ir.CreateAShr(top, right) : l.ir.CreateLShr(top, right);
}

}  // namespace

llvm::Value* Lowering::lower_field(FieldRef& field) {
  place(field.span);
  switch (field.access->source) {
    case FieldAccess::Source::trace_record: return trace_field(*this, field);
    case FieldAccess::Source::raw_argument:
      return raw_slot(*this, field.access->index, *field.type);
    case FieldAccess::Source::trampoline_argument:
      return trampoline_argument(field.access->index, *field.type);
    case FieldAccess::Source::register_argument:
      return register_argument(*this, field.access->index, *field.type);
    case FieldAccess::Source::element: return load_word(memory_of(&field), *field.type);
    case FieldAccess::Source::memory: break;
  }
  Location location = location_of(&field);
  // A pointer that is loaded plainly is one to the verifier too; as a value it is to be a number.
  if (field.type->is(TypeKind::pointer) && location.space == Space::kernel_btf)
    location.space = Space::kernel;
  llvm::Value* loaded = load(location, *field.type, field.span);
  return field.access->bit_size == 0 ? loaded : bit_field(*this, *field.access, loaded);
}

}  // namespace sonde::codegen
