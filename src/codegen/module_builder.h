// SPDX-License-Identifier: Apache-2.0
// What all probes of a script share: the LLVM module, the maps, and the tables of the image
// that grow while code is made.
#pragma once

#include <llvm/IR/DIBuilder.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codegen/codegen.h"
#include "codegen/helpers.h"
#include "image/image.h"
#include "image/layout.h"
#include "sema/script.h"

namespace sonde::codegen {

// A BPF map of the object. Its definition (sizes) is written when the module is finished, since
// some grow with what is compiled.
struct BpfMap {
  std::string elf_name;
  llvm::GlobalVariable* variable = nullptr;
  BpfMapType type{};
  std::uint32_t key_bytes = 0;  // 0: none (ring buffer)
  std::uint32_t value_bytes = 0;
  std::uint32_t max_entries = 0;
  std::uint32_t flags = 0;
};

// Names of maps and programs: `[A-Za-z0-9_.]` (kernel/bpf/syscall.c, bpf_obj_name_cpy).
std::string mangle(std::string_view text);

// Nested programs on one CPU that can hold a scratch frame at the same time: task, softirq, irq,
// NMI.
constexpr std::uint32_t scratch_levels = 4;

class ModuleBuilder {
 public:
  ModuleBuilder(sema::Script& script, const diag::SourceMap& sources,
                diag::Diagnostics& diagnostics, const CodegenOptions& options);

  sema::Script& script;
  const diag::SourceMap& sources;
  diag::Diagnostics& diagnostics;
  const CodegenOptions& options;
  bool spare_stack = false;  // values go to the scratch frame where they can
  llvm::LLVMContext context;
  llvm::Module module;
  llvm::DIBuilder debug;
  image::Image image;
  std::vector<const sema::ResolvedProbe*> resolved_probes;  // of each of image.probes

  // --- the tables of the image ---------------------------------------------------------------
  image::TypeIndex type_index(const sema::Type* type);
  std::uint32_t add_event(image::EventDesc event);
  std::uint32_t add_failure(image::Failure failure, diag::Span span);
  image::SourceRange range(diag::Span span) const;
  std::uint32_t map_index(const sema::Map& map);      // in image.maps
  std::uint32_t text_index(const std::string& text);  // in image.texts
  std::uint32_t packet_file_index(const std::string& path);

  // --- maps ----------------------------------------------------------------------------------
  // Each is made when it is first asked for.
  llvm::GlobalVariable* script_map(const sema::Map& map);
  // The map of maps in which programs look for it (image::MapDesc::swap_name); null: there is none.
  llvm::GlobalVariable* swap_of(const sema::Map& map);
  llvm::GlobalVariable* events();
  llvm::GlobalVariable* failures();
  llvm::GlobalVariable* packets();
  struct StackMaps {
    llvm::GlobalVariable* by_hash = nullptr;    // BPF's own kind
    llvm::GlobalVariable* numbers = nullptr;    // of stacks whose place there was taken, by frames
    llvm::GlobalVariable* by_number = nullptr;  // these stacks
    std::uint32_t bytes = 0;                    // of a stack
  };
  // The kernel makes the table by hash as large as it may become: only where it is wanted.
  enum class ByHash : std::uint8_t { unused, used };
  const StackMaps& stacks(std::uint32_t limit, bool build_ids, ByHash by_hash);
  // By which stacks are unwound (image/unwinding.h). The runtime knows how large they are.
  struct UnwindMaps {
    llvm::GlobalVariable* processes = nullptr;
    llvm::GlobalVariable* ranges = nullptr;
    llvm::GlobalVariable* rows = nullptr;
  };
  const UnwindMaps& unwinding();
  llvm::GlobalVariable* stack_count();  // u64: numbers that were given to stacks
  // One frame for each CPU, for programs that need it so seldom that two at a time may go without.
  llvm::GlobalVariable* stack_scratch(std::uint32_t frame_bytes);
  // Per-CPU frames for values that do not fit the stack; grows to the largest asked for.
  llvm::GlobalVariable* scratch(std::uint32_t frame_bytes);
  // Zeros in a read-only map, at least that many.
  llvm::GlobalVariable* zeros(std::uint32_t bytes);
  // Of programs, by the number of a system call.
  llvm::GlobalVariable* program_array(const std::string& name);
  llvm::GlobalVariable* run_constants();
  // Numbers of two bytes in a read-only map.
  llvm::GlobalVariable* number_table(llvm::StringRef name, llvm::ArrayRef<std::uint16_t> numbers);
  // Texts of the same size in a read-only map, one behind the other. `name` is theirs.
  llvm::GlobalVariable* text_table(llvm::StringRef name, const std::vector<std::string>& texts,
                                   std::uint32_t text_bytes);
  // The addresses of symbols of the kernel, which the runtime fills in; grows by asking.
  llvm::GlobalVariable* kernel_addresses();
  std::uint32_t kernel_symbol_index(const std::string& name);
  llvm::GlobalVariable* reader_state();
  // Functions and variables of the kernel, which libbpf finds by their names and types in its BTF.
  // Those have them.
  llvm::Function* kernel_function(const std::string& name);
  llvm::GlobalVariable* kernel_variable(const std::string& name);

