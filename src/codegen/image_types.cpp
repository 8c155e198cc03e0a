// SPDX-License-Identifier: Apache-2.0
#include "codegen/image_types.h"

#include "base/assert.h"

namespace sonde::codegen {

using image::ValueKind;
using sema::TypeKind;

namespace {

ValueKind value_kind(TypeKind kind) {
  switch (kind) {
    case TypeKind::boolean: return ValueKind::boolean;
    case TypeKind::integer: return ValueKind::integer;
    case TypeKind::pointer: return ValueKind::pointer;
    case TypeKind::string: return ValueKind::string;
    case TypeKind::buffer: return ValueKind::buffer;
    case TypeKind::array: return ValueKind::array;
    case TypeKind::tuple: return ValueKind::tuple;
    case TypeKind::c_struct:
    case TypeKind::record: return ValueKind::record;
    case TypeKind::kstack: return ValueKind::kstack;
    case TypeKind::ustack: return ValueKind::ustack;
    case TypeKind::ksym: return ValueKind::ksym;
    case TypeKind::usym: return ValueKind::usym;
    case TypeKind::username: return ValueKind::username;
    case TypeKind::inet: return ValueKind::inet;
    case TypeKind::mac: return ValueKind::mac;
    case TypeKind::timestamp: return ValueKind::timestamp;
    case TypeKind::cgroup_path: return ValueKind::cgroup_path;
    case TypeKind::count: return ValueKind::count;
    case TypeKind::sum: return ValueKind::sum;
    case TypeKind::min: return ValueKind::min;
    case TypeKind::max: return ValueKind::max;
    case TypeKind::avg: return ValueKind::avg;
    case TypeKind::stats: return ValueKind::stats;
    case TypeKind::hist: return ValueKind::hist;
    case TypeKind::lhist: return ValueKind::lhist;
    case TypeKind::tseries: return ValueKind::tseries;
    case TypeKind::none: return ValueKind::none;  // a member that cannot be shown
    default: SONDE_UNREACHABLE("a type without values reached code generation");
  }
}

}  // namespace

image::ValueType image_type(const sema::Type& type) {
  image::ValueType value;
  value.kind = value_kind(type.kind);
  value.size_bytes = type.size_bytes;
  value.is_signed = type.is_signed;
  value.count = type.count;
  if (type.is_enum())
    for (const target::BtfEnumerator& each : type.described_in->enumerators(type.btf))
      value.enumerators.push_back({each.value, std::string(each.name)});
  value.stack_limit = type.stack_limit;
  value.stack_mode = type.stack_mode;
  value.hist_bits = type.hist_bits;
  value.lhist_min = type.lhist_min;
  value.lhist_max = type.lhist_max;
  value.lhist_step = type.lhist_step;
  value.series_interval_ns = type.series_interval_ns;
  value.series_points = type.series_points;
  value.reduction = type.reduction;
  return value;
}

}  // namespace sonde::codegen
