// SPDX-License-Identifier: Apache-2.0
#include "formatter/doc.h"

namespace sonde::formatter {

namespace {

using Kind = Doc::Kind;

struct Command {
  const Doc* doc = nullptr;
  int indent = 0;
  int base = 0;  // where the statement began that this is part of
  bool flat = false;
  bool split = false;  // blocks in it have several lines
};

class Layout {
 public:
  std::string run(const Doc& doc) {
    commands_.push_back({&doc});
    while (!commands_.empty()) {
      const Command command = commands_.back();
      commands_.pop_back();
      step(command);
    }
    end_line();
    return std::move(out_);
  }

 private:
  void step(const Command& c) {
    switch (c.doc->kind) {
      case Kind::text: write(c.doc->text); break;
      case Kind::space: write_space(); break;
      case Kind::wide_space: write_space(2); break;
      case Kind::line: c.flat ? write_space() : start_line(c.indent); break;
      case Kind::fill: c.flat || fits({}) ? write_space() : start_line(c.indent); break;
      case Kind::hard: start_line(c.indent); break;
      case Kind::blank:
        end_line();
        if (!out_.empty() && !out_.ends_with("\n\n")) out_ += '\n';
        start_line(c.indent);
        break;
      case Kind::sequence: push(c, c.indent, c.base, c.flat); break;
      case Kind::continued: push(c, c.indent + continuation_indent, c.base, c.flat); break;
      case Kind::group: push(c, c.indent, c.base, c.flat || chosen_flat(c)); break;
      case Kind::block:
        push(c, c.base, c.base, !c.split && !c.doc->broken && (c.flat || chosen_flat(c)));
        break;
      case Kind::chain: {
        const bool flat = !c.doc->broken && (c.flat || chosen_flat(c));
        push(c, c.indent, c.base, flat, !flat);
        break;
      }
      case Kind::body: push(c, c.base + block_indent, c.base + block_indent, c.flat); break;
    }
  }

  bool chosen_flat(const Command& c) {
    return !c.doc->broken && fits({c.doc, c.indent, c.base, true});
  }

  void push(const Command& c, int indent, int base, bool flat, bool split = false) {
    for (auto part = c.doc->parts.rbegin(); part != c.doc->parts.rend(); ++part)
      commands_.push_back({&*part, indent, base, flat, split && part->parts.size() > 1});
  }

  // Whether `first` on one line, and what comes up to the next place for a line break, fit into
  // what is left of this line.
  bool fits(const Command& first) const {
    int left = line_width - column();
    std::vector<Command> waiting;
    if (first.doc) waiting.push_back(first);
    std::size_t rest = commands_.size();
    bool behind = false;
    while (left >= 0) {
      if (waiting.empty()) {
        if (rest == 0) return true;
        behind = true;
        waiting.push_back(commands_[--rest]);
      }
      const Command c = waiting.back();
      waiting.pop_back();
      const bool may_break = !c.flat;
      switch (c.doc->kind) {
        case Kind::text: left -= static_cast<int>(c.doc->text.size()); break;
        case Kind::space: --left; break;
        case Kind::wide_space: left -= 2; break;
        case Kind::line:
        case Kind::fill:
          if (may_break) return true;
          --left;
          break;
        case Kind::hard:
        case Kind::blank: return true;
        case Kind::block:
          // What is behind may break there: only its brace has to fit.
          if (may_break && behind) return left >= 1;
          [[fallthrough]];
        default: {
          const bool flat = c.flat || c.doc->kind == Kind::group;
          for (auto part = c.doc->parts.rbegin(); part != c.doc->parts.rend(); ++part)
            waiting.push_back({&*part, 0, 0, flat && !c.doc->broken});
        }
      }
    }
    return false;
  }

  int column() const { return at_start_ ? indent_ : static_cast<int>(out_.size() - line_start_); }

  void write(std::string_view content) {
    if (content.empty()) return;
    if (at_start_) {
      line_start_ = out_.size();
      out_.append(static_cast<std::size_t>(indent_), ' ');
    } else {
      out_.append(space_, ' ');
    }
    at_start_ = false;
    space_ = 0;
    out_ += content;
    if (const auto newline = content.rfind('\n'); newline != std::string_view::npos)
      line_start_ = out_.size() - (content.size() - newline - 1);
  }

  void write_space(std::size_t width = 1) { space_ = at_start_ ? 0 : width; }

  void end_line() {
    if (!at_start_) out_ += '\n';
    at_start_ = true;
    space_ = 0;
  }

  void start_line(int indent) {
    end_line();
    indent_ = indent;
  }

  std::vector<Command> commands_;
  std::string out_;
  std::size_t line_start_ = 0;
  int indent_ = 0;
  bool at_start_ = true;
  std::size_t space_ = 0;  // before what comes next
};

bool must_break(const Doc& doc) {
  return doc.kind == Kind::hard || doc.kind == Kind::blank ||
         (doc.broken && doc.kind != Kind::block && doc.kind != Kind::chain);
}

}  // namespace

Doc& Doc::add(Doc part) {
  // A block with several lines leaves the line around it as it is.
  if (must_break(part)) broken = true;
  parts.push_back(std::move(part));
  return *this;
}

Doc text(std::string_view content) {
  Doc doc = of(Kind::text);
  doc.text = content;
  return doc;
}

Doc of(Kind kind) {
  Doc doc;
  doc.kind = kind;
  return doc;
}

Doc of(Kind kind, std::vector<Doc> parts) {
  Doc doc = of(kind);
  for (Doc& part : parts) doc.add(std::move(part));
  return doc;
}

std::string lay_out(const Doc& doc) { return Layout().run(doc); }

}  // namespace sonde::formatter
