// SPDX-License-Identifier: Apache-2.0
// `print(@m); clear(@m);`: the reader takes what it prints out of the map in one step, when it
// comes to the print, so that what is counted between the two is not lost unseen.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "ast/nodes.h"
#include "image/image.h"

namespace sonde::codegen {

class TakenMaps {
 public:
  TakenMaps() = default;
  // Looks for a clear() or zero() behind a print() of the same map. Between the two may stand other
  // things that the reader does, if they have nothing to do with the map.
  explicit TakenMaps(ast::BlockExpr& body) { walk(body); }

  // What becomes of the map behind that print().
  image::Taking taking(const ast::Call& print) const {
    const auto found = prints_.find(&print);
    return found == prints_.end() ? image::Taking::nothing : found->second;
  }
  // Whether a print() before it does what that clear() or zero() asks for.
  bool is_done(const ast::Call& reset) const { return done_.contains(&reset); }
  // Whether the script ends with an exit() behind that call.
  bool is_last(const ast::Call& call) const { return last_.contains(&call); }

 private:
  void walk(ast::Node& node);
  void look_at(const std::vector<const ast::Call*>& calls);
  void look_for_exit(const std::vector<const ast::Call*>& calls);

  std::map<const ast::Call*, image::Taking> prints_;
  std::set<const ast::Call*> done_;
  std::set<const ast::Call*> last_;
};

}  // namespace sonde::codegen
