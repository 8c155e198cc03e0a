// SPDX-License-Identifier: Apache-2.0
// One probe's body on its way to LLVM IR. Helpers are named for what they mean; LLVM calls are
// inside them. Values of one word (integers, bools, pointers, symbols, stacks) are i64 registers,
// sign or zero extended as their type says; strings and tuples live in memory.
#pragma once

#include <llvm/IR/IRBuilder.h>

#include <functional>
#include <initializer_list>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "ast/match.h"
#include "codegen/attachment.h"
#include "codegen/helpers.h"
#include "codegen/module_builder.h"
#include "codegen/taken_maps.h"
#include "lang/builtins.h"

namespace sonde::codegen {

// Bytes of our own: the stack, the scratch frame, a map value, a record.
struct Memory {
  llvm::Value* pointer = nullptr;
  std::uint32_t alignment = 8;

  explicit operator bool() const { return pointer != nullptr; }
};

// Where a value lies that is reached by fields and indices: in the traced system, in the program's
// context, or in memory of our own.
struct Location {
  enum class Space : std::uint8_t {
    kernel,      // by probe_read_kernel
    kernel_btf,  // the verifier knows the type behind the pointer: plain loads
    user,        // by probe_read_user
    context,     // plain loads at constant offsets
    own,         // in `memory`: plain loads
  };
  llvm::Value* base = nullptr;  // i64; null when `own`
  std::uint32_t offset_bytes = 0;
  Space space{};
  Memory memory{};               // own
  llvm::Value* index = nullptr;  // bytes to add, of indices that are known at run time only
  llvm::Value* valid = nullptr;  // i1: whether these are inside their arrays; null: always
};

// Whether bytes behind a string are set to zero. In keys and variables they are compared and
// hashed; in records nobody looks at them.
enum class Fill : std::uint8_t { zero, leave };

// As a value it ends at its first NUL: bytes behind that would be compared and hashed.
inline std::string_view text_of(const ast::StringLiteral& literal) {
  return std::string_view(literal.value).substr(0, literal.value.find('\0'));
}

// Whether a tuple or record has bytes that belong to no element.
bool has_gaps(const sema::Type& type);

// What belongs to one BPF function: the probe's own, or a callback of it.
class FunctionState {
 public:
  llvm::Function* function = nullptr;
  llvm::Value* ctx = nullptr;

 protected:
  struct Loop {
    llvm::BasicBlock* next = nullptr;
    llvm::BasicBlock* done = nullptr;
  };
  llvm::BasicBlock* exit_ = nullptr;       // leaves the probe
  llvm::Value* shared_ = nullptr;          // what callbacks are given; callbacks.cpp
  llvm::Value* result_ = nullptr;          // where the probe's return value is kept
  llvm::Instruction* frame_ = nullptr;     // the claimed scratch frame
  llvm::AllocaInst* read_slot_ = nullptr;  // what probe_read fills before it is loaded
  llvm::AllocaInst* key_slot_ = nullptr;   // u32 keys of arrays
  llvm::AllocaInst* ids_slot_ = nullptr;   // a process's numbers in a namespace
  llvm::Value* pid_tgid_ = nullptr;
  std::vector<Loop> loops_;
  llvm::BasicBlock* function_end_ = nullptr;  // behind the innermost body of a `fn`
  unsigned callback_depth_ = 0;               // 0: the probe's own function
};

class Lowering : public FunctionState {
 public:
  Lowering(ModuleBuilder& builder, sema::ResolvedProbe& resolved, const Attachment& how);

  // Emits the whole function.
  void run();
  // --- joined_programs.cpp: programs in front of bodies (program_plan.h) -----------------------
  void run_dispatcher();
  void run_session(llvm::Function* entry, llvm::Function* at_return);

  ModuleBuilder& m;
  sema::ResolvedProbe& probe;
  const Attachment& attachment;
  llvm::IRBuilder<> ir;

