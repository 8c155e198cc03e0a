// SPDX-License-Identifier: Apache-2.0
#include "target/dwarf.h"

namespace sonde::target {

bool is_composite(int tag) {
  return tag == DW_TAG_structure_type || tag == DW_TAG_class_type || tag == DW_TAG_union_type;
}

Result<std::unique_ptr<DwarfFile>> DwarfFile::open(const std::string& path,
                                                   const std::string& folders) {
  std::unique_ptr<DwarfFile> file(new DwarfFile);
  SONDE_TRY(file->session_, DwarfSession::open(path, folders));
  file->path_ = path;
  file->library_ = file->session_->library();
  file->dwarf_ = file->session_->dwarf();
  if (!file->dwarf_) return fail(path + " has no debug information");
  return file;
}

// --- an entry ------------------------------------------------------------------------------

std::string DwarfFile::name(Dwarf_Die die) const {
  const char* name = library_.dwarf_diename(&die);
  return name ? name : "";
}

std::optional<std::uint64_t> DwarfFile::number(Dwarf_Die die, unsigned attribute) const {
  Dwarf_Attribute found;
  Dwarf_Word value = 0;
  if (!library_.dwarf_attr_integrate(&die, attribute, &found)) return std::nullopt;
  if (library_.dwarf_formudata(&found, &value) != 0) return std::nullopt;
  return value;
}

std::optional<std::int64_t> DwarfFile::signed_number(Dwarf_Die die, unsigned attribute) const {
  Dwarf_Attribute found;
  Dwarf_Sword value = 0;
  if (!library_.dwarf_attr_integrate(&die, attribute, &found)) return std::nullopt;
  if (library_.dwarf_formsdata(&found, &value) != 0) return std::nullopt;
  return value;
}

// A number, or in DWARF 2 and 3 an expression that adds one.
std::optional<std::uint64_t> DwarfFile::member_offset(Dwarf_Die member) const {
  if (!has(member, DW_AT_data_member_location)) return 0;
  if (const auto said = number(member, DW_AT_data_member_location)) return said;
  Dwarf_Attribute found;
  Dwarf_Op* steps = nullptr;
  std::size_t count = 0;
  if (!library_.dwarf_attr_integrate(&member, DW_AT_data_member_location, &found) ||
      library_.dwarf_getlocation(&found, &steps, &count) != 0)
    return std::nullopt;
  if (count != 1 || steps[0].atom != DW_OP_plus_uconst) return std::nullopt;
  return steps[0].number;
}

std::optional<Dwarf_Die> DwarfFile::reference(Dwarf_Die die, unsigned attribute) const {
  Dwarf_Attribute found;
  Dwarf_Die target;
  if (!library_.dwarf_attr_integrate(&die, attribute, &found)) return std::nullopt;
  if (!library_.dwarf_formref_die(&found, &target)) return std::nullopt;
  return target;
}

// --- by name -------------------------------------------------------------------------------

void DwarfFile::index() {
  if (indexed_) return;
  indexed_ = true;
  for_each_unit([&](Dwarf_Die entries, Dwarf_Die) { index_children(entries, "", 0); });
}

void DwarfFile::index_children(Dwarf_Die parent, const std::string& prefix, int depth) {
  if (depth > dwarf_depth_limit) return;
  for_each_child(parent, [&](Dwarf_Die die) {
    const int kind = tag(die);
    if (kind == DW_TAG_subprogram) return index_function(die);
    const std::string own = name(die);
    if (kind == DW_TAG_namespace) return index_children(die, prefix + own + "::", depth + 1);
    if (is_composite(kind)) {
      const std::string qualified = prefix + own;
      if (has(die, DW_AT_declaration)) {
        declarations_.emplace(die.addr, qualified);
      } else if (!own.empty()) {
        structs_.emplace(own, die);
        definitions_.emplace(qualified, die);
      }
      // Methods and types of a class stand inside it.
      index_children(die, qualified + "::", depth + 1);
    } else if (!own.empty() && (kind == DW_TAG_typedef || kind == DW_TAG_base_type ||
                                kind == DW_TAG_enumeration_type)) {
      if (!has(die, DW_AT_declaration)) named_types_.emplace(own, die);
    }
  });
}

void DwarfFile::index_function(Dwarf_Die die) {
  if (has(die, DW_AT_declaration)) return;
  Dwarf_Addr address = 0;
  if (library_.dwarf_entrypc(&die, &address) == 0) functions_at_.emplace(address, die);
  if (const std::string own = name(die); !own.empty()) functions_.emplace(own, die);
  Dwarf_Attribute found;
  if (!library_.dwarf_attr_integrate(&die, DW_AT_linkage_name, &found)) return;
  if (const char* linked = library_.dwarf_formstring(&found)) functions_.emplace(linked, die);
}

namespace {

std::optional<Dwarf_Die> find_in(const std::map<std::string, Dwarf_Die, std::less<>>& entries,
                                 std::string_view name) {
  const auto found = entries.find(name);
  if (found == entries.end()) return std::nullopt;
  return found->second;
}

}  // namespace

// By their addresses: names are not unique, and one function may have several.
void DwarfFile::index_symbols() {
  if (symbols_) return;
  auto symbols = read_elf_symbols(path_);
  symbols_ = symbols ? *std::move(symbols) : ElfSymbols();
  for (const ElfSymbol& each : symbols_->functions)
    if (const auto found = functions_at_.find(each.address); found != functions_at_.end())
      functions_of_symbols_.emplace(each.name, found->second);
}

std::optional<Dwarf_Die> DwarfFile::find_function(std::string_view symbol) {
  index();
  index_symbols();
  const auto found = functions_of_symbols_.find(symbol);
  if (found != functions_of_symbols_.end()) return found->second;
  return find_in(functions_, symbol);
}

std::optional<Dwarf_Die> DwarfFile::find_struct(std::string_view name) {
  index();
  return find_in(structs_, name);
}

std::optional<Dwarf_Die> DwarfFile::find_named_type(std::string_view name) {
  index();
  return find_in(named_types_, name);
}

std::optional<Dwarf_Die> DwarfFile::find_definition(Dwarf_Die declaration) {
  // In a unit for one type alone.
  if (has(declaration, DW_AT_signature)) return reference(declaration, DW_AT_signature);
  index();
  const auto qualified = declarations_.find(declaration.addr);
  return find_in(definitions_,
                 qualified == declarations_.end() ? name(declaration) : qualified->second);
}

std::vector<std::string_view> DwarfFile::struct_names() {
  index();
  std::vector<std::string_view> names;
  for (const auto& [name, die] : structs_) names.push_back(name);
  return names;
}

}  // namespace sonde::target
