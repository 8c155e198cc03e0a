// SPDX-License-Identifier: Apache-2.0
#include "codegen/builtins/usdt.h"

#include "codegen/arch/registers.h"

namespace sonde::codegen {

namespace {

using target::UsdtArgument;

class ArgumentReader {
 public:
  ArgumentReader(Lowering& lowering, const ast::Call& call)
      : l_(lowering), call_(call), argument_(lowering.probe.usdt_arguments[call.argument]) {}

  llvm::Value* read() {
    const sema::Type& type = *l_.m.script.types.integer(argument_.size_bytes, argument_.is_signed);
    switch (argument_.kind) {
      case UsdtArgument::Kind::constant: return extend(number());
      case UsdtArgument::Kind::in_register: return extend(register_value(argument_.base));
      case UsdtArgument::Kind::in_memory:
        return l_.load({.base = address(), .space = Location::Space::user}, type, call_.span);
      case UsdtArgument::Kind::unreadable: break;
    }
    SONDE_UNREACHABLE("check_types refuses arguments that cannot be read");
  }

 private:
  llvm::Value* number() { return l_.word(static_cast<std::uint64_t>(argument_.number)); }

  // Of its lowest bytes, as many as the argument has.
  llvm::Value* extend(llvm::Value* value) {
    llvm::Value* narrow = l_.ir.CreateTrunc(value, l_.ir.getIntNTy(8U * argument_.size_bytes));
    return argument_.is_signed ? l_.ir.CreateSExt(narrow, l_.i64())
                               : l_.ir.CreateZExt(narrow, l_.i64());
  }

  llvm::Value* register_value(std::string_view name) {
    const auto part = find_register(l_.m.script.target.architecture(), name);
    if (!part) {
      l_.m.diagnostics.error(diag::DiagId::cannot_compile, call_.span,
                             "`{}` is in `{}`, which is no known register", call_.name, name);
      return l_.word(0);
    }
    llvm::Value* whole = l_.ir.CreateLoad(l_.i64(), l_.offset(l_.ctx, part->offset_bytes));
    return part->shift_bits == 0 ? whole : l_.ir.CreateLShr(whole, part->shift_bits);
  }

  llvm::Value* address() {
    llvm::Value* sum = number();
    if (argument_.from_probe) {
      const auto& registers = *find_registers(l_.m.script.target.architecture());
      llvm::Value* probe =
          l_.ir.CreateLoad(l_.i64(), l_.offset(l_.ctx, registers.instruction_pointer));
      sum = l_.ir.CreateAdd(sum, probe);
    }
    if (!argument_.base.empty()) sum = l_.ir.CreateAdd(sum, register_value(argument_.base));
    if (argument_.index.empty()) return sum;
    llvm::Value* index = register_value(argument_.index);
    return l_.ir.CreateAdd(sum, l_.ir.CreateMul(index, l_.word(argument_.scale)));
  }

  Lowering& l_;
  const ast::Call& call_;
  const UsdtArgument& argument_;
};

}  // namespace

llvm::Value* usdt_argument(Lowering& l, const ast::Call& call) {
  return ArgumentReader(l, call).read();
}

}  // namespace sonde::codegen
