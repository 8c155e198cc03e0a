// SPDX-License-Identifier: Apache-2.0
#include "image/format.h"

#include <algorithm>
#include <optional>

namespace sonde::image {

namespace {

// Widths beyond this only fill memory; larger ones in a script count as this one.
constexpr int largest_width = 65535;

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool accept(std::string_view word) {
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }

  bool accept_digit(int& digit) {
    if (text_.empty() || text_.front() < '0' || text_.front() > '9') return false;
    digit = text_.front() - '0';
    text_.remove_prefix(1);
    return true;
  }

  // Nothing when there is no digit.
  std::optional<int> number() {
    int value = 0, digit = 0;
    if (!accept_digit(value)) return std::nullopt;
    while (accept_digit(digit)) value = std::min(value * 10 + digit, largest_width);
    return value;
  }

  char next() {
    if (text_.empty()) return 0;
    const char c = text_.front();
    text_.remove_prefix(1);
    return c;
  }

  std::string_view rest() const { return text_; }

 private:
  std::string_view text_;
};

Length scan_length(Scanner& scan) {
  if (scan.accept("hh")) return Length::hh;
  if (scan.accept("h")) return Length::h;
  for (const char* word : {"ll", "l", "j", "z", "t"})
    if (scan.accept(word)) return Length::l;
  return Length::none;
}

// Floating-point conversions are recognised so that they can be rejected by name.
bool is_conversion(char c) { return c != 0 && std::string_view("diuoxXcpsr%eEfFgGaA").contains(c); }

// What follows a `%`, up to the end of the conversion; nothing when it has another shape.
// `%5%` has conversion `%`.
std::optional<FormatPiece> scan_conversion(Scanner& scan) {
  FormatPiece piece;
  // The order is fixed: bpftrace matches the flags with a regular expression.
  piece.left = scan.accept("-");
  piece.plus = scan.accept("+");
  piece.blank = scan.accept(" ");
  piece.alternate = scan.accept("#");
  piece.zero = scan.accept("0");
  piece.width = scan.number().value_or(0);
  if (scan.accept(".")) {
    const std::optional<int> precision = scan.number();
    if (!precision) return std::nullopt;
    piece.precision = *precision;
  }
  piece.length = scan_length(scan);
  piece.conversion = scan.next();
  if (!is_conversion(piece.conversion)) return std::nullopt;
  if (piece.conversion == 'r' && scan.accept("x"))
    piece.variant = 'x';
  else if (piece.conversion == 'r' && scan.accept("h"))
    piece.variant = 'h';
  else if (piece.conversion == 'g' && scan.accept("r"))
    piece.variant = 'r';
  return piece;
}

}  // namespace

std::vector<FormatPiece> parse_format(std::string_view text) {
  std::vector<FormatPiece> pieces;
  std::string literal;
  const auto end_literal = [&] {
    if (literal.empty()) return;
    pieces.push_back({.literal = std::move(literal)});
    literal.clear();
  };
  while (!text.empty()) {
    const std::size_t percent = text.find('%');
    literal += text.substr(0, percent);
    if (percent == std::string_view::npos) break;
    text.remove_prefix(percent + 1);
    Scanner scan(text);
    std::optional<FormatPiece> piece = scan_conversion(scan);
    if (!piece) {  // the `%` is text, and so may be what follows
      literal += '%';
      continue;
    }
    text = scan.rest();
    if (piece->conversion == '%') {
      literal += '%';
      continue;
    }
    end_literal();
    pieces.push_back(*std::move(piece));
  }
  end_literal();
  return pieces;
}

}  // namespace sonde::image
