// SPDX-License-Identifier: Apache-2.0
// Many branches in one probe. The verifier follows both ways of each, and stops behind one where it
// meets a state that it has seen. A value that is one constant or another there, and is compared
// later, makes two states of one, so thirty such branches would make a billion; it gives up after a
// million instructions. In probes with many branches what they choose is therefore made unknown.
// What a map holds is such a value too (a missing key gives zero), and so is a quotient.
//
// Inside of a loop the verifier also compares what nobody reads any more, as long as it is not done
// with the loop (kernel/bpf/verifier.c, stacksafe() with RANGE_WITHIN; seen on 6.18): each key and
// value that some branch left on the stack doubles the states. There they are built in the scratch
// frame, about whose bytes the verifier knows nothing.
#include "codegen/lowering.h"

namespace sonde::codegen {

using namespace ast;

namespace {

// 2^8 states of a body of any length are far below the verifier's limit, and most probes have
// fewer branches; they keep their values in registers untouched.
constexpr std::uint64_t many_branches = 8;

std::uint64_t count_branches(const Node& node) {
  std::uint64_t count = 0;
  for_each_child(const_cast<Node&>(node), [&](auto* child) { count += count_branches(*child); });
  const auto* binary = as<Binary>(&node);
  const bool decides =
      binary && (binary->op == BinaryOp::log_and || binary->op == BinaryOp::log_or);
  const bool divides = binary && (binary->op == BinaryOp::div || binary->op == BinaryOp::mod);
  if (as<IfExpr>(&node) || as<Ternary>(&node) || as<MapRef>(&node) || decides || divides) ++count;
  if (const auto* unroll = as<Unroll>(&node))
    count *= std::min<std::uint64_t>(as<IntegerLiteral>(unroll->count)->value, many_branches + 1);
  return count;
}

}  // namespace

bool Lowering::has_many_branches(const Node& body) { return count_branches(body) > many_branches; }

bool Lowering::has_loop(const Node& body) {
  bool found = as<While>(&body) || as<ForRange>(&body) || as<ForMap>(&body);
  for_each_child(const_cast<Node&>(body), [&](auto* child) { found = found || has_loop(*child); });
  return found;
}

// What was changed in the branch, behind it.
void Lowering::hide_branch(const Node& branch) {
  if (has_many_branches_) hide_changes(branch);
}

// A value that came from one of two ways.
llvm::Value* Lowering::chosen(llvm::Value* value) {
  return has_many_branches_ ? ir.CreateXor(value, unknown_zero()) : value;
}

}  // namespace sonde::codegen
