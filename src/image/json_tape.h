// SPDX-License-Identifier: Apache-2.0
// A JSON text as one flat list of values: each array and object is followed by what is in it.
// Reading the tables of an image is on the start-up path, and a tree of nlohmann::json spends
// most of its time in the allocator. Private to this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sonde::image {

enum class JsonKind : std::uint8_t {
  other,  // null, fractions, negative numbers: the tables have none of them
  boolean,
  number,
  string,
  array,
  object,
};

class JsonTape;

// A value on a tape, which must live longer.
class JsonValue {
 public:
  JsonValue(const JsonTape& tape, std::uint32_t index) : tape_(&tape), index_(index) {}

  JsonKind kind() const;
  std::optional<bool> boolean() const;
  std::optional<std::uint64_t> number() const;
  std::optional<std::string_view> text() const;

  std::uint32_t size() const;                                 // of an array or object
  std::optional<JsonValue> find(std::string_view key) const;  // in an object
  // The values of an array or object, with `next` from one to the other. There is no first one
  // when size() is 0.
  JsonValue first() const { return {*tape_, index_ + 1}; }
  JsonValue next() const;

 private:
  const JsonTape* tape_;
  std::uint32_t index_;
};

class JsonTape {
 public:
  // Nothing when it is not JSON.
  static std::optional<JsonTape> parse(std::string_view text);

  JsonValue top() const { return {*this, 0}; }

 private:
  friend class JsonValue;
  friend class TapeWriter;

  struct Node {
    JsonKind kind = JsonKind::other;
    std::uint32_t key = 0;  // of a member: place of its name in `texts_`
    std::uint32_t key_size = 0;
    std::uint32_t size = 0;    // of a string in bytes, else of an array or object in values
    std::uint32_t next = 0;    // the value behind this one and all that is in it
    std::uint64_t number = 0;  // a string: its place in `texts_`
  };
  std::vector<Node> nodes_;
  std::string texts_;
};

}  // namespace sonde::image