  // --- lowering.cpp: words, helpers, blocks --------------------------------------------------
  llvm::Type* i64() { return ir.getInt64Ty(); }
  llvm::Type* pointer_type() { return ir.getPtrTy(); }
  llvm::Value* word(std::uint64_t value) { return ir.getInt64(value); }
  llvm::Value* call(Helper helper, std::initializer_list<llvm::Value*> args);
  llvm::Value* call_for_pointer(Helper helper, std::initializer_list<llvm::Value*> args);
  llvm::BasicBlock* block(const char* name);
  void place(const diag::Span& span);  // the script's line for what is emitted next
  // `if (condition) { then() } else { otherwise() }`; goes on behind both.
  template <typename Then>
  void when(llvm::Value* condition, const char* name, Then then) {
    when(condition, name, then, [] {});
  }
  template <typename Then, typename Otherwise>
  void when(llvm::Value* condition, const char* name, Then then, Otherwise otherwise);
  // Counts a failure at its place; `code` is what the helper returned, or null.
  void count_failure(image::Failure failure, diag::Span span, llvm::Value* code = nullptr);
  void leave_probe();  // jumps to the exit; what follows is dead
  // As the kernel counts, and as our own pid namespace does, which is 0 for a process outside of
  // it.
  llvm::Value* current_pid_tgid();
  llvm::Value* visible_pid_tgid();
  // Which of `attachment.names` it is that has fired.
  llvm::Value* place_index();
  llvm::Value* offset(llvm::Value* pointer, std::uint64_t bytes);
  // The same value, of which the optimiser knows nothing: for bounds that the verifier must see
  // tested, and for loop variables whose start it must not count up from.
  // Places with different comments do not become one.
  llvm::Value* opaque(llvm::Value* value, const char* comment = "");

  // The number, or the last one below `count` if it is larger, so that the verifier knows it.
  llvm::Value* bounded(llvm::Value* number, std::uint64_t count);

  // --- temporaries (lowering.cpp) ------------------------------------------------------------
  struct Temporary {
    llvm::AllocaInst* slot = nullptr;  // null: in the scratch frame
    std::uint32_t frame_offset = 0;
    std::uint32_t bytes = 0;
    bool in_use = false;
    unsigned scope = 0;                     // at whose end it is given back
    const sema::Variable* owner = nullptr;  // whose value it holds
  };
  // On the stack while it lasts, else in the per-CPU scratch frame. Given back at the end of the
  // innermost scope that is open.
  Memory temporary(std::uint32_t bytes);
  // A frame of this CPU that nobody else uses until it is given back; goes to `none` when all
  // `levels` of them are taken. Its first word is the mark, so what is behind
  // image::frame_header_bytes may be used.
  llvm::Value* claim_frame(llvm::GlobalVariable* frames, unsigned levels, llvm::BasicBlock* none);
  void release_frame(llvm::Value* frame);
  // Where it is, for the function that is being emitted: ask where it is used.
  Memory memory_of(const Temporary& temporary);
  // One word, say, that becomes a register where it can.
  llvm::AllocaInst* stack_slot(llvm::Type* type, const char* name);
  // Runs `work` in a scope of its own: for what leaves nothing behind in memory.
  template <typename Work>
  auto scoped(Work work);

  // --- memory.cpp ----------------------------------------------------------------------------
  void zero(const Memory& memory, std::uint32_t from, std::uint32_t to);
  void copy(const Memory& to, const Memory& from, std::uint32_t bytes);
  // Behind `from` bytes of text that were written: zeros, or at least a last byte that says that
  // nothing was cut (image::cut_mark).
  void end_text(const Memory& to, std::uint32_t from, std::uint32_t capacity, Fill fill);
  Memory at(const Memory& memory, std::uint32_t offset_bytes);
  llvm::Value* load_word(const Memory& memory, const sema::Type& type);
  void store_word(llvm::Value* value, const Memory& memory, const sema::Type& type);
  llvm::Value* convert_word(llvm::Value* value, const sema::Type& from, const sema::Type& to);
  // A whole value between memories of different types: widths, capacities, elements.
  void convert(const Memory& from, const sema::Type& from_type, const Memory& to,
               const sema::Type& to_type, Fill fill);
  // Evaluates into memory as a value of `type`.
  void store(ast::Expr* expr, const Memory& to, const sema::Type& type, Fill fill = Fill::zero);
  // Memory that holds the value of a string or tuple, as its own type. Not to be written to.
  Memory memory_of(ast::Expr* expr);

