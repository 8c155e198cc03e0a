// SPDX-License-Identifier: Apache-2.0
// Functions that an imported C file defines, and functions and variables of the kernel: declared
// here, with their types, and linked to the image later.
#include "sema/foreign.h"

#include <llvm/BinaryFormat/Dwarf.h>

#include "codegen/lowering.h"
#include "sema/c_types.h"

namespace sonde::codegen {

namespace {

using target::Btf;
using target::BtfId;
using target::BtfKind;
using target::BtfType;

// libbpf compares the declaration's types with those of the definition: their kinds and sizes, and
// the names of structs and enums, not what is in them.
struct DebugTypes {
  llvm::DIBuilder& debug;
  const Btf& btf;
  llvm::DIFile* file;
  bool of_kernel = false;

  llvm::DIType* basic(const BtfType& type) {
    const unsigned encoding = type.is_bool     ? llvm::dwarf::DW_ATE_boolean
                              : type.is_signed ? llvm::dwarf::DW_ATE_signed
                                               : llvm::dwarf::DW_ATE_unsigned;
    return debug.createBasicType(type.name, std::uint64_t{type.size} * 8, encoding);
  }

  // Its linker takes a struct that is only declared for the one that is defined; where it looks for
  // what the kernel has, it does not.
  llvm::DIType* tagged(unsigned tag, const BtfType& type) {
    if (of_kernel && tag == llvm::dwarf::DW_TAG_union_type)
      return debug.createUnionType(file, type.name, file, 0, std::uint64_t{type.size} * 8, 0,
                                   llvm::DINode::FlagZero, {});
    if (of_kernel)
      return debug.createStructType(file, type.name, file, 0, std::uint64_t{type.size} * 8, 0,
                                    llvm::DINode::FlagZero, nullptr, {});
    return debug.createForwardDecl(tag, type.name, file, file, 0);
  }

  llvm::DIType* enumeration(BtfId id, const BtfType& type) {
    std::vector<llvm::Metadata*> values;
    for (const target::BtfEnumerator& e : btf.enumerators(id))
      values.push_back(debug.createEnumerator(e.name, static_cast<std::int64_t>(e.value)));
    return debug.createEnumerationType(file, type.name, file, 0, std::uint64_t{type.size} * 8, 32,
                                       debug.getOrCreateArray(values), nullptr);
  }

  // Null is void.
  llvm::DIType* of(BtfId id) {
    const BtfId resolved = btf.resolve(id);
    const BtfType type = btf.type(resolved);
    switch (type.kind) {
      case BtfKind::integer: return basic(type);
      case BtfKind::pointer: return debug.createPointerType(of(type.type), 64);
      case BtfKind::struct_: return tagged(llvm::dwarf::DW_TAG_structure_type, type);
      case BtfKind::union_: return tagged(llvm::dwarf::DW_TAG_union_type, type);
      case BtfKind::fwd: return tagged(llvm::dwarf::DW_TAG_structure_type, type);
      case BtfKind::enum_:
      case BtfKind::enum64: return enumeration(resolved, type);
      case BtfKind::array: {
        auto* range = debug.getOrCreateSubrange(0, type.count);
        return debug.createArrayType(btf.size_of(resolved) * 8, 8, of(type.type),
                                     debug.getOrCreateArray({range}));
      }
      case BtfKind::func_proto: return prototype(resolved);
      default: return nullptr;
    }
  }

