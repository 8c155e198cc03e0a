// SPDX-License-Identifier: Apache-2.0
#include "listing/types.h"

#include <initializer_list>

#include "base/text.h"
#include "base/wildcard.h"
#include "listing/c_text.h"

namespace sonde::listing {

using target::Btf;
using target::BtfId;
using target::BtfKind;

namespace {

struct TypeWord {
  std::string_view word;
  std::initializer_list<BtfKind> kinds;
};

void list_module(const std::string& module, const TypeWord& word, std::string_view pattern,
                 Context& context, Lines& lines) {
  const Btf* btf = context.target.btf_of(module);
  if (!btf) return;
  for (const BtfKind kind : word.kinds)
    btf->for_each(kind, [&](BtfId id, std::string_view name) {
      if (!matches(pattern, name)) return;
      // Of one name there may be several types, in modules too.
      if (context.options.with_arguments)
        lines.add(module + ": " + define(*btf, id) + ";\n");
      else
        lines.add(std::string(word.word).append(" ").append(name));
    });
}

}  // namespace

bool list_types(std::string_view pattern, Context& context) {
  const TypeWord words[] = {{"struct", {BtfKind::struct_}},
                            {"union", {BtfKind::union_}},
                            {"enum", {BtfKind::enum_, BtfKind::enum64}}};
  for (const TypeWord& word : words) {
    if (!pattern.starts_with(word.word)) continue;
    const std::string_view rest = pattern.substr(word.word.size());
    if (!rest.starts_with(' ') && !rest.starts_with('\t')) continue;
    if (!context.target.btf())
      context.diag.warning(diag::DiagId::no_btf, {}, "the kernel's types cannot be listed: {}",
                           context.target.btf_problem());
    Lines lines(context.sink);
    list_module(std::string(target::core_module), word, trim(rest), context, lines);
    for (const std::string& module : context.target.btf_modules())
      list_module(module, word, trim(rest), context, lines);
    lines.flush();
    return true;
  }
  return false;
}

}  // namespace sonde::listing