  // --- locations.cpp: memory of the traced system --------------------------------------------
  Location location_of(ast::Expr* expr);  // of a field, an element, or what lives in memory
  llvm::Value* load(const Location& location, const sema::Type& type, diag::Span span);
  void read_string(const Memory& to, std::uint32_t capacity, const Location& location,
                   diag::Span span, Fill fill);
  llvm::Value* address_of(const Location& location);  // as a number
  // A whole struct or array.
  void read_bytes(const Memory& to, std::uint32_t bytes, const Location& location, diag::Span span);
  llvm::Value* lower_field(ast::FieldRef& field);
  bool is_own(const ast::Expr* expr) const;  // whether its location is in our own memory
  bool is_btf_pointer(const ast::Expr* expr) const;
  llvm::Value* btf_pointer(ast::Expr* expr);  // of such an expression
  // --- of fentry and fexit: what the context of a trampoline holds -----------------------------
  llvm::Value* trampoline_argument(unsigned index, const sema::Type& type);  // as a value
  llvm::Value* trampoline_result();                                          // all 64 bits
  llvm::Value* raw_word(unsigned index);  // of a raw tracepoint's context, as a number
  // The same number, with which the verifier lets us calculate: it refuses that for pointers.
  llvm::Value* number_of_pointer(llvm::Value* pointer);

  // --- expressions.cpp -----------------------------------------------------------------------
  llvm::Value* value(ast::Expr* expr);         // one word
  llvm::Value* condition(ast::Expr* expr);     // i1
  llvm::Value* pointer_to(ast::Expr* target);  // what `&` takes the address of
  llvm::Value* value_as(ast::Expr* expr, const sema::Type& type);
  llvm::Value* lower_foreign(ast::Call& call);  // foreign.cpp; null for what gives nothing
  void lower_void(ast::Expr* expr);             // for its effect
  // Whether this is a statement, whose value nobody takes.
  bool is_unused(const ast::Expr& expr) const { return unused_ == &expr; }
  llvm::Value* arithmetic(ast::BinaryOp op, llvm::Value* lhs, llvm::Value* rhs, ast::Expr* divisor,
                          diag::Span span);
  llvm::Value* lower_pointer_offset(llvm::Value* pointer, const sema::Type& type,
                                    llvm::Value* count, bool negative);
  // Whether both have the same text, of which only the first `most` bytes count.
  llvm::Value* equal_strings(ast::Expr* lhs, ast::Expr* rhs, std::uint32_t most = UINT32_MAX);

  // --- statements.cpp ------------------------------------------------------------------------
  void lower_statement(ast::Stmt* stmt);
  // The statements, then `behind`, for which the block's variables are still there.
  template <typename Behind>
  auto in_block(ast::BlockExpr& body, Behind behind);
  void lower_block(ast::BlockExpr& body);  // with its value, for its effect
  Memory storage_of(const sema::Variable& variable);

  // --- maps.cpp ------------------------------------------------------------------------------
  llvm::Value* key_of(const sema::Map& map, ast::Expr* key);
  // `use` of the kernel's map, and its value. What belongs together is one use: the next one may
  // find another map. Emitted twice where the map is swapped: a call that gets one map here and
  // another one there is slower, and bpf_for_each_map_elem is refused (kernel/bpf/verifier.c,
  // "map_ptr poisoned", until Linux 6.9).
  using UseMap = std::function<llvm::Value*(llvm::Value* kernel_map)>;
  llvm::Value* with_map(const sema::Map& map, const UseMap& use);
  llvm::Value* lookup(const sema::Map& map, llvm::Value* key);
  // The value's memory inside the map for an update in place: inserted (zero) when it is new.
  // `update` runs when there is a place; otherwise the failure is counted.
  template <typename Update>
  void update_in_place(const sema::Map& map, ast::Expr* key, diag::Span span, Update update);
  // The same of a map with keys: `key` points to one as the kernel has it.
  template <typename Update>
  void update_entry(const sema::Map& map, llvm::Value* key, diag::Span span, Update update);
  llvm::Value* read_map(ast::MapRef& ref);
  void read_map_into(ast::MapRef& ref, const Memory& to, const sema::Type& type, Fill fill);
  void assign_map(ast::MapRef& ref, ast::Expr* value);
  void aggregate(ast::MapRef& ref, ast::Call& aggregation);
  void add_to_long_series(ast::MapRef& ref, llvm::Value* sample, diag::Span span);
  // `@x op= value`; gives the value before (or behind) for `@x++`.
  llvm::Value* change_map(ast::MapRef& ref, ast::BinaryOp op, ast::Expr* operand, diag::Span span,
                          bool want_new);

  // --- events.cpp ----------------------------------------------------------------------------
  struct Field {
    ast::Expr* expr = nullptr;
    const sema::Type* type = nullptr;
  };
  enum class Wake : std::uint8_t { batched, always };
  void send(image::EventDesc event, const std::vector<Field>& fields, diag::Span span, Wake wake);
  // A record that is there already but for its header, with so many bytes: at most `most`.
  void send_made(image::EventDesc event, const Memory& record, llvm::Value* bytes,
                 std::uint32_t most, diag::Span span);

