// SPDX-License-Identifier: Apache-2.0
// Builtins that are over when the script is compiled. Those with a value have become literals.
#include "codegen/builtins/builtins.h"

namespace sonde::codegen {

namespace {

llvm::Value* folded() { SONDE_UNREACHABLE("a question about types reached code generation"); }

}  // namespace

llvm::Value* lower_is_array(Lowering&, ast::Call&, const Into*) { return folded(); }
llvm::Value* lower_is_integer(Lowering&, ast::Call&, const Into*) { return folded(); }
llvm::Value* lower_is_literal(Lowering&, ast::Call&, const Into*) { return folded(); }
llvm::Value* lower_is_ptr(Lowering&, ast::Call&, const Into*) { return folded(); }
llvm::Value* lower_is_str(Lowering&, ast::Call&, const Into*) { return folded(); }
llvm::Value* lower_is_unsigned_integer(Lowering&, ast::Call&, const Into*) { return folded(); }
llvm::Value* lower_default_str_length(Lowering&, ast::Call&, const Into*) { return folded(); }

llvm::Value* lower_has_cpid(Lowering&, ast::Call&, const Into*) { return folded(); }

llvm::Value* lower_kfunc_exist(Lowering&, ast::Call&, const Into*) { return folded(); }
llvm::Value* lower_kfunc_allowed(Lowering&, ast::Call&, const Into*) { return folded(); }

llvm::Value* lower_assert_str(Lowering&, ast::Call&, const Into*) { return nullptr; }
llvm::Value* lower_static_assert_(Lowering&, ast::Call&, const Into*) { return nullptr; }
llvm::Value* lower_fail(Lowering&, ast::Call&, const Into*) { return nullptr; }

}  // namespace sonde::codegen
