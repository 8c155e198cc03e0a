// SPDX-License-Identifier: Apache-2.0
// The aggregations, which are lowered where they are assigned.
#include "codegen/builtins/builtins.h"

namespace sonde::codegen {

#define AGGREGATION(NAME)                                                   \
  llvm::Value* lower_##NAME(Lowering&, ast::Call&, const Into*) {           \
    SONDE_UNREACHABLE("an aggregation is lowered with the map it goes to"); \
  }
AGGREGATION(count)
AGGREGATION(sum)
AGGREGATION(min)
AGGREGATION(max)
AGGREGATION(avg)
AGGREGATION(stats)
AGGREGATION(hist)
AGGREGATION(lhist)
AGGREGATION(tseries)
#undef AGGREGATION

}  // namespace sonde::codegen