  // --- typed_pointers.cpp --------------------------------------------------------------------
  using UsePointer = std::function<void(llvm::Value* pointer)>;
  // Runs `use` unless the pointer, or one on the way to it, is null; of a struct with its address.
  // False: of this expression the verifier knows no type, and nothing was emitted.
  bool with_typed_pointer(ast::Expr* expr, const UsePointer& use);
  void report_untyped(const ast::Expr& expr, std::string_view who);

 private:
  void begin_program();  // makes the function, and `ctx`
  llvm::Value* typed_start(ast::Expr* expr);
  llvm::Value* trampoline_word(unsigned index);  // as the verifier knows it
  unsigned result_slot() const;
  llvm::Value* read_trampoline(Helper helper, std::optional<unsigned> index);
  // Where a variable lives: a word in a slot of its own, which becomes a register, or memory.
  struct Storage {
    llvm::AllocaInst* word = nullptr;
    const Temporary* memory = nullptr;
  };

  void emit_filters();
  void emit_object_mark();
  llvm::Value* is_process(std::uint64_t tgid_at, std::uint64_t namespace_at);
  llvm::Value* run_constant(llvm::Type* type, std::uint64_t at);
  llvm::Value* pid_tgid_in(std::uint64_t namespace_at);
  llvm::Value* syscall_number();
  llvm::Value* place_of_syscall(llvm::Value* number);
  void emit_scratch_claim();
  void emit_scratch_release();
  Temporary& allocate(std::uint32_t bytes, bool in_frame = false);
  void close_scope();
  llvm::Value* frame();
  // callbacks.cpp
  bool loops_by_callback() const;
  bool by_callback(const ast::Node& loop) const;
  using FirstUses = std::map<const sema::Variable*, const ast::Node*>;
  void find_shared(const ast::Node& node, const ast::Node* inside, FirstUses& first);
  void find_shared_variables();
  void make_shared();
  void fill_shared();
  llvm::Value* place_slot();  // what place_index() gives, where nobody else keeps it
  llvm::Instruction* load_shared_frame();
  void forget_variables_of(const llvm::Function* callback);
  llvm::Value* lower_value(ast::Expr* expr);
  void store_value(ast::Expr* expr, const Memory& to, const sema::Type& type, Fill fill);
  // loops.cpp
  void hide_changes(const ast::Node& changed_in);
  // branches.cpp
  static bool has_many_branches(const ast::Node& body);
  static bool has_loop(const ast::Node& body);
  void hide_branch(const ast::Node& branch);
  llvm::Value* chosen(llvm::Value* value);
  llvm::Value* unknown_zero();
  llvm::Value* wakeup_flags(Wake wake);
  llvm::Value* lower_variable_change(ast::IncDec& node);
  void lower_unused(ast::Expr* expr);
  void lower_assign(ast::Assign& assign);
  void lower_aggregation(ast::MapRef& ref, ast::Expr* value);
  llvm::Value* lower_binary(ast::Binary& binary);
  llvm::Value* lower_branches(ast::Expr* condition, ast::Expr* then, ast::Expr* otherwise,
                              const sema::Type& type);
  llvm::Value* compare(ast::Binary& binary);
  // locations.cpp
  void add_index(Location& at, ast::Index& index);
  void count_read_failure(const Location& location, llvm::Value* status, diag::Span span);
  template <typename Read, typename Otherwise>
  void when_valid(const Location& location, Read read, Otherwise otherwise);
  llvm::Value* equals_literal(ast::Expr* expr, std::string_view text, std::uint32_t most);
  using OtherWord = std::function<llvm::Value*(std::uint32_t offset, const sema::Type& unit)>;
  // Whether what is compared has ended where a word is zero, as strings have.
  enum class Ends : std::uint8_t { at_zero, behind_all };
  llvm::Value* equal_words(const Memory& left, std::uint32_t alignment, std::uint32_t bytes,
                           Ends ends, const OtherWord& other);
  llvm::Value* equal_values(ast::Binary& binary);
  void check_record_size(std::uint32_t bytes, diag::Span span);
  void send_fields(const std::vector<Field>& fields, const std::vector<image::EventField>& layout,
                   const Memory& record);

