// SPDX-License-Identifier: Apache-2.0
#include "codegen/module_builder.h"

#include <llvm/BinaryFormat/Dwarf.h>
#include <llvm/Config/llvm-config.h>

#include <algorithm>

#include "codegen/image_types.h"
#include "codegen/key_counts.h"
#include "codegen/swapped_maps.h"
#include "sema/c_types.h"

namespace sonde::codegen {

using image::Failure;

std::string mangle(std::string_view text) {
  std::string name;
  for (const char c : text) {
    if (c == '@')
      name += "AT_";
    else
      name += std::isalnum(static_cast<unsigned char>(c)) || c == '.' ? c : '_';
  }
  return name;
}

ModuleBuilder::ModuleBuilder(sema::Script& s, const diag::SourceMap& source_map,
                             diag::Diagnostics& diag, const CodegenOptions& opts)
    : script(s),
      sources(source_map),
      diagnostics(diag),
      options(opts),
      module("sonde", context),
      debug(module),
      swapped_(find_swapped_maps(s)),
      key_counts_(find_key_counts(s)) {
  for (diag::FileId file = 0; file < sources.file_count(); ++file)
    image.sources.push_back({std::string(sources.name(file)), std::string(sources.text(file))});
  for (const diag::Span& call : sources.expansions()) image.expansions.push_back(range(call));
#if LLVM_VERSION_MAJOR >= 21
  module.setTargetTriple(llvm::Triple("bpf"));
#else
  module.setTargetTriple("bpf");
#endif
  // Before any code: without it a u64 is taken to be aligned to four bytes, and each load and store
  // of one becomes two. What the back end wants in addition is set before its passes.
  module.setDataLayout("e-p:64:64-i64:64");
  module.addModuleFlag(llvm::Module::Warning, "Debug Info Version", llvm::DEBUG_METADATA_VERSION);
  // DebugDirectivesOnly gives BTF and line info without DWARF (LineTablesOnly crashes LLVM 19).
  unit_ = debug.createCompileUnit(llvm::dwarf::DW_LANG_C99, debug_file(0), "sonde", false, "", 0,
                                  "", llvm::DICompileUnit::DebugEmissionKind::DebugDirectivesOnly);
  int_ = debug.createBasicType("int", 32, llvm::dwarf::DW_ATE_signed);
  u32_ = debug.createBasicType("unsigned int", 32, llvm::dwarf::DW_ATE_unsigned);
  u64_ = debug.createBasicType("unsigned long", 64, llvm::dwarf::DW_ATE_unsigned);
  byte_ = debug.createBasicType("unsigned char", 8, llvm::dwarf::DW_ATE_unsigned_char);
}

llvm::DIFile* ModuleBuilder::debug_file(diag::FileId file) {
  llvm::DIFile*& known = files_[file];
  // With the text given LLVM does not look for the file on disk.
  if (!known)
    known = debug.createFile(llvm::StringRef(sources.name(file)), "", std::nullopt,
                             llvm::StringRef(sources.text(file)));
  return known;
}

// --- the tables of the image -----------------------------------------------------------------

image::TypeIndex ModuleBuilder::type_index(const sema::Type* type) {
  if (const auto known = type_indices_.find(type); known != type_indices_.end())
    return known->second;
  image::ValueType value = image_type(*type);
  const auto add_element = [&](const sema::Type* of,
                               std::uint32_t offset_bytes) -> image::Element& {
    const image::TypeIndex index = type_index(of);
    value.elements.push_back({.type = index, .offset_bytes = offset_bytes});
    return value.elements.back();
  };
  if (type->is(sema::TypeKind::array)) add_element(type->element, 0);
  const auto offsets = sema::tuple_layout(type->elements).offsets;
  for (std::size_t i = 0; i < type->elements.size(); ++i) {
    image::Element& element = add_element(type->elements[i], offsets[i]);
    if (type->is(sema::TypeKind::record)) element.name = type->names[i];
  }
  if (type->is(sema::TypeKind::c_struct)) {
    for (sema::StructMember& member :
         sema::members_of(script.types, *type, lang::AddressSpace::none)) {
      image::Element& element = add_element(member.type, member.offset_bytes);
      element.name = std::move(member.name);
      element.bit_offset = member.bit_offset;
      element.bit_size = member.bit_size;
    }
  }
  image.types.push_back(std::move(value));
  return type_indices_[type] = static_cast<image::TypeIndex>(image.types.size() - 1);
}

std::uint32_t ModuleBuilder::add_event(image::EventDesc event) {
  image.events.push_back(std::move(event));
  return static_cast<std::uint32_t>(image.events.size() - 1);
}

std::uint32_t ModuleBuilder::add_failure(Failure failure, diag::Span span) {
  image.failures.push_back({failure, range(span)});
  return static_cast<std::uint32_t>(image.failures.size() - 1);
}

image::SourceRange ModuleBuilder::range(diag::Span span) const {
  if (!span.known()) return {};
  return {span.file, span.begin, span.end, span.expansion};
}

std::uint32_t ModuleBuilder::map_index(const sema::Map& map) {
  script_map(map);
  return map_indices_.at(&map);
}

// --- maps ------------------------------------------------------------------------------------

BpfMap& ModuleBuilder::add_map(BpfMap map) {
  // Sizes are in the debug information; libbpf reads no more of the variable than its layout:
  // a struct of four pointers (include/tools/libbpf: parse_btf_map_def).
  auto* pointer = llvm::PointerType::get(context, 0);
  auto* type = llvm::ArrayType::get(pointer, map.key_bytes == 0 ? 2 : map.flags != 0 ? 5 : 4);
  map.variable = new llvm::GlobalVariable(module, type, false, llvm::GlobalValue::ExternalLinkage,
                                          llvm::Constant::getNullValue(type), map.elf_name);
  map.variable->setSection(".maps");
  map.variable->setAlignment(llvm::Align(8));
  maps_.push_back(std::move(map));
  return maps_.back();
}

llvm::GlobalVariable* ModuleBuilder::events() {
  if (!events_)
    events_ = &add_map({.elf_name = std::string(image::events_map),
                        .type = BpfMapType::ring_buffer,
                        .max_entries = image.ring_bytes});
  return events_->variable;
}

llvm::GlobalVariable* ModuleBuilder::program_array(const std::string& name) {
  constexpr std::uint32_t most_syscalls = 1024;  // more than any architecture has
  return add_map({.elf_name = name,
                  .type = BpfMapType::program_array,
                  .key_bytes = 4,
                  .value_bytes = 4,
                  .max_entries = most_syscalls})
      .variable;
}

llvm::GlobalVariable* ModuleBuilder::failures() {
  if (!failures_)
    failures_ = &add_map({.elf_name = std::string(image::failures_map),
                          .type = BpfMapType::per_cpu_array,
                          .key_bytes = 4,
                          .value_bytes = sizeof(image::FailureCounter)});
  return failures_->variable;
}

// libbpf gives it a slot for each CPU.
llvm::GlobalVariable* ModuleBuilder::packets() {
  if (!packets_)
    packets_ = &add_map({.elf_name = std::string(image::packets_map),
                         .type = BpfMapType::perf_event_array,
                         .key_bytes = 4,
                         .value_bytes = 4});
  return packets_->variable;
}

BpfMap& ModuleBuilder::add_frames(std::string_view name, std::uint32_t levels) {
  return add_map({.elf_name = std::string(name),
                  .type = BpfMapType::per_cpu_array,
                  .key_bytes = 4,
                  .max_entries = levels});
}

llvm::GlobalVariable* ModuleBuilder::scratch(std::uint32_t frame_bytes) {
  if (!scratch_) scratch_ = &add_frames("sonde_scratch", scratch_levels);
  scratch_->value_bytes = std::max(scratch_->value_bytes, frame_bytes);
  return scratch_->variable;
}

llvm::GlobalVariable* ModuleBuilder::stack_scratch(std::uint32_t frame_bytes) {
  if (!stack_scratch_) stack_scratch_ = &add_frames("sonde_frames", 1);
  stack_scratch_->value_bytes = std::max(stack_scratch_->value_bytes, frame_bytes);
  return stack_scratch_->variable;
}

llvm::GlobalVariable* ModuleBuilder::zeros(std::uint32_t bytes) {
  zero_bytes_ = std::max(zero_bytes_, bytes);
  auto* byte = llvm::Type::getInt8Ty(context);
  if (!zeros_) {
    // The real size is known at the end; until then uses refer to this variable.
    zeros_ = new llvm::GlobalVariable(module, byte, true, llvm::GlobalValue::ExternalLinkage,
                                      nullptr, "sonde_zeros_declared");
  }
  return zeros_;
}

llvm::GlobalVariable* ModuleBuilder::add_variable(llvm::StringRef name, llvm::StringRef section,
                                                  llvm::Constant* initial, llvm::DIType* type,
                                                  bool constant) {
  auto* variable = new llvm::GlobalVariable(module, initial->getType(), constant,
                                            llvm::GlobalValue::ExternalLinkage, initial, name);
  if (!section.empty()) variable->setSection(section);
  variable->setAlignment(llvm::Align(8));
  variable->addDebugInfo(
      debug.createGlobalVariableExpression(unit_, name, name, debug_file(0), 0, type, false));
  return variable;
}

llvm::GlobalVariable* ModuleBuilder::run_constants() {
  if (run_) return run_;
  auto* type = llvm::ArrayType::get(llvm::Type::getInt8Ty(context), sizeof(image::RunConstants));
  run_ = add_variable("sonde_run", image::run_section, llvm::Constant::getNullValue(type),
                      bytes_type(sizeof(image::RunConstants)), true);
  return run_;
}

llvm::GlobalVariable* ModuleBuilder::reader_state() {
  if (reader_) return reader_;
  auto* type = llvm::ArrayType::get(llvm::Type::getInt8Ty(context), sizeof(image::ReaderState));
  reader_ = add_variable("sonde_reader", image::reader_section, llvm::Constant::getNullValue(type),
                         bytes_type(sizeof(image::ReaderState)), false);
  return reader_;
}

llvm::GlobalVariable* ModuleBuilder::number_table(llvm::StringRef name,
                                                  llvm::ArrayRef<std::uint16_t> numbers) {
  auto* data = llvm::ConstantDataArray::get(context, numbers);
  const auto bytes = static_cast<std::uint32_t>(numbers.size() * 2);
  return add_variable(name, (".rodata." + name).str(), data, bytes_type(bytes), true);
}

llvm::GlobalVariable* ModuleBuilder::text_table(llvm::StringRef name,
                                                const std::vector<std::string>& texts,
                                                std::uint32_t text_bytes) {
  if (auto* known = module.getGlobalVariable(name)) return known;
  std::string bytes;
  for (const std::string& text : texts) {
    bytes += text.substr(0, text_bytes - 1);
    bytes.resize((bytes.size() / text_bytes + 1) * text_bytes);
  }
  auto* data = llvm::ConstantDataArray::getString(context, bytes, false);
  return add_variable(name, (".rodata." + name).str(), data,
                      bytes_type(static_cast<std::uint32_t>(bytes.size())), true);
}

llvm::GlobalVariable* ModuleBuilder::kernel_addresses() {
  // The real size is known at the end, as that of the zeros.
  if (!addresses_)
    addresses_ = new llvm::GlobalVariable(module, llvm::Type::getInt8Ty(context), true,
                                          llvm::GlobalValue::ExternalLinkage, nullptr,
                                          "sonde_ksyms_declared");
  return addresses_;
}

namespace {

std::uint32_t index_in(std::vector<std::string>& texts, const std::string& text) {
  const auto known = std::ranges::find(texts, text);
  if (known != texts.end()) return static_cast<std::uint32_t>(known - texts.begin());
  texts.push_back(text);
  return static_cast<std::uint32_t>(texts.size() - 1);
}

}  // namespace

std::uint32_t ModuleBuilder::kernel_symbol_index(const std::string& name) {
  return index_in(image.kernel_symbols, name);
}

std::uint32_t ModuleBuilder::text_index(const std::string& text) {
  return index_in(image.texts, text);
}

std::uint32_t ModuleBuilder::packet_file_index(const std::string& path) {
  return index_in(image.packet_files, path);
}

// --- functions -------------------------------------------------------------------------------

// 15 characters survive in the kernel; the number keeps them apart.
std::string ModuleBuilder::program_name(std::string_view name) {
  const std::string number = std::to_string(program_count_++);
  return mangle(name).substr(0, 14 - number.size()) + "_" + number;
}

llvm::Function* ModuleBuilder::add_part(std::string_view name, diag::Span span) {
  auto* type = llvm::FunctionType::get(llvm::Type::getInt32Ty(context),
                                       {llvm::PointerType::get(context, 0)}, false);
  // As a callback: libbpf puts it behind the program that calls it.
  auto* function =
      llvm::Function::Create(type, llvm::GlobalValue::InternalLinkage, program_name(name), module);
  function->addFnAttr(llvm::Attribute::NoUnwind);
  function->addFnAttr(llvm::Attribute::NoInline);
  describe_function(*function, span,
                    llvm::DISubprogram::SPFlagDefinition | llvm::DISubprogram::SPFlagLocalToUnit);
  return function;
}

llvm::Function* ModuleBuilder::kernel_question(llvm::StringRef name) {
  if (llvm::Function* known = module.getFunction(name)) return known;
  auto* function =
      llvm::Function::Create(llvm::FunctionType::get(llvm::Type::getInt8Ty(context), false),
                             llvm::GlobalValue::ExternalLinkage, name, module);
  function->setSection(".ksyms");
  llvm::DIFile* file = debug_file(0);
  llvm::DIType* boolean = debug.createBasicType("bool", 8, llvm::dwarf::DW_ATE_boolean);
  auto* type = debug.createSubroutineType(debug.getOrCreateTypeArray({boolean}));
  function->setSubprogram(debug.createFunction(file, name, name, file, 0, type, 0,
                                               llvm::DINode::FlagPrototyped,
                                               llvm::DISubprogram::SPFlagZero));
  return function;
}

llvm::Function* ModuleBuilder::add_program(std::string_view name, std::string_view section,
                                           diag::Span span) {
  auto* type = llvm::FunctionType::get(llvm::Type::getInt32Ty(context),
                                       {llvm::PointerType::get(context, 0)}, false);
  auto* function =
      llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, program_name(name), module);
  function->setSection(llvm::StringRef(section));
  function->addFnAttr(llvm::Attribute::NoUnwind);
  describe_function(*function, span, llvm::DISubprogram::SPFlagDefinition);
  return function;
}

