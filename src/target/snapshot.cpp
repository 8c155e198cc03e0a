// SPDX-License-Identifier: Apache-2.0
// The facts of a kernel in a file: CBOR (RFC 8949) with the keys below. Reading takes nothing in
// the file for granted; files travel.
#include <algorithm>
#include <exception>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "target/btf_subset.h"
#include "target/callable_functions.h"
#include "target/features.h"
#include "target/raw_tracepoints.h"
#include "target/snapshot_target.h"
#include "target/target.h"

namespace sonde::target {

namespace {

using Json = nlohmann::json;

// Raised when an older sonde could misread what is written.
constexpr unsigned format_version = 1;

// Of what write_snapshot() makes; deeper files are refused before a parser recurses into them.
constexpr int max_depth = 8;

// --- reading ---

Error unexpected_form(std::string_view what) {
  return Error{"the snapshot's `" + std::string(what) + "` is missing or not as expected"};
}
// Null when there is no such key.
Json get_part(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? Json() : *found;
}
Result<std::string> get_text(const Json& value, std::string_view what) {
  if (const auto* text = value.get_ptr<const Json::string_t*>()) return *text;
  return std::unexpected(unexpected_form(what));
}
template <typename Number = std::uint32_t>
Result<Number> get_number(const Json& value, std::string_view what) {
  const auto* number = value.get_ptr<const Json::number_unsigned_t*>();
  if (number && *number <= std::numeric_limits<Number>::max()) return static_cast<Number>(*number);
  return std::unexpected(unexpected_form(what));
}
Result<bool> get_flag(const Json& value, std::string_view what) {
  if (const auto* flag = value.get_ptr<const Json::boolean_t*>()) return *flag;
  return std::unexpected(unexpected_form(what));
}
Result<std::vector<std::string>> get_names(const Json& value, std::string_view what) {
  if (!value.is_array()) return std::unexpected(unexpected_form(what));
  std::vector<std::string> names;
  for (const Json& element : value) {
    SONDE_TRY(std::string name, get_text(element, what));
    names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  return names;
}

Result<TraceField> read_field(const Json& row) {
  if (!row.is_array() || row.size() != 6) return std::unexpected(unexpected_form("fields"));
  TraceField field;
  SONDE_TRY(field.name, get_text(row[0], "fields"));
  SONDE_TRY(field.type, get_text(row[1], "fields"));
  SONDE_TRY(field.offset, get_number(row[2], "fields"));
  SONDE_TRY(field.size, get_number(row[3], "fields"));
  SONDE_TRY(field.is_signed, get_flag(row[4], "fields"));
  SONDE_TRY(field.is_data_loc, get_flag(row[5], "fields"));
  return field;
}

Status read_features(const Json& features, SnapshotFacts& facts) {
  if (!features.is_object()) return std::unexpected(unexpected_form("features"));
  for (std::size_t i = 0; i < feature_count; ++i) {
    const auto feature = static_cast<Feature>(i);
    const auto found = features.find(std::string(feature_name(feature)));
    // One that the writer did not know yet: the release tells.
    if (found == features.end()) {
      facts.features[i] = release_at_least(facts.release, feature_since(feature));
      continue;
    }
    SONDE_TRY(facts.features[i], get_flag(*found, "features"));
  }
  return {};
}

Status read_syscalls(const Json& syscalls, SnapshotFacts& facts) {
  if (!syscalls.is_object()) return std::unexpected(unexpected_form("syscalls"));
  for (const auto& [name, value] : syscalls.items()) {
    SONDE_TRY(facts.syscalls[name], get_number(value, "syscalls"));
  }
  return {};
}

Status read_tracepoints(const Json& tracepoints, SnapshotFacts& facts) {
  if (!tracepoints.is_object()) return std::unexpected(unexpected_form("tracepoints"));
  for (const auto& [name, value] : tracepoints.items()) {
    if (!value.is_object()) return std::unexpected(unexpected_form("tracepoints"));
    Tracepoint tracepoint;
    SONDE_TRY(tracepoint.id, get_number(get_part(value, "id"), "id"));
    const Json fields = get_part(value, "fields");
    if (!fields.is_array()) return std::unexpected(unexpected_form("fields"));
    for (const Json& row : fields) {
      SONDE_TRY(TraceField field, read_field(row));
      tracepoint.fields.push_back(std::move(field));
    }
    facts.tracepoints.emplace(name, std::move(tracepoint));
  }
  return {};
}

// FUNCTION of the kernel itself, MODULE:FUNCTION.
Status read_kernel_functions(const Json& functions, SnapshotFacts& facts) {
  SONDE_TRY(const std::vector<std::string> names, get_names(functions, "kernel_functions"));
  for (const std::string& name : names) {
    const std::size_t colon = name.find(':');
    if (colon == std::string::npos)
      facts.kernel_functions.push_back({name, std::string(core_module)});
    else
      facts.kernel_functions.push_back({name.substr(colon + 1), name.substr(0, colon)});
  }
  std::ranges::sort(facts.kernel_functions);
  return {};
}

Result<UsdtProbe> read_usdt_probe(const Json& row) {
  if (!row.is_array() || row.size() != 6) return std::unexpected(unexpected_form("usdt"));
  UsdtProbe probe;
  SONDE_TRY(probe.provider, get_text(row[0], "usdt"));
  SONDE_TRY(probe.name, get_text(row[1], "usdt"));
  SONDE_TRY(probe.address, get_number<std::uint64_t>(row[2], "usdt"));
  SONDE_TRY(probe.file_offset, get_number<std::uint64_t>(row[3], "usdt"));
  SONDE_TRY(probe.semaphore_offset, get_number<std::uint64_t>(row[4], "usdt"));
  SONDE_TRY(probe.arguments, get_text(row[5], "usdt"));
  return probe;
}

// Snapshots from before there were USDT probes have none.
Status read_usdt(const Json& files, SnapshotFacts& facts) {
  if (files.is_null()) return {};
  if (!files.is_object()) return std::unexpected(unexpected_form("usdt"));
  for (const auto& [path, rows] : files.items()) {
    if (!rows.is_array()) return std::unexpected(unexpected_form("usdt"));
    for (const Json& row : rows) {
      SONDE_TRY(UsdtProbe probe, read_usdt_probe(row));
      facts.usdt[path].push_back(std::move(probe));
    }
  }
  return {};
}

Status read_files(const Json& files, SnapshotFacts& facts) {
  if (!files.is_object()) return std::unexpected(unexpected_form("files"));
  for (const auto& [path, functions] : files.items()) {
    SONDE_TRY(facts.files[path], get_names(functions, "files"));
  }
  return {};
}

// Snapshots from before this was asked have none.
Status read_callable(const Json& functions, SnapshotFacts& facts) {
  if (functions.is_null()) return {};
  if (!functions.is_object()) return std::unexpected(unexpected_form("callable"));
  for (const auto& [name, kinds] : functions.items()) {
    SONDE_TRY(facts.callable[name], get_names(kinds, "callable"));
  }
  return {};
}

Status read_btf(const Json& bytes, SnapshotFacts& facts) {
  if (bytes.is_null()) return {};
  const auto* binary = bytes.get_ptr<const Json::binary_t*>();
  if (!binary) return std::unexpected(unexpected_form("btf"));
  facts.btf = *binary;
  return {};
}

Result<SnapshotFacts> read_facts(const Json& root) {
  if (!root.is_object()) return fail("not a snapshot of a kernel");
  const auto version = get_number(get_part(root, "sonde_snapshot"), "sonde_snapshot");
  if (!version) return fail("not a snapshot of a kernel");
  if (*version != format_version)
    return fail("snapshot format " + std::to_string(*version) + ", expected " +
                std::to_string(format_version));
  SnapshotFacts facts;
  SONDE_TRY(facts.release, get_text(get_part(root, "release"), "release"));
  SONDE_TRY(facts.architecture, get_text(get_part(root, "architecture"), "architecture"));
  SONDE_CHECK(read_features(get_part(root, "features"), facts));
  SONDE_CHECK(read_syscalls(get_part(root, "syscalls"), facts));
  SONDE_CHECK(read_tracepoints(get_part(root, "tracepoints"), facts));
  SONDE_CHECK(read_kernel_functions(get_part(root, "kernel_functions"), facts));
  SONDE_CHECK(read_files(get_part(root, "files"), facts));
  SONDE_CHECK(read_usdt(get_part(root, "usdt"), facts));
  SONDE_CHECK(read_callable(get_part(root, "callable"), facts));
  SONDE_CHECK(read_btf(get_part(root, "btf"), facts));
  return facts;
}

// Walks through a file without keeping anything, to see that the recursive parser may have it.
class DepthCheck : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool key(string_t&) override { return true; }
  bool start_object(std::size_t) override { return ++depth_ <= max_depth; }
  bool end_object() override { return --depth_, true; }
  bool start_array(std::size_t) override { return ++depth_ <= max_depth; }
  bool end_array() override { return --depth_, true; }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) override {
    return false;
  }