  llvm::DISubroutineType* prototype(BtfId id) {
    std::vector<llvm::Metadata*> types{of(btf.type(id).type)};
    for (const target::BtfParam& param : btf.params(id)) types.push_back(of(param.type));
    return debug.createSubroutineType(debug.getOrCreateTypeArray(types));
  }
};

}  // namespace

llvm::Function* ModuleBuilder::foreign_function(const sema::ForeignFunction& foreign) {
  if (llvm::Function* known = module.getFunction(foreign.name)) return known;
  const Btf& btf = foreign.object->btf;
  auto* word = llvm::Type::getInt64Ty(context);
  const std::vector<llvm::Type*> words(btf.params(foreign.prototype).size(), word);
  auto* function = llvm::Function::Create(llvm::FunctionType::get(word, words, false),
                                          llvm::GlobalValue::ExternalLinkage, foreign.name, module);
  // Functions that others may see are verified on their own, knowing nothing of what they are
  // given: of a hidden one libbpf makes a static one (since 0.6), verified with its caller.
  function->setVisibility(llvm::GlobalValue::HiddenVisibility);
  DebugTypes types{debug, btf, debug_file(foreign.object->imported_at.file)};
  function->setSubprogram(debug.createFunction(
      types.file, foreign.name, foreign.name, types.file, 0, types.prototype(foreign.prototype), 0,
      llvm::DINode::FlagPrototyped, llvm::DISubprogram::SPFlagZero));
  return function;
}

namespace {

// Where libbpf looks for what the kernel has.
constexpr llvm::StringRef kernel_section = ".ksyms";

}  // namespace

llvm::Function* ModuleBuilder::kernel_function(const std::string& name) {
  if (llvm::Function* known = module.getFunction(name)) return known;
  const Btf& btf = *script.target.btf();
  const BtfId prototype = btf.type(*btf.find(BtfKind::func, name)).type;
  auto* word = llvm::Type::getInt64Ty(context);
  const std::vector<llvm::Type*> words(btf.params(prototype).size(), word);
  auto* function = llvm::Function::Create(llvm::FunctionType::get(word, words, false),
                                          llvm::GlobalValue::ExternalLinkage, name, module);
  function->setSection(kernel_section);
  DebugTypes types{debug, btf, debug_file(0), true};
  function->setSubprogram(
      debug.createFunction(types.file, name, name, types.file, 0, types.prototype(prototype), 0,
                           llvm::DINode::FlagPrototyped, llvm::DISubprogram::SPFlagZero));
  return function;
}

llvm::GlobalVariable* ModuleBuilder::kernel_variable(const std::string& name) {
  if (auto* known = module.getGlobalVariable(name)) return known;
  const Btf& btf = *script.target.btf();
  DebugTypes types{debug, btf, debug_file(0), true};
  llvm::DIType* type = types.of(btf.type(*btf.find(BtfKind::var, name)).type);
  auto* variable = new llvm::GlobalVariable(module, llvm::Type::getInt8Ty(context), true,
                                            llvm::GlobalValue::ExternalLinkage, nullptr, name);
  variable->setSection(kernel_section);
  variable->addDebugInfo(
      debug.createGlobalVariableExpression(unit_, name, name, types.file, 0, type, false, false));
  return variable;
}

llvm::Value* Lowering::lower_foreign(ast::Call& call) {
  const Btf& btf = call.foreign->object->btf;
  const std::vector<target::BtfParam> params = btf.params(call.foreign->prototype);
  std::vector<llvm::Value*> arguments;
  for (std::size_t i = 0; i < params.size(); ++i) {
    const sema::Type* wanted =
        sema::type_of_btf(m.script.types, btf, params[i].type, lang::AddressSpace::kernel);
    arguments.push_back(wanted->is(sema::TypeKind::pointer) ? value(call.args[i])
                                                            : value_as(call.args[i], *wanted));
  }
  place(call.span);
  llvm::Value* result = ir.CreateCall(m.foreign_function(*call.foreign), arguments);
  if (!call.type->is_scalar()) return nullptr;
  // The upper half of what C returns in a smaller type may be anything.
  if (call.type->is(sema::TypeKind::pointer)) return result;
  if (call.type->is(sema::TypeKind::boolean)) result = ir.CreateAnd(result, word(0xff));
  return convert_word(result, *m.script.types.int64(), *call.type);
}

}  // namespace sonde::codegen
