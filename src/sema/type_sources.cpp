// SPDX-License-Identifier: Apache-2.0
#include "sema/type_sources.h"

namespace sonde::sema {

using target::Btf;
using target::BtfKind;

namespace {

std::optional<target::BtfId> find_tagged(const Btf& btf, std::string_view name) {
  const auto found = btf.find(BtfKind::struct_, name);
  return found ? found : btf.find(BtfKind::union_, name);
}

}  // namespace

// Without the modules, which are asked last and only for what nothing else has.
std::vector<const Btf*> TypeSources::sources() {
  std::vector<const Btf*> all;
  if (c_text_) all.push_back(&c_text_->btf);
  if (const Btf* kernel = target_.btf()) all.push_back(kernel);
  return all;
}

std::optional<FoundType> TypeSources::find(Question question, std::string_view name) {
  const auto [place, is_new] =
      known_.emplace(std::tuple(question, std::string(name)), std::nullopt);
  if (!is_new) return place->second;
  const auto look_into = [&](const Btf& btf) {
    const auto id = question == Question::tagged ? find_tagged(btf, name) : btf.find_type(name);
    if (id) place->second = FoundType{&btf, *id};
    return id.has_value();
  };
  for (const Btf* btf : sources())
    if (look_into(*btf)) return place->second;
  for (const std::string& module : target_.btf_modules())
    if (const Btf* btf = target_.module_btf(module); btf && look_into(*btf)) return place->second;
  return std::nullopt;
}

std::optional<FoundType> TypeSources::find_struct(std::string_view name) {
  return find(Question::tagged, name);
}

std::optional<FoundType> TypeSources::find_type(std::string_view name) {
  return find(Question::any, name);
}

std::optional<FoundType> TypeSources::find_c_enum(std::string_view name) const {
  if (!c_text_) return std::nullopt;
  auto id = c_text_->btf.find(BtfKind::enum_, name);
  if (!id) id = c_text_->btf.find(BtfKind::enum64, name);
  if (!id) return std::nullopt;
  return FoundType{&c_text_->btf, *id};
}

std::optional<FoundEnumerator> TypeSources::find_enumerator(std::string_view name) {
  for (const Btf* btf : sources())
    if (const auto found = btf->find_enumerator(name))
      return FoundEnumerator{{btf, found->enumeration}, found->value};
  for (const std::string& module : target_.btf_modules())
    if (const Btf* btf = target_.module_btf(module))
      if (const auto found = btf->find_enumerator(name))
        return FoundEnumerator{{btf, found->enumeration}, found->value};
  return std::nullopt;
}

FoundType TypeSources::complete(FoundType type) {
  const target::BtfType declared = type.btf->type(type.id);
  if (declared.kind != BtfKind::fwd) return type;
  return find_struct(declared.name).value_or(type);
}

std::vector<std::string_view> TypeSources::names(BtfKind kind) {
  std::vector<std::string_view> all;
  for (const Btf* btf : sources()) {
    const auto own = btf->names(kind);
    all.insert(all.end(), own.begin(), own.end());
  }
  return all;
}

}  // namespace sonde::sema
