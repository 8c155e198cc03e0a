// SPDX-License-Identifier: Apache-2.0
#include "image/json_tape.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace sonde::image {

// What nlohmann's parser calls; false would end it.
class TapeWriter : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit TapeWriter(JsonTape& tape) : tape_(tape) {}

  bool null() override { return add(JsonKind::other, 0); }
  bool boolean(bool value) override { return add(JsonKind::boolean, value ? 1 : 0); }
  bool number_integer(number_integer_t) override { return add(JsonKind::other, 0); }
  bool number_unsigned(number_unsigned_t value) override { return add(JsonKind::number, value); }
  bool number_float(number_float_t, const string_t&) override { return add(JsonKind::other, 0); }
  bool binary(binary_t&) override { return add(JsonKind::other, 0); }
  bool string(string_t& value) override {
    add(JsonKind::string, tape_.texts_.size());
    tape_.nodes_.back().size = static_cast<std::uint32_t>(value.size());
    tape_.texts_ += value;
    return true;
  }
  bool key(string_t& name) override {
    key_ = static_cast<std::uint32_t>(tape_.texts_.size());
    key_size_ = static_cast<std::uint32_t>(name.size());
    tape_.texts_ += name;
    return true;
  }
  bool start_object(std::size_t) override { return open(JsonKind::object); }
  bool start_array(std::size_t) override { return open(JsonKind::array); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  bool add(JsonKind kind, std::uint64_t number) {
    if (!open_.empty()) ++tape_.nodes_[open_.back()].size;
    const auto next = static_cast<std::uint32_t>(tape_.nodes_.size() + 1);
    tape_.nodes_.push_back({kind, key_, std::exchange(key_size_, 0), 0, next, number});
    return true;
  }
  bool open(JsonKind kind) {
    add(kind, 0);
    open_.push_back(tape_.nodes_.size() - 1);
    return true;
  }
  bool close() {
    tape_.nodes_[open_.back()].next = static_cast<std::uint32_t>(tape_.nodes_.size());
    open_.pop_back();
    return true;
  }

  JsonTape& tape_;
  std::vector<std::size_t> open_;  // the arrays and objects around the next value
  std::uint32_t key_ = 0;          // of the next value
  std::uint32_t key_size_ = 0;
};

std::optional<JsonTape> JsonTape::parse(std::string_view text) {
  if (text.size() > UINT32_MAX) return std::nullopt;  // places on the tape have 32 bits
  JsonTape tape;
  tape.texts_.reserve(text.size());
  tape.nodes_.reserve(text.size() / 10);  // what the tables of an image come to
  TapeWriter writer(tape);
  if (!nlohmann::json::sax_parse(text, &writer)) return std::nullopt;
  return tape;
}

JsonKind JsonValue::kind() const { return tape_->nodes_[index_].kind; }

std::optional<bool> JsonValue::boolean() const {
  if (kind() != JsonKind::boolean) return std::nullopt;
  return tape_->nodes_[index_].number != 0;
}

std::optional<std::uint64_t> JsonValue::number() const {
  if (kind() != JsonKind::number) return std::nullopt;
  return tape_->nodes_[index_].number;
}

std::optional<std::string_view> JsonValue::text() const {
  if (kind() != JsonKind::string) return std::nullopt;
  const JsonTape::Node& node = tape_->nodes_[index_];
  return std::string_view(tape_->texts_).substr(node.number, node.size);
}

std::uint32_t JsonValue::size() const {
  return kind() == JsonKind::array || kind() == JsonKind::object ? tape_->nodes_[index_].size : 0;
}

JsonValue JsonValue::next() const { return {*tape_, tape_->nodes_[index_].next}; }

std::optional<JsonValue> JsonValue::find(std::string_view key) const {
  if (kind() != JsonKind::object) return std::nullopt;
  JsonValue value = first();
  for (std::uint32_t i = 0; i < size(); ++i, value = value.next()) {
    const JsonTape::Node& node = tape_->nodes_[value.index_];
    if (std::string_view(tape_->texts_).substr(node.key, node.key_size) == key) return value;
  }
  return std::nullopt;
}

}  // namespace sonde::image
