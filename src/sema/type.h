// SPDX-License-Identifier: Apache-2.0
// The types of the language. Interned: two types are the same when their addresses are.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "image/image.h"
#include "lang/probe_kinds.h"
#include "target/btf.h"

namespace sonde::sema {

enum class TypeKind : std::uint8_t {
  error,  // was reported; silences what follows from it
  none,   // no value: an empty block
  void_,  // no value: a call that only acts
  boolean,
  integer,
  string,
  buffer,  // bytes that may be anything, with their number in front
  pointer,
  array,
  c_struct,  // a struct or union of C, or the arguments of a probe
  tuple,
  record,  // a tuple whose elements have names
  kstack,
  ustack,
  ksym,
  usym,
  username,
  inet,
  mac,
  timestamp,  // a time and how it is written
  cgroup_path,
  count,
  sum,
  min,
  max,
  avg,
  stats,
  hist,
  lhist,
  tseries,  // aggregations
};

struct Type {
  TypeKind kind = TypeKind::error;
  std::uint32_t size_bytes = 0;   // string: the capacity, NUL included; stacks and symbols: of the
                                  // value that travels
  bool is_signed = false;         // integers and aggregations
  bool flexible = false;          // an integer literal that takes the other side's sign
  image::Clock clock{};           // integer: of times
  const Type* element = nullptr;  // pointer (null: void) and array
  std::uint32_t count = 0;        // array; 0: the last member of a struct, of no declared size
  // Where a pointer points to; of an integer only when kptr() or uptr() have said it, else it is
  // where the probe's own pointers point to.
  lang::AddressSpace space{};
  // What C has declared: structs and unions, and integers that are enums.
  std::string name;                           // "struct task_struct", "enum pid_type"
  const target::Btf* described_in = nullptr;  // outlives the type; null for arguments of a probe
  target::BtfId btf = 0;                      // its id there, typedefs resolved
  std::vector<const Type*> elements;          // tuple, record
  std::vector<std::string> names;             // record: of its elements
  unsigned nesting = 0;                       // tuple, record: levels of them in each other
  std::uint32_t stack_limit = 0;              // kstack, ustack
  image::StackMode stack_mode{};              // kstack, ustack
  std::uint32_t hist_bits = 0;
  std::uint64_t lhist_min = 0, lhist_max = 0, lhist_step = 0;
  std::uint64_t series_interval_ns = 0;  // tseries
  std::uint32_t series_points = 0;       // tseries
  image::Reduction reduction{};          // tseries

  bool operator==(const Type&) const = default;
  bool is(TypeKind k) const { return kind == k; }
  bool is_integer() const { return kind == TypeKind::integer; }
  // Keeps its name where it is only copied; in arithmetic it is an integer like others.
  bool is_enum() const { return is_integer() && described_in != nullptr; }
  bool has_elements() const { return kind == TypeKind::tuple || kind == TypeKind::record; }
  bool is_error() const { return kind == TypeKind::error; }
  bool is_aggregation() const { return kind >= TypeKind::count; }
  // A value of one machine word: what conditions and most operators take.
  bool is_scalar() const {
    return kind == TypeKind::integer || kind == TypeKind::boolean || kind == TypeKind::pointer;
  }
  // A number that the reader shows as a name.
  bool is_name() const { return kind == TypeKind::ksym || kind == TypeKind::username; }
  // Lives in memory, not in a register.
  bool in_memory() const {
    switch (kind) {
      case TypeKind::string:
      case TypeKind::buffer:
      case TypeKind::array:
      case TypeKind::c_struct:
      case TypeKind::tuple:
      case TypeKind::record:
      case TypeKind::usym:
      case TypeKind::inet:
      case TypeKind::mac:
      case TypeKind::timestamp:
      case TypeKind::cgroup_path: return true;
      default: return false;
    }
  }
};

// In front of the bytes of a buffer: how many of them there are (a u32).
inline constexpr std::uint32_t buffer_header_bytes = 4;

// Owner of all types of one compilation.
class TypeTable {
 public:
  const Type* intern(Type type);

  const Type* error() { return intern({.kind = TypeKind::error}); }
  const Type* none() { return intern({.kind = TypeKind::none}); }
  const Type* void_type() { return intern({.kind = TypeKind::void_}); }
  const Type* boolean() { return intern({.kind = TypeKind::boolean, .size_bytes = 1}); }
  const Type* integer(unsigned bytes, bool is_signed, bool flexible = false);
  const Type* int64() { return integer(8, true); }
  const Type* uint64() { return integer(8, false); }
  const Type* string(std::uint32_t capacity);
  const Type* buffer(std::uint32_t payload_bytes);
  const Type* pointer(const Type* element, lang::AddressSpace space);
  const Type* array(const Type* element, std::uint32_t count);
  const Type* tuple(std::vector<const Type*> elements);
  const Type* record(std::vector<std::string> names, std::vector<const Type*> elements);
  // Those of one size: symbols, names, addresses, times.
  const Type* small(TypeKind kind);
  const Type* aggregation(TypeKind kind, bool is_signed);
  // The same type of an address in that space: of a pointer or an integer.
  const Type* in_space(const Type* type, lang::AddressSpace space);
  // As it is outside of the probe that has the context: in maps.
  const Type* without_context(const Type* type);
  // The smallest type of a literal; flexible when it is not negative.
  const Type* literal(std::uint64_t value, bool negative);

  // How a struct that is only declared in one BTF is found defined in another: gives what it was
  // given when there is no other.
  using Described = std::pair<const target::Btf*, target::BtfId>;
  void set_completion(std::function<Described(Described)> complete) {
    complete_ = std::move(complete);
  }
  Described complete(Described declared) const {
    return complete_ ? complete_(declared) : declared;
  }

  // The type that holds both, or null when there is none.
  const Type* promote(const Type* a, const Type* b);

 private:
  const Type* promote_integers(const Type& a, const Type& b);
  const Type* promote_pointers(const Type& a, const Type& b);
  const Type* promote_elements(const Type& a, const Type& b);
  const Type* promote_series(const Type& a, const Type& b);
  std::function<Described(Described)> complete_;
  std::deque<Type> types_;
  std::unordered_multimap<std::size_t, const Type*> by_hash_;
};

// As in messages: "int64", "string[16]", "struct file *", "(int8,string[2])".
std::string type_name(const Type* type);

// The part of the name that `typeinfo` calls the base: "int", "string", "pointer".
std::string base_type_name(const Type& type);

// What `sizeof` gives.
std::uint64_t size_in_language(const Type& type);

// Whether every value of `from` is a value of `to`, both integers.
bool fits(const Type& from, const Type& to);

// The place of the element of that name in a record.
std::optional<std::size_t> find_element(const Type& record, std::string_view name);

// The offset of each element of a tuple or record, laid out like a C struct, and the size of the
// whole.
struct TupleLayout {
  std::vector<std::uint32_t> offsets;
  std::uint32_t size_bytes = 0;
  std::uint32_t alignment = 1;
};
TupleLayout tuple_layout(const std::vector<const Type*>& elements);
std::uint32_t alignment_of(const Type& type);

}  // namespace sonde::sema
