// SPDX-License-Identifier: Apache-2.0
#include "target/snapshot_target.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "base/wildcard.h"
#include "target/callable_functions.h"
#include "target/raw_tracepoints.h"

namespace sonde::target {

namespace {

class SnapshotTarget : public Target {
 public:
  explicit SnapshotTarget(SnapshotFacts facts) : facts_(std::move(facts)) {}
  Status open_btf();

  std::string_view release() const override { return facts_.release; }
  std::string_view architecture() const override { return facts_.architecture; }

  const Btf* btf() override { return btf_ ? &*btf_ : nullptr; }
  std::string_view btf_problem() const override {
    return btf_ ? std::string_view(btf_->problem()) : "the snapshot has no type information";
  }

  Result<std::optional<Tracepoint>> find_tracepoint(std::string_view category,
                                                    std::string_view event) override {
    return find(facts_.tracepoints, std::string(category).append(":").append(event));
  }
  std::vector<std::string> tracepoints() override;

  bool has_raw_tracepoint(std::string_view name) override {
    return find_raw_tracepoint(btf(), name).has_value();
  }
  std::vector<std::string> raw_tracepoints() override { return raw_tracepoint_names(btf()); }

  std::optional<std::uint32_t> syscall_number(std::string_view tracefs_name) override {
    return find(facts_.syscalls, tracefs_name);
  }

  bool has_kernel_function(std::string_view name) override {
    return has(Feature::kprobes) && has_kernel_symbol(name);
  }
  // A snapshot knows of functions only.
  bool has_kernel_symbol(std::string_view name) override {
    const auto by_name = [](const KernelFunction& f) { return std::string_view(f.name); };
    return std::ranges::binary_search(facts_.kernel_functions, name, {}, by_name);
  }
  bool may_call(std::string_view function, ProgramKind kind) override {
    const auto kinds = find(facts_.callable, function).value_or(std::vector<std::string>());
    const auto name = program_kind_names[static_cast<std::size_t>(kind)];
    return std::ranges::find(kinds, name) != kinds.end();
  }
  std::span<const KernelFunction> traceable_functions() override { return facts_.kernel_functions; }
  // Also on a kernel without kprobes: the names are then good for suggestions only.
  std::vector<std::string> kernel_functions() override;
  std::vector<std::string> loaded_modules() override;

  std::vector<std::string> find_files(std::string_view pattern, std::optional<int> pid) override;
  FileKind file_kind(const std::string& path) override {
    return facts_.files.contains(path) ? FileKind::elf : FileKind::missing;
  }
  bool has_user_function(const std::string& path, std::string_view name) override {
    const auto found = facts_.files.find(path);
    return found != facts_.files.end() && std::ranges::binary_search(found->second, name);
  }
  std::vector<std::string> user_functions(const std::string& path) override {
    return find(facts_.files, path).value_or(std::vector<std::string>());
  }
  std::vector<UsdtProbe> usdt_probes(const std::string& path) override {
    return find(facts_.usdt, path).value_or(std::vector<UsdtProbe>());
  }

 private:
  bool offers(Feature feature) override {
    return facts_.features[static_cast<std::size_t>(feature)];
  }

  template <typename Map>
  static std::optional<typename Map::mapped_type> find(const Map& map, std::string_view key) {
    const auto found = map.find(key);
    if (found == map.end()) return std::nullopt;
    return found->second;
  }

  std::optional<std::string> find_file(std::string_view name) const;

  SnapshotFacts facts_;
  std::optional<Btf> btf_;  // looks into `facts_.btf`
};

Status SnapshotTarget::open_btf() {
  if (facts_.btf.empty()) return {};
  SONDE_TRY(btf_, Btf::open_unread(std::as_bytes(std::span(facts_.btf))));
  return {};
}

std::vector<std::string> SnapshotTarget::tracepoints() {
  std::vector<std::string> names;
  for (const auto& [name, tracepoint] : facts_.tracepoints) names.push_back(name);
  return names;
}

std::vector<std::string> SnapshotTarget::kernel_functions() {
  std::vector<std::string> names;
  for (const KernelFunction& function : facts_.kernel_functions)
    if (names.empty() || names.back() != function.name) names.push_back(function.name);
  return names;
}

// Those that it has functions of.
std::vector<std::string> SnapshotTarget::loaded_modules() {
  std::set<std::string> modules;
  for (const KernelFunction& function : facts_.kernel_functions)
    if (function.module != core_module) modules.insert(function.module);
  return {modules.begin(), modules.end()};
}

// Every file counts as one that runs; of processes a snapshot knows nothing.
std::vector<std::string> SnapshotTarget::find_files(std::string_view pattern, std::optional<int>) {
  std::vector<std::string> found;
  if (!has_wildcard(pattern)) {
    if (auto path = find_file(pattern)) found.push_back(*std::move(path));
    return found;
  }
  const bool bare = pattern.find('/') == std::string_view::npos;
  for (const auto& [path, functions] : facts_.files) {
    const std::string_view last = std::string_view(path).substr(path.rfind('/') + 1);
    if (matches(pattern, bare ? last : std::string_view(path))) found.push_back(path);
  }
  return found;
}

// A path as it is; a bare name as the last part of one, for libraries also without version.
std::optional<std::string> SnapshotTarget::find_file(std::string_view name) const {
  if (name.find('/') != std::string_view::npos)
    return facts_.files.contains(name) ? std::optional<std::string>(name) : std::nullopt;
  const std::string library = std::string(name) + ".so";
  for (const auto& [path, functions] : facts_.files) {
    const std::string_view last = std::string_view(path).substr(path.rfind('/') + 1);
    if (last == name || (name.starts_with("lib") && last.starts_with(library))) return path;
  }
  return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<Target>> make_snapshot_target(SnapshotFacts facts) {
  auto target = std::make_unique<SnapshotTarget>(std::move(facts));
  SONDE_CHECK(target->open_btf());
  return target;
}

}  // namespace sonde::target