 private:
  int depth_ = 0;
};

Result<Json> parse_cbor(const std::string& content) {
  // nlohmann's parser throws for some lengths even when told not to.
  try {
    DepthCheck check;
    if (Json::sax_parse(content, &check, Json::input_format_t::cbor)) {
      Json root = Json::from_cbor(content, true, false);
      if (!root.is_discarded()) return root;
    }
  } catch (const std::exception&) {
  }
  return fail("not a snapshot of a kernel, or damaged");
}

Result<std::unique_ptr<Target>> make_target(const std::string& content) {
  SONDE_TRY(const Json root, parse_cbor(content));
  SONDE_TRY(SnapshotFacts facts, read_facts(root));
  return make_snapshot_target(std::move(facts));
}

// --- writing ---

Result<Json> write_tracepoints(Target& live, const std::vector<std::string>& names) {
  Json all = Json::object();
  for (const std::string& name : names) {
    const std::size_t colon = name.find(':');
    if (colon == std::string::npos) return fail("expected category:event, found `" + name + "`");
    SONDE_TRY(const auto tracepoint,
              live.find_tracepoint(name.substr(0, colon), name.substr(colon + 1)));
    if (!tracepoint) return fail("this kernel has no tracepoint `" + name + "`");
    Json fields = Json::array();
    for (const TraceField& f : tracepoint->fields)
      fields.push_back({f.name, f.type, f.offset, f.size, f.is_signed, f.is_data_loc});
    all[name] = {{"id", tracepoint->id}, {"fields", std::move(fields)}};
  }
  return all;
}

Json write_syscalls(Target& live) {
  constexpr std::string_view prefix = "sys_enter_";
  Json numbers = Json::object();
  for (const std::string& event : live.tracepoint_events("syscalls")) {
    if (!event.starts_with(prefix)) continue;
    const std::string name = event.substr(prefix.size());
    if (const auto number = live.syscall_number(name)) numbers[name] = *number;
  }
  return numbers;
}

Result<Json> write_files(Target& live, const std::vector<std::string>& paths) {
  Json files = Json::object();
  for (const std::string& path : paths) {
    if (live.file_kind(path) != FileKind::elf) return fail(path + " is not an ELF file");
    files[path] = live.user_functions(path);
  }
  return files;
}

Json write_usdt(Target& live, const std::vector<std::string>& paths) {
  Json files = Json::object();
  for (const std::string& path : paths) {
    Json rows = Json::array();
    for (const UsdtProbe& p : live.usdt_probes(path))
      rows.push_back(
          {p.provider, p.name, p.address, p.file_offset, p.semaphore_offset, p.arguments});
    if (!rows.empty()) files[path] = std::move(rows);
  }
  return files;
}

// What programs of which kinds may call.
Json write_callable(Target& live, std::vector<std::string> names) {
  if (names.empty()) names.emplace_back(find_task_function);
  Json functions = Json::object();
  for (const std::string& name : names) {
    Json kinds = Json::array();
    for (std::size_t i = 0; i < program_kind_names.size(); ++i)
      if (live.may_call(name, static_cast<ProgramKind>(i))) kinds.push_back(program_kind_names[i]);
    if (!kinds.empty()) functions[name] = std::move(kinds);
  }
  return functions;
}

std::vector<std::string> all_kernel_functions(Target& live) {
  std::vector<std::string> names;
  for (const KernelFunction& function : live.traceable_functions())
    names.push_back(function.module == core_module ? function.name
                                                   : function.module + ':' + function.name);
  return names;
}

Result<std::vector<std::byte>> write_btf(const Btf& btf, const SnapshotSelection& selection) {
  if (selection.structs.empty() || selection.raw_tracepoints.empty())
    return std::vector(btf.bytes().begin(), btf.bytes().end());
  BtfSelection kept{selection.structs, {}};
  for (const std::string& name : selection.raw_tracepoints) {
    kept.types.push_back(raw_tracepoint_typedef(name));
    if (const auto function = find_raw_tracepoint_function(btf, name))
      kept.functions.emplace_back(btf.type(*function).name);
  }
  std::vector<std::string> functions = selection.kernel_functions;
  functions.insert(functions.end(), selection.callable.begin(), selection.callable.end());
  for (const std::string& name : functions)
    if (btf.find(BtfKind::func, name)) kept.functions.push_back(name);  // not all have a record
  return cut_btf(btf, kept);
}

// What is to be kept must be there; the parts that are written look up the rest.
Status check_selection(Target& live, const SnapshotSelection& selection) {
  const Btf* btf = live.btf();
  for (const std::string& name : selection.structs)
    if (btf && !btf->find_type(name)) return fail("this kernel has no struct `" + name + "`");
  const std::vector<std::string> functions =
      selection.kernel_functions.empty() ? std::vector<std::string>() : live.kernel_functions();
  for (const std::string& name : selection.kernel_functions)
    if (!functions.empty() && std::ranges::find(functions, name) == functions.end())
      return fail("this kernel has no function `" + name + "` that can be traced");
  for (const std::string& name : selection.callable)
    if (!has_callable_function(live, name))
      return fail("this kernel has no function `" + name + "` that programs may call");
  for (const std::string& name : selection.raw_tracepoints)
    if (!live.has_raw_tracepoint(name))
      return fail("this kernel has no raw tracepoint `" + name + "`");
  return {};
}

}  // namespace

