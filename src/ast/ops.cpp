// SPDX-License-Identifier: Apache-2.0
#include "ast/ops.h"

#include <algorithm>

#include "ast/match.h"

namespace sonde::ast {

namespace {

std::string_view kind_name(NodeKind kind) {
  static constexpr std::string_view names[] = {
#define NODE(NAME, GROUP) #NAME,
#include "ast/nodes.def"
#undef NODE
  };
  return names[static_cast<std::size_t>(kind)];
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte >= 0x7f) {
      constexpr std::string_view digits = "0123456789abcdef";
      out += "\\x";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

struct Printer {
  const Annotate& annotate;
  std::string out;

  void scalar(const std::string& text) { out += " " + quoted(text); }
  void scalar(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) scalar(text);
  }
  void scalar(const std::vector<std::int64_t>& numbers) {
    for (const std::int64_t n : numbers)
      out += n == -1 ? " *" : n == -2 ? " []" : " [" + std::to_string(n) + "]";
  }
  void scalar(std::uint64_t number) { out += " " + std::to_string(number); }
  void scalar(bool flag) { out += flag ? " true" : " false"; }
  void scalar(BinaryOp op) { out += " " + std::string(spelling(op)); }
  void scalar(UnaryOp op) { out += " " + std::string(spelling(op)); }
  void scalar(const std::optional<BinaryOp>& op) {
    if (op) out += " " + std::string(spelling(*op)) + "=";
  }
  void scalar(const diag::Span&) {}
  void scalar(const Hygiene& hygiene) {
    if (hygiene.expansion != 0) out += " of " + std::to_string(hygiene.expansion);
  }

  void line(const Node& node, int depth) {
    out.append(static_cast<std::size_t>(depth) * 2, ' ');
    out += kind_name(node.kind);
    match(node, [&](const auto& n) {
      using N = std::remove_cvref_t<decltype(n)>;
      const auto field = [&](const auto& value) {
        using Field = std::remove_cvref_t<decltype(value)>;
        if constexpr (!NodePointer<Field> && !is_node_list<Field>) scalar(value);
      };
      std::apply([&](auto... members) { (field(n.*members), ...); }, N::fields);
      if constexpr (std::is_base_of_v<Expr, N>)
        if (annotate) out += annotate(n);
    });
    out += '\n';
    for_each_child(const_cast<Node&>(node), [&](auto* child) { line(*child, depth + 1); });
  }
};

template <typename Field>
Field clone_field(const Field& field, Arena& arena) {
  if constexpr (NodePointer<Field>) {
    return field ? static_cast<Field>(clone(*field, arena)) : nullptr;
  } else if constexpr (is_node_list<Field>) {
    Field copy;
    for (auto* node : field) copy.push_back(clone_field(node, arena));
    return copy;
  } else {
    return field;
  }
}

template <typename Field>
bool equal_field(const Field& a, const Field& b) {
  if constexpr (NodePointer<Field>) {
    return a && b ? equal(*a, *b) : a == b;
  } else if constexpr (is_node_list<Field>) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
      if (!equal(*a[i], *b[i])) return false;
    return true;
  } else if constexpr (std::is_same_v<Field, diag::Span>) {
    return true;
  } else {
    return a == b;
  }
}

}  // namespace

std::string_view spelling(BinaryOp op) {
  static constexpr std::string_view words[] = {"+",  "-",  "*",  "/", "%",  "&", "|",  "^",  "<<",
                                               ">>", "==", "!=", "<", "<=", ">", ">=", "&&", "||"};
  return words[static_cast<std::size_t>(op)];
}

std::string_view spelling(UnaryOp op) {
  static constexpr std::string_view words[] = {"-", "!", "~", "*", "&"};
  return words[static_cast<std::size_t>(op)];
}

Node* clone(const Node& node, Arena& arena) {
  return match(node, [&](const auto& n) -> Node* {
    using N = std::remove_cvref_t<decltype(n)>;
    return std::apply(
        [&](auto... members) { return make<N>(arena, n.span, clone_field(n.*members, arena)...); },
        N::fields);
  });
}

Extent extent_of(const Node& root) {
  Extent extent;
  std::vector<std::pair<Node*, std::size_t>> waiting = {{const_cast<Node*>(&root), 0}};
  while (!waiting.empty()) {
    const auto [node, depth] = waiting.back();
    waiting.pop_back();
    ++extent.nodes;
    extent.depth = std::max(extent.depth, depth);
    if (depth > maximum_depth && !extent.too_deep) extent.too_deep = node;
    for_each_child(*node,
                   [&, below = depth + 1](auto* child) { waiting.emplace_back(child, below); });
  }
  return extent;
}

void respan(Node& node, const std::function<diag::Span(diag::Span)>& replace) {
  node.span = replace(node.span);
  match(node, [&](auto& n) {
    const auto field = [&](auto& value) {
      if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, diag::Span>)
        value = replace(value);
    };
    std::apply([&](auto... members) { (field(n.*members), ...); },
               std::remove_reference_t<decltype(n)>::fields);
  });
  for_each_child(node, [&](auto* child) { respan(*child, replace); });
}

bool equal(const Node& a, const Node& b) {
  if (a.kind != b.kind) return false;
  return match(a, [&](const auto& n) {
    using N = std::remove_cvref_t<decltype(n)>;
    const N& m = static_cast<const N&>(b);
    return std::apply([&](auto... members) { return (equal_field(n.*members, m.*members) && ...); },
                      N::fields);
  });
}

std::string print(const Node& node, const Annotate& annotate) {
  Printer printer{annotate, {}};
  printer.line(node, 0);
  return std::move(printer.out);
}

}  // namespace sonde::ast
