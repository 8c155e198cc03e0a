// SPDX-License-Identifier: Apache-2.0
#include "codegen/builtins/builtins.h"

namespace sonde::codegen {

namespace {

using LowerBuiltin = llvm::Value* (*)(Lowering&, ast::Call&, const Into*);

constexpr LowerBuiltin functions[] = {
#define BUILTIN(NAME, ...) lower_##NAME,
#include "lang/builtins.def"
#undef BUILTIN
};

}  // namespace

llvm::Value* lower_builtin(Lowering& l, ast::Call& call) {
  if (call.foreign) return l.lower_foreign(call);
  l.place(call.span);
  return functions[static_cast<std::size_t>(*call.builtin)](l, call, nullptr);
}

void lower_builtin_into(Lowering& l, ast::Call& call, const Memory& to, const sema::Type& type,
                        Fill fill) {
  l.place(call.span);
  const Into into{to, &type, fill};
  functions[static_cast<std::size_t>(*call.builtin)](l, call, &into);
}

}  // namespace sonde::codegen