llvm::Function* ModuleBuilder::add_callback(std::string_view name,
                                            llvm::ArrayRef<llvm::Type*> arguments,
                                            diag::Span span) {
  auto* type = llvm::FunctionType::get(llvm::Type::getInt64Ty(context), arguments, false);
  // Without a section it goes to `.text`, from where libbpf puts it behind each user.
  auto* function =
      llvm::Function::Create(type, llvm::GlobalValue::InternalLinkage,
                             mangle(name) + "_" + std::to_string(callback_count_++), module);
  function->addFnAttr(llvm::Attribute::NoUnwind);
  function->addFnAttr(llvm::Attribute::NoInline);
  describe_function(*function, span,
                    llvm::DISubprogram::SPFlagDefinition | llvm::DISubprogram::SPFlagLocalToUnit);
  return function;
}

// Without the names of the parameters the kernel refuses the whole BTF, and without that it
// refuses callbacks.
llvm::DISubprogram* ModuleBuilder::describe_function(llvm::Function& function, diag::Span span,
                                                     llvm::DISubprogram::DISPFlags flags) {
  llvm::DIFile* file = debug_file(span.file);
  const unsigned line = sources.position(span.file, span.begin).line;
  const auto describe = [&](const llvm::Type* type) -> llvm::DIType* {
    if (type->isPointerTy()) return debug.createPointerType(nullptr, 64);
    return type->isIntegerTy(64) ? u64_ : type->isIntegerTy(32) ? int_ : u32_;
  };
  std::vector<llvm::Metadata*> types{describe(function.getReturnType())};
  for (const llvm::Argument& argument : function.args())
    types.push_back(describe(argument.getType()));
  auto* signature = debug.createSubroutineType(debug.getOrCreateTypeArray(types));
  auto* subprogram = debug.createFunction(file, function.getName(), function.getName(), file, line,
                                          signature, line, llvm::DINode::FlagZero, flags);
  for (const llvm::Argument& argument : function.args()) {
    const bool last = argument.getArgNo() + 1 == function.arg_size();
    const std::string name = last ? "ctx" : "arg" + std::to_string(argument.getArgNo());
    debug.createParameterVariable(subprogram, name, argument.getArgNo() + 1, file, line,
                                  llvm::cast<llvm::DIType>(types[argument.getArgNo() + 1]), true);
  }
  function.setSubprogram(subprogram);
  return subprogram;
}

