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

target::UserTypes* TypeSources::open_program(const std::string& path) {
  auto known = programs_.find(path);
  if (known == programs_.end())
    known = programs_.emplace(path, target_.open_user_types(path, debug_folders_)).first;
  return known->second ? known->second->get() : nullptr;
}

std::string_view TypeSources::program_problem(const std::string& path) const {
  const auto known = programs_.find(path);
  if (known == programs_.end() || known->second) return {};
  return known->second.error().message;
}

std::optional<FoundType> TypeSources::find_struct_in(const std::string& program,
                                                     std::string_view name) {
  target::UserTypes* types = open_program(program);
  const auto id = types ? types->find_struct(name) : std::nullopt;
  if (!id) return std::nullopt;
  return FoundType{&types->btf(), *id};
}

std::optional<FoundType> TypeSources::find_type_in(const std::string& program,
                                                   std::string_view name) {
  target::UserTypes* types = open_program(program);
  const auto id = types ? types->find_type(name) : std::nullopt;
  if (!id) return std::nullopt;
  return FoundType{&types->btf(), *id};
}

// What a program does not define may be in the script's C text; the kernel's structs of the same
// name are others.
FoundType TypeSources::complete_in_program(target::UserTypes& program, FoundType type) const {
  program.define(type.id);
  const target::BtfType declared = type.btf->type(type.id);
  if (declared.kind != BtfKind::fwd || !c_text_) return type;
  const auto id = find_tagged(c_text_->btf, declared.name);
  return id ? FoundType{&c_text_->btf, *id} : type;
}

FoundType TypeSources::complete(FoundType type) {
  const target::BtfType declared = type.btf->type(type.id);
  if (declared.kind != BtfKind::fwd) return type;
  for (const auto& [path, program] : programs_)
    if (program && &(*program)->btf() == type.btf) return complete_in_program(**program, type);
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
