// SPDX-License-Identifier: Apache-2.0
// What one more sample does to this CPU's part of an aggregation (layout: image/layout.h).
#pragma once

#include "codegen/lowering.h"

namespace sonde::codegen {

// `sample` is null for count().
void add_to_aggregation(Lowering& l, const ast::Call& aggregation, const sema::Type& type,
                        const Memory& part, llvm::Value* sample);

// When a sample of a series is taken.
struct SeriesTime {
  llvm::Value* now = nullptr;    // ns since 1970 by CLOCK_TAI
  llvm::Value* start = nullptr;  // of its interval
  llvm::Value* slot = nullptr;   // the interval's number modulo the points of the series
};
SeriesTime series_time(Lowering& l, const sema::Type& type);
void add_to_point(Lowering& l, const sema::Type& type, const Memory& point, const SeriesTime& time,
                  llvm::Value* sample);

}  // namespace sonde::codegen