// --- the end ---------------------------------------------------------------------------------

llvm::DIType* ModuleBuilder::bytes_type(std::uint32_t bytes) {
  auto* range = debug.getOrCreateSubrange(0, bytes);
  return debug.createArrayType(std::uint64_t{bytes} * 8, 8, byte_, debug.getOrCreateArray({range}));
}

// A number in a map definition is the length of an array that a pointer points to.
llvm::DIType* ModuleBuilder::number_member(std::uint32_t number) {
  auto* range = debug.getOrCreateSubrange(0, number);
  auto* array =
      debug.createArrayType(std::uint64_t{number} * 32, 32, int_, debug.getOrCreateArray({range}));
  return debug.createPointerType(array, 64);
}

void ModuleBuilder::define_map(BpfMap& map) {
  std::vector<std::pair<const char*, llvm::DIType*>> fields;
  fields.emplace_back("type", number_member(static_cast<std::uint32_t>(map.type)));
  fields.emplace_back("max_entries", number_member(map.max_entries));
  if (map.key_bytes != 0) {
    const auto data = [&](std::uint32_t bytes) {
      llvm::DIType* type = bytes == 4 ? u32_ : bytes == 8 ? u64_ : bytes_type(bytes);
      return debug.createPointerType(type, 64);
    };
    fields.emplace_back("key", data(map.key_bytes));
    fields.emplace_back("value", data(map.value_bytes));
  }
  if (map.flags != 0) fields.emplace_back("map_flags", number_member(map.flags));
  std::vector<llvm::Metadata*> members;
  for (const auto& [name, type] : fields)
    members.push_back(debug.createMemberType(unit_, name, debug_file(0), 0, 64, 64,
                                             members.size() * 64, llvm::DINode::FlagZero, type));
  auto* type =
      debug.createStructType(unit_, "", debug_file(0), 0, members.size() * 64, 64,
                             llvm::DINode::FlagZero, nullptr, debug.getOrCreateArray(members));
  map.variable->addDebugInfo(debug.createGlobalVariableExpression(unit_, map.elf_name, map.elf_name,
                                                                  debug_file(0), 0, type, false));
}