  // --- functions -----------------------------------------------------------------------------
  // `i32 name(ptr ctx)` in `section`, with BTF. The name is made unique and fit for the kernel.
  // A function of an imported C file; foreign.cpp.
  llvm::Function* foreign_function(const sema::ForeignFunction& foreign);
  llvm::Function* add_program(std::string_view name, std::string_view section, diag::Span span);
  // `i32 name(ptr ctx)` that a program calls, named as a program is.
  llvm::Function* add_part(std::string_view name, diag::Span span);
  // `bool name()` of the kernel itself (a kfunc), which libbpf finds in its BTF.
  llvm::Function* kernel_question(llvm::StringRef name);
  // `i64 name(arguments...)`, which a helper calls. Its name is told apart by a number.
  llvm::Function* add_callback(std::string_view name, llvm::ArrayRef<llvm::Type*> arguments,
                               diag::Span span);
  llvm::DIFile* debug_file(diag::FileId file);

  // Writes what was left open: map definitions, license, sizes, the `.sonde` section.
  void finish();

 private:
  llvm::DISubprogram* describe_function(llvm::Function& function, diag::Span span,
                                        llvm::DISubprogram::DISPFlags flags);
  std::string program_name(std::string_view name);
  std::uint32_t room_for_keys(const sema::Map& map) const;
  BpfMap& add_map(BpfMap map);
  BpfMap& add_frames(std::string_view name, std::uint32_t levels);
  void define_map(BpfMap& map);
  llvm::DIType* bytes_type(std::uint32_t bytes);
  llvm::DIType* number_member(std::uint32_t number);
  llvm::GlobalVariable* add_variable(llvm::StringRef name, llvm::StringRef section,
                                     llvm::Constant* initial, llvm::DIType* type, bool constant);
  void add_license();
  void add_tables();

  llvm::DICompileUnit* unit_ = nullptr;
  llvm::DIType* int_ = nullptr;
  llvm::DIType* u32_ = nullptr;
  llvm::DIType* u64_ = nullptr;
  llvm::DIType* byte_ = nullptr;
  std::map<diag::FileId, llvm::DIFile*> files_;
  std::deque<BpfMap> maps_;
  std::map<const sema::Map*, std::uint32_t> map_indices_;
  std::set<const sema::Map*> swapped_;
  std::map<const sema::Map*, std::uint64_t> key_counts_;
  std::map<const sema::Type*, image::TypeIndex> type_indices_;
  BpfMap* events_ = nullptr;
  BpfMap* failures_ = nullptr;
  BpfMap* packets_ = nullptr;
  BpfMap* scratch_ = nullptr;
  std::map<std::pair<std::uint32_t, bool>, StackMaps> stacks_;
  UnwindMaps unwinding_;
  BpfMap* stack_scratch_ = nullptr;
  llvm::GlobalVariable* stack_count_ = nullptr;
  llvm::GlobalVariable* zeros_ = nullptr;
  std::uint32_t zero_bytes_ = 0;
  llvm::GlobalVariable* addresses_ = nullptr;
  llvm::GlobalVariable* run_ = nullptr;
  llvm::GlobalVariable* reader_ = nullptr;
  unsigned program_count_ = 0;
  unsigned callback_count_ = 0;
};

}  // namespace sonde::codegen
