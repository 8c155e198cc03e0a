// SPDX-License-Identifier: Apache-2.0
#include "ctext/include_folders.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "ctext/clang.h"

namespace sonde::ctext {

namespace {

namespace fs = std::filesystem;

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

std::vector<fs::path> folders_in(const fs::path& path) {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(path, ignored)) found.push_back(entry.path());
  std::ranges::sort(found, std::greater());
  return found;
}

// The compiler's own stddef.h, stdint.h, …: /usr/lib/llvm-19/lib/clang/19/include on Debian,
// /usr/lib/clang/19/include elsewhere. Another version's serve nearly as well.
std::string own_headers(int version) {
  std::vector<fs::path> places;
  const auto add_version = [&](const std::string& number) {
    for (const fs::path& folder : folders_in("/usr/lib/llvm-" + number + "/lib/clang"))
      places.push_back(folder);
    for (const char* root : {"/usr/lib/clang/", "/usr/lib64/clang/"})
      places.emplace_back(root + number);
  };
  if (version != 0) add_version(std::to_string(version));
  for (int other = 30; other >= 10; --other) add_version(std::to_string(other));
  for (const char* root : {"/usr/lib/clang", "/usr/lib64/clang"})
    for (const fs::path& folder : folders_in(root)) places.push_back(folder);
  for (const fs::path& place : places)
    if (is_folder(place / "include")) return place / "include";
  return {};
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// The folder name of the architecture in the kernel's tree.
std::string kernel_architecture(const std::string& machine) {
  if (machine == "x86_64") return "x86";
  if (machine == "aarch64") return "arm64";
  return machine;
}

// The kernel's own headers, when they are installed. A build folder of its own has what is
// generated, the source folder the rest.
struct KernelHeaders {
  fs::path source, build;
};
KernelHeaders find_kernel_headers(const Options& options) {
  const fs::path modules = fs::path("/lib/modules") / options.release;
  KernelHeaders found{environment("BPFTRACE_KERNEL_SOURCE"), environment("BPFTRACE_KERNEL_BUILD")};
  if (found.source.empty() && is_folder(modules / "source")) found.source = modules / "source";
  if (found.build.empty() && is_folder(modules / "build")) found.build = modules / "build";
  if (found.source.empty()) found.source = found.build;
  if (found.build.empty()) found.build = found.source;
  return found;
}

}  // namespace

FrontEndOptions front_end_options(const Options& options, int clang_version, bool have_btf) {
  FrontEndOptions result;
  std::vector<std::string>& arguments = result.arguments;
  const auto system = [&](const fs::path& folder) {
    arguments.insert(arguments.end(), {"-isystem", folder.string()});
  };
  arguments = {"-x",         "c",
               "-std=gnu11", "--target=" + options.architecture + "-linux-gnu",
               "-nostdinc",  "-fno-builtin",
               "-w",         "-D__BPFTRACE__"};
  if (have_btf) arguments.push_back("-D" + std::string(have_btf_macro));
  for (const std::string& folder : options.include_folders) arguments.push_back("-I" + folder);
  if (!options.script_folder.empty()) arguments.push_back("-I" + options.script_folder);
  const std::string own = own_headers(clang_version);
  result.has_own_headers = !own.empty();
  if (!own.empty()) system(own);
  const KernelHeaders kernel = find_kernel_headers(options);
  result.has_kernel_headers = is_folder(kernel.source);
  if (result.has_kernel_headers) {
    const std::string arch = "arch/" + kernel_architecture(options.architecture) + "/include";
    for (const fs::path& folder :
         {kernel.source / arch, kernel.build / arch / "generated", kernel.source / "include",
          kernel.build / "include", kernel.source / arch / "uapi",
          kernel.build / arch / "generated/uapi", kernel.source / "include/uapi",
          kernel.build / "include/generated/uapi"})
      system(folder);
    arguments.insert(arguments.end(), {"-D__KERNEL__", "-DKBUILD_MODNAME=\"sonde\""});
    std::error_code ignored;
    if (const fs::path config = kernel.source / "include/linux/kconfig.h";
        fs::exists(config, ignored))
      arguments.insert(arguments.end(), {"-include", config.string()});
  }
  for (const std::string& folder :
       {std::string("/usr/local/include"), "/usr/include/" + options.architecture + "-linux-gnu",
        std::string("/usr/include")})
    system(folder);
  // Fixed-size names without a header. The kernel's own headers define them differently.
  if (!result.has_kernel_headers && !own.empty())
    for (const char* header : {"stddef.h", "stdint.h", "stdbool.h"})
      arguments.insert(arguments.end(), {"-include", header});
  for (const std::string& file : options.include_files)
    arguments.insert(arguments.end(), {"-include", file});
  return result;
}

}  // namespace sonde::ctext