void ModuleBuilder::add_license() {
  auto* text = llvm::ConstantDataArray::getString(
      context, script.config.text(lang::ConfigKey::license), true);
  auto* type = bytes_type(static_cast<std::uint32_t>(text->getType()->getArrayNumElements()));
  add_variable("LICENSE", "license", text, type, false);
}

// No debug information, so LLVM makes no BTF for it, and libbpf skips a section it does not know.
// Its linker wants BTF for what is external.
void ModuleBuilder::add_tables() {
  auto* text = llvm::ConstantDataArray::getString(context, image::write_tables(image), false);
  auto* variable = new llvm::GlobalVariable(
      module, text->getType(), true, llvm::GlobalValue::InternalLinkage, text, "sonde_tables");
  variable->setSection(llvm::StringRef(image::tables_section));
}

void ModuleBuilder::finish() {
  if (!image.failures.empty())
    failures(), failures_->max_entries = static_cast<std::uint32_t>(image.failures.size());
  for (BpfMap& map : maps_) define_map(map);
  if (zeros_) {
    auto* type = llvm::ArrayType::get(llvm::Type::getInt8Ty(context), zero_bytes_);
    auto* real = add_variable("sonde_zeros", ".rodata.zeros", llvm::Constant::getNullValue(type),
                              bytes_type(zero_bytes_), true);
    zeros_->replaceAllUsesWith(real);
    zeros_->eraseFromParent();
  }
  if (addresses_) {
    const auto bytes = static_cast<std::uint32_t>(image.kernel_symbols.size() * 8);
    auto* type = llvm::ArrayType::get(llvm::Type::getInt8Ty(context), bytes);
    auto* real = add_variable("sonde_ksyms", image::kernel_symbols_section,
                              llvm::Constant::getNullValue(type), bytes_type(bytes), true);
    addresses_->replaceAllUsesWith(real);
    addresses_->eraseFromParent();
  }
  add_license();
  if (!events_) image.ring_bytes = 0;
  add_tables();
  debug.finalize();
}

}  // namespace sonde::codegen