Result<std::unique_ptr<Target>> open_snapshot(const std::string& path) {
  SONDE_TRY(const std::string content, read_file(path));
  auto target = make_target(content);
  if (!target) return std::unexpected(std::move(target).error().while_doing("reading " + path));
  return target;
}

Status write_snapshot(const std::string& path, const SnapshotSelection& selection) {
  const auto live = open_live_target();
  if (auto checked = check_selection(*live, selection); !checked) return checked;
  Json root = {{"sonde_snapshot", format_version},
               {"release", live->release()},
               {"architecture", live->architecture()},
               {"features", Json::object()}};
  for (std::size_t i = 0; i < feature_count; ++i) {
    const auto feature = static_cast<Feature>(i);
    root["features"][std::string(feature_name(feature))] = live->has(feature);
  }
  SONDE_TRY(root["tracepoints"],
            write_tracepoints(*live, selection.tracepoints.empty() ? live->tracepoints()
                                                                   : selection.tracepoints));
  root["syscalls"] = write_syscalls(*live);
  root["kernel_functions"] =
      selection.kernel_functions.empty() ? all_kernel_functions(*live) : selection.kernel_functions;
  root["callable"] = write_callable(*live, selection.callable);
  SONDE_TRY(root["files"], write_files(*live, selection.files));
  root["usdt"] = write_usdt(*live, selection.files);
  if (const Btf* btf = live->btf()) {
    SONDE_TRY(const auto bytes, write_btf(*btf, selection));
    const auto* first = reinterpret_cast<const std::uint8_t*>(bytes.data());
    root["btf"] = Json::binary(std::vector(first, first + bytes.size()));
  } else if (!selection.structs.empty() || !selection.raw_tracepoints.empty()) {
    return fail(std::string(live->btf_problem()));
  }
  const std::vector<std::uint8_t> content = Json::to_cbor(root);
  return write_file(path, {reinterpret_cast<const char*>(content.data()), content.size()});
}

}  // namespace sonde::target