  llvm::BasicBlock* setup_ = nullptr;  // claims the scratch frame
  llvm::BasicBlock* body_ = nullptr;
  llvm::BasicBlock* done_ = nullptr;  // returns
  std::uint32_t stack_bytes_ = 0;
  std::uint32_t frame_bytes_ = 0;  // 0: no scratch
  std::deque<Temporary> temporaries_;
  std::map<const sema::Variable*, Storage> variables_;
  unsigned word_count_ = 0;   // variables in slots of their own
  unsigned scope_ = 0;        // how many are open
  unsigned block_scope_ = 0;  // the innermost that is a block: the end of its variables
  // Variables that a callback shares with what is around it; they live in the scratch frame.
  std::set<const sema::Variable*> shared_variables_;
  bool has_callbacks_ = false;
  const ast::Expr* unused_ = nullptr;
  bool has_many_branches_ = false;
  bool avoids_stack_ = false;  // temporaries are in the frame, not on the stack
  TakenMaps taken_maps_;

 public:
  llvm::Value* array_key(std::uint32_t index);  // a pointer to a u32 that holds it
  llvm::Value* result() { return result_; }
  const TakenMaps& taken_maps() const { return taken_maps_; }
  llvm::BasicBlock* behind_turns() const { return loops_.back().done; }  // of the innermost loop
  // Registers of the traced system call's caller, as an i64 that the verifier knows as pt_regs.
  llvm::Value* syscall_registers();

  // --- loops.cpp: a loop that ends by itself when the kernel wants it to ----------------------
  // The parts may be emitted into a function of their own: they ask for the memory of variables
  // and of loop words where they use it, and share no other value with what is around the loop.
  struct LoopParts {
    std::function<llvm::Value*()> test;  // i1: once more?
    std::function<void()> body;
    std::function<void()> step;
  };
  void lower_loop(const ast::Node* changed_in, diag::Span span, const LoopParts& parts);
  llvm::Value* loop_start(llvm::Value* value);
  // Bytes that the parts share with what is around the loop, in the scratch frame: there they can
  // be read at any index.
  const Temporary& loop_bytes(std::uint32_t bytes) { return allocate(bytes, true); }
  const Temporary& loop_word();  // eight bytes that the parts share with what is around the loop

  // --- callbacks.cpp: code that a helper calls, once for each turn -----------------------------
  // Emits `turn` as a function of its own with as many arguments as the helper gives it in front
  // of the context, then `call_helper(callback, context)`. In `turn`, the end of the code goes on
  // with the next turn, `loops_.back().done` and `break` end the turns, and `leave_probe` leaves
  // the probe. Gives an i1: every turn that there was went on.
  // A node that is lowered so must be known to `by_callback`.
  using Turn = std::function<void(llvm::ArrayRef<llvm::Value*> arguments)>;
  using HelperCall = std::function<void(llvm::Value* callback, llvm::Value* context)>;
  llvm::Value* by_turns(const char* name, std::initializer_list<llvm::Type*> arguments,
                        diag::Span span, const Turn& turn, const HelperCall& call_helper);

 private:
  void lower_map_loop(ast::ForMap& loop);  // map_loops.cpp
  void lower_loop_by_callback(diag::Span span, const LoopParts& parts);
  void lower_turn(diag::Span span, const LoopParts& parts, llvm::BasicBlock* inside,
                  const Loop& exits);
};

template <typename Work>
auto Lowering::scoped(Work work) {
  struct Closer {
    Lowering& lowering;
    ~Closer() { lowering.close_scope(); }
  };
  ++scope_;
  const Closer closer{*this};
  return work();
}

template <typename Behind>
auto Lowering::in_block(ast::BlockExpr& body, Behind behind) {
  struct Restorer {
    unsigned& scope;
    unsigned outer;
    ~Restorer() { scope = outer; }
  };
  return scoped([&] {
    const Restorer restorer{block_scope_, block_scope_};
    block_scope_ = scope_;
    for (ast::Stmt* stmt : body.stmts) scoped([&] { lower_statement(stmt); });
    return behind();
  });
}

template <typename Then, typename Otherwise>
void Lowering::when(llvm::Value* condition_value, const char* name, Then then,
                    Otherwise otherwise) {
  llvm::BasicBlock* yes = block(name);
  llvm::BasicBlock* no = block("else");
  llvm::BasicBlock* behind = block("behind");
  ir.CreateCondBr(condition_value, yes, no);
  ir.SetInsertPoint(yes);
  then();
  ir.CreateBr(behind);
  ir.SetInsertPoint(no);
  otherwise();
  ir.CreateBr(behind);
  ir.SetInsertPoint(behind);
}

}  // namespace sonde::codegen
