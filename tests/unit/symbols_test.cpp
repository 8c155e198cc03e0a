// SPDX-License-Identifier: Apache-2.0
// Names of addresses: in the running kernel where it shows them, and in this process.
#include <dlfcn.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include <fstream>
#include <map>
#include <set>

#include "base/file.h"
#include "symbols/cgroups.h"
#include "symbols/jit_maps.h"
#include "symbols/kernel_addresses.h"
#include "symbols/kernel_symbols.h"
#include "symbols/mapped_files.h"
#include "symbols/processes.h"
#include "symbols/user_names.h"
#include "symbols/user_symbols.h"

// With C linkage, so that its name in the symbol table is known.
extern "C" __attribute__((noinline)) int sonde_symbols_test_function(int n) { return n * 3 + 1; }

namespace sonde::symbols {
namespace {

// A file that is gone at the end of the test.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content)
      : path_(testing::TempDir() + "symbols." + std::to_string(::getpid())) {
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~TemporaryFile() { ::unlink(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// --- kernel ---------------------------------------------------------------------------------

class Kallsyms : public testing::Test {
 protected:
  // "name+offset", with " [module]" behind it, or "-".
  std::string at(std::uint64_t address) {
    const std::optional<Symbol> symbol = symbols_.find(address);
    if (!symbol) return "-";
    const std::string module =
        symbol->module.empty() ? "" : " [" + std::string(symbol->module) + "]";
    return std::string(symbol->name) + "+" + std::to_string(symbol->offset) + module;
  }

  TemporaryFile file_{
      "0000000000000000 A fixed_percpu_data\n"
      "ffffffff81000000 T first_alias\n"
      "ffffffff81000000 T second_alias\n"
      "ffffffff81000040 t local.constprop.0\n"
      "ffffffff81000100 W weak\n"
      "ffffffff81002000 D some_data\n"
      "ffffffff81002010 d more_data\n"
      "ffffffff81003000 B __init_begin\n"
      "ffffffff81003000 T _sinittext\n"
      "ffffffffc0002000 t late_function\t[mod_b]\n"
      "ffffffffc0002100 d its_data\t[mod_b]\n"
      "ffffffffc0001000 T early_function\t[mod_a]\n"
      "ffffffffc0001080 t other\t[mod_a]\n"
      "broken line\n"
      "ffffffffc0003000 t last"};
  KernelSymbols symbols_{file_.path()};
};

TEST_F(Kallsyms, NamesAndOffsets) {
  EXPECT_EQ(at(0xffffffff81000040), "local.constprop.0+0");
  EXPECT_EQ(at(0xffffffff810000ff), "local.constprop.0+191");
  EXPECT_EQ(at(0xffffffff81000101), "weak+1");
  EXPECT_EQ(at(0xffffffffc0003008), "last+8");
}

TEST_F(Kallsyms, TheFirstOfSeveralNames) { EXPECT_EQ(at(0xffffffff81000010), "first_alias+16"); }

TEST_F(Kallsyms, ModulesAreSorted) {
  EXPECT_EQ(at(0xffffffffc0001004), "early_function+4 [mod_a]");
  EXPECT_EQ(at(0xffffffffc00010ff), "other+127 [mod_a]");
  EXPECT_EQ(at(0xffffffffc0002004), "late_function+4 [mod_b]");
}

TEST_F(Kallsyms, DataHasNoFunction) {
  EXPECT_EQ(at(0xffffffff81002000), "-");
  EXPECT_EQ(at(0xffffffff81002fff), "-");
  EXPECT_EQ(at(0xffffffff81003000), "_sinittext+0");
  EXPECT_EQ(at(0xffffffffc0002180), "-");
}

TEST_F(Kallsyms, AddressesFarFromAllFunctions) {
  EXPECT_EQ(at(0), "-");
  EXPECT_EQ(at(0x400000), "-");
  EXPECT_EQ(at(UINT64_MAX), "-");
}

TEST_F(Kallsyms, AddressesByName) {
  const std::vector<std::uint64_t> wanted = {0xffffffff81000100, 0, 0xffffffffc0002100,
                                             0xffffffffc0003000, 0xffffffff81002000};
  EXPECT_EQ(
      find_kernel_addresses({"weak", "nothing", "its_data", "last", "some_data"}, file_.path()),
      wanted);
  EXPECT_EQ(find_kernel_addresses({"weak"}, "/no/such/file"), std::vector<std::uint64_t>{0});
}

TEST(UserNames, TheFirstOfSeveral) {
  const TemporaryFile file(
      "root:x:0:0:root:/root:/bin/sh\nbroken\nme:x:1000:1000::/:/bin/sh\n"
      "alias:x:1000:1000::/:/bin/sh\nodd:x:y:1::/:\n");
  UserNames names(file.path());
  EXPECT_EQ(names.find(0), "root");
  EXPECT_EQ(names.find(1000), "me");
  EXPECT_EQ(names.find(1001), "");
  EXPECT_EQ(UserNames("/no/such/file").find(0), "");
}

TEST(Cgroups, MountsOfBothVersions) {
  const auto found = parse_cgroup_mounts(
      "tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n"
      "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\nbroken\n");
  ASSERT_EQ(found.size(), 2);
  EXPECT_EQ(found[0].name, "memory");
  EXPECT_EQ(found[0].folder, "/sys/fs/cgroup/memory");
  EXPECT_EQ(found[1].name, "unified");
  EXPECT_EQ(found[1].folder, "/sys/fs/cgroup/unified");
}

TEST(KernelSymbols, HiddenAddresses) {
  const TemporaryFile file("0000000000000000 T _text\n0000000000000000 t f\t[m]\n");
  KernelSymbols symbols(file.path());
  EXPECT_FALSE(symbols.find(0));
  EXPECT_FALSE(symbols.find(0xffffffff81000000));
}

TEST(KernelSymbols, NoFile) {
  EXPECT_FALSE(KernelSymbols("/nonexistent").find(0xffffffff81000000));
}

TEST(KernelSymbols, NotKallsyms) {
  const TemporaryFile file(std::string(300000, 'f') + "\n");
  EXPECT_FALSE(KernelSymbols(file.path()).find(1));
}

// Every text symbol of the running kernel is found at its address.
TEST(KernelSymbols, RunningKernel) {
  std::ifstream file("/proc/kallsyms");
  KernelSymbols symbols;
  std::map<std::uint64_t, std::vector<std::string>> names;
  for (std::string line; std::getline(file, line);) {
    std::uint64_t address = 0;
    std::from_chars(line.data(), line.data() + line.size(), address, 16);
    const std::size_t type = line.find(' ') + 1;
    // Programs that others load and unload come and go between the two readings.
    if (line.ends_with("[bpf]")) continue;
    if (address != 0 && std::string_view("tTwW").contains(line[type]))
      names[address].push_back(line.substr(type + 2, line.find('\t') - type - 2));
  }
  if (names.empty()) GTEST_SKIP() << "the kernel shows no addresses (kptr_restrict)";
  for (const auto& [address, aliases] : names) {
    const std::optional<Symbol> symbol = symbols.find(address);
    ASSERT_TRUE(symbol) << aliases[0];
    EXPECT_EQ(symbol->offset, 0U) << aliases[0];
    EXPECT_NE(std::ranges::find(aliases, symbol->name), aliases.end()) << symbol->name;
  }
}

// --- processes ------------------------------------------------------------------------------

std::uint64_t address_of(const void* pointer) { return reinterpret_cast<std::uint64_t>(pointer); }
const auto own_function = reinterpret_cast<const void*>(&sonde_symbols_test_function);

std::uint32_t own_tgid() { return static_cast<std::uint32_t>(::getpid()); }

TEST(UserSymbols, OwnFunction) {
  UserSymbols symbols;
  const auto symbol = symbols.find(own_tgid(), address_of(own_function) + 1);
  ASSERT_TRUE(symbol);
  EXPECT_EQ(symbol->name, "sonde_symbols_test_function");
  EXPECT_EQ(symbol->offset, 1U);
  char path[4096];
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
  EXPECT_EQ(symbol->module, std::string_view(path, static_cast<std::size_t>(size)));
}

TEST(UserSymbols, SharedLibrary) {
  void* function = ::dlsym(RTLD_DEFAULT, "getppid");
  ASSERT_NE(function, nullptr);
  UserSymbols symbols;
  const auto symbol = symbols.find(own_tgid(), address_of(function));
  ASSERT_TRUE(symbol);
  EXPECT_TRUE(symbol->name.ends_with("getppid")) << symbol->name;
  EXPECT_EQ(symbol->offset, 0U);
}

TEST(UserSymbols, NoCode) {
  UserSymbols symbols;
  const int on_stack = 0;
  EXPECT_FALSE(symbols.find(own_tgid(), address_of(&on_stack)));
  EXPECT_FALSE(symbols.find(own_tgid(), 0));
  EXPECT_FALSE(symbols.find(own_tgid(), UINT64_MAX));
}

TEST(UserSymbols, NoProcess) {
  UserSymbols symbols;
  EXPECT_FALSE(symbols.find(0, address_of(own_function)));
  EXPECT_FALSE(symbols.find(UINT32_MAX, address_of(own_function)));
}

// A child has the addresses of its parent, and keeps its names when it has ended.
TEST(UserSymbols, EndedProcess) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (;;) ::pause();
  }
  UserSymbols seen, unseen;
  const auto tgid = static_cast<std::uint32_t>(child);
  EXPECT_TRUE(seen.find(tgid, address_of(own_function)));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  const auto symbol = seen.find(tgid, address_of(own_function));
  ASSERT_TRUE(symbol);
  EXPECT_EQ(symbol->name, "sonde_symbols_test_function");
  EXPECT_FALSE(unseen.find(tgid, address_of(own_function)));
}

// Maps our own program once more, as a library that is loaded late would be.
TEST(UserSymbols, LateMapping) {
  UserSymbols symbols({}, {.processes = {.retry = std::chrono::milliseconds(0)}});
  const auto known = symbols.find(own_tgid(), address_of(own_function));
  ASSERT_TRUE(known);
  const auto regions = read_maps(own_tgid());
  ASSERT_TRUE(regions);
  const auto own_region = std::ranges::find_if(*regions, [](const Region& region) {
    return region.start <= address_of(own_function) && address_of(own_function) < region.end;
  });
  ASSERT_NE(own_region, regions->end());
  const std::uint64_t start = own_region->start, offset = own_region->file_offset;
  const UniqueFd fd(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  const std::size_t size = address_of(own_function) - start + 4096;
  void* copy = ::mmap(nullptr, size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd.get(),
                      static_cast<off_t>(offset));
  ASSERT_NE(copy, MAP_FAILED);
  const auto symbol = symbols.find(own_tgid(), address_of(copy) + address_of(own_function) - start);
  ASSERT_TRUE(symbol);
  EXPECT_EQ(symbol->name, "sonde_symbols_test_function");
  ::munmap(copy, size);
}

TEST(UserSymbols, CachesAreBounded) {
  UserSymbols symbols({}, {.processes = {.processes = 1}, .file_bytes = 1});
  void* library_function = ::dlsym(RTLD_DEFAULT, "getppid");
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(symbols.find(own_tgid(), address_of(own_function)));
    EXPECT_TRUE(symbols.find(own_tgid(), address_of(library_function)));
    EXPECT_FALSE(symbols.find(UINT32_MAX, 1));
  }
}

TEST(ProcessMaps, Lines) {
  const auto regions = parse_maps(
      "1000-2000 r--p 00000000 fe:01 42                         /usr/bin/a b\n"
      "2000-4000 r-xp 00001000 fe:01 42                         /usr/bin/a b\n"
      "4000-5000 rw-p 00000000 00:00 0 \n"
      "5000-6000 rw-p 00000000 00:00 0                          [heap]\n"
      "6000-7000 r-xp 00000000 00:00 0                          [vdso]\n"
      "7000-8000 r-xs 00000000 00:06 9                          /dev/gpu0\n"
      "garbage\n"
      "9000-a000 r-xp 00000000 fe:01 43                         /opt/x (deleted)");
  ASSERT_EQ(regions.size(), 6U);
  EXPECT_EQ(regions[0].path, "");
  EXPECT_EQ(regions[1].path, "/usr/bin/a b");
  EXPECT_EQ(regions[1].start, 0x2000U);
  EXPECT_EQ(regions[1].end, 0x4000U);
  EXPECT_EQ(regions[1].file_offset, 0x1000U);
  EXPECT_EQ(regions[1].file, (FileId{std::uint64_t{0xfe} << 32 | 1, 42}));
  EXPECT_EQ(regions[2].end, 0x6000U);  // what is no code is one piece
  EXPECT_EQ(regions[3].path, "[vdso]");
  EXPECT_EQ(regions[4].path, "");
  EXPECT_EQ(regions[5].path, "/opt/x (deleted)");
}

// --- processes that somebody follows ----------------------------------------------------------

class FollowedProcesses : public testing::Test {
 protected:
  // Numbers that no process has.
  static constexpr std::uint32_t parent = 0xfffffff0, child = 0xfffffff1;

  void map(std::uint32_t tgid, std::uint64_t start, std::uint64_t end, std::uint64_t offset,
           const std::string& path) {
    processes_.mapped(tgid, {start, end, offset, {1, 2}, path});
  }
  // "path+offset in the file", or "-".
  std::string at(std::uint32_t tgid, std::uint64_t address) {
    const Region* region = processes_.find(tgid, address);
    if (!region) return "-";
    return region->path + "+" + std::to_string(address - region->start + region->file_offset);
  }
  Processes processes_{ProcessLimits{.processes = 4}};
};

TEST_F(FollowedProcesses, WhatWasMappedLastCounts) {
  processes_.follow();
  map(parent, 100, 200, 0, "a");
  map(parent, 140, 150, 1000, "b");  // in the middle
  EXPECT_EQ(at(parent, 99), "-");
  EXPECT_EQ(at(parent, 139), "a+39");
  EXPECT_EQ(at(parent, 140), "b+1000");
  EXPECT_EQ(at(parent, 150), "a+50");
  map(parent, 90, 145, 0, "c");  // over the start of one and all of another
  EXPECT_EQ(at(parent, 100), "c+10");
  EXPECT_EQ(at(parent, 145), "b+1005");
  EXPECT_EQ(at(parent, 199), "a+99");
  EXPECT_EQ(at(parent, 200), "-");
}

TEST_F(FollowedProcesses, AChildHasWhatItsParentHad) {
  processes_.follow();
  map(parent, 100, 200, 0, "a");
  processes_.forked(parent, child);
  map(parent, 100, 200, 0, "b");
  map(child, 300, 400, 0, "c");
  EXPECT_EQ(at(child, 100), "a+0");
  EXPECT_EQ(at(child, 300), "c+0");
  EXPECT_EQ(at(parent, 100), "b+0");
  EXPECT_EQ(at(parent, 300), "-");
}

TEST_F(FollowedProcesses, EndedOnesAreForgottenFirst) {
  processes_.follow();
  for (std::uint32_t i = 0; i < 4; ++i) map(parent - i, 100, 200, i, "a");
  processes_.ended(parent - 2);
  EXPECT_EQ(at(parent - 2, 100), "a+2");
  map(parent - 4, 100, 200, 4, "a");
  EXPECT_EQ(at(parent, 100), "a+0");
  EXPECT_EQ(at(parent - 4, 100), "a+4");
  EXPECT_EQ(at(parent - 2, 100), "-");
}

// --- files ------------------------------------------------------------------------------------

// The one whose path begins so.
std::optional<Region> own_region(const std::string& path) {
  for (const Region& region : read_maps(own_tgid()).value_or(std::vector<Region>()))
    if (region.path.starts_with(path)) return region;
  return std::nullopt;
}

TEST(MappedFiles, KeptWhenTheProcessWasTheOnlyWay) {
  if (::geteuid() != 0) GTEST_SKIP() << "files of processes need CAP_SYS_ADMIN";
  const TemporaryFile file("content");
  const UniqueFd fd(::open(file.path().c_str(), O_RDONLY | O_CLOEXEC));
  void* memory = ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd.get(), 0);
  ASSERT_NE(memory, MAP_FAILED);
  MappedFiles files;
  const auto region = own_region(file.path());
  ASSERT_TRUE(region);
  EXPECT_EQ(files.find_path(own_tgid(), *region), file.path());

  ::unlink(file.path().c_str());
  const auto deleted = own_region(file.path());
  ASSERT_TRUE(deleted);
  files.note(own_tgid(), *deleted);
  ::munmap(memory, 4096);
  EXPECT_EQ(read_file(files.find_path(own_tgid(), *deleted)).value_or("nothing"), "content");
  EXPECT_EQ(MappedFiles().find_path(own_tgid(), *deleted), "");
}

// --- code that was made while running -----------------------------------------------------------

std::string piece_at(const JitMap& map, std::uint64_t address) {
  const auto symbol = map.find(address);
  return symbol ? std::string(symbol->name) + "+" + std::to_string(symbol->offset) : "-";
}

TEST(JitMap, TheLastOfTwoAtOnePlace) {
  const JitMap map(
      "1000 10 old\n0x1010 0x20 LazyCompile:*run /x.js:1\nbroken\n1030 zz y\n2000 0 empty\n"
      "1008 10 new one\n3000 10 bad\x1b[31m\n4000 10 last");
  EXPECT_EQ(piece_at(map, 0x1000), "-");
  EXPECT_EQ(piece_at(map, 0x1009), "new one+1");
  EXPECT_EQ(piece_at(map, 0x1020), "-");
  EXPECT_EQ(piece_at(map, 0x2000), "-");
  EXPECT_EQ(piece_at(map, 0x3000), "-");
  EXPECT_EQ(piece_at(map, 0x400f), "last+15");
  EXPECT_EQ(piece_at(map, 0x4010), "-");
}

TEST(JitMap, ReadAgainWhenItGrew) {
  const std::string path = "/tmp/perf-" + std::to_string(::getpid()) + ".map";
  JitMaps maps(std::chrono::milliseconds(0));
  std::ofstream(path) << "1000 10 first\n";
  EXPECT_TRUE(maps.find(own_tgid(), 0x1000));
  EXPECT_FALSE(maps.find(own_tgid(), 0x2000));
  std::ofstream(path, std::ios::app) << "2000 10 second\n";
  const auto symbol = maps.find(own_tgid(), 0x2004);
  ::unlink(path.c_str());
  ASSERT_TRUE(symbol);
  EXPECT_EQ(symbol->name, "second");
  EXPECT_EQ(symbol->offset, 4U);
  EXPECT_EQ(symbol->module, path);
}

TEST(UserSymbols, Vdso) {
  const auto base = ::getauxval(AT_SYSINFO_EHDR);
  if (base == 0) GTEST_SKIP() << "there is no vDSO";
  UserSymbols symbols;
  // Somewhere in it is the function that tells the time.
  std::set<std::string> names;
  for (std::uint64_t offset = 0; offset < 0x4000; offset += 16)
    if (const auto symbol = symbols.find(own_tgid(), base + offset);
        symbol && symbol->module == "[vdso]")
      names.insert(std::string(symbol->name));
  EXPECT_TRUE(std::ranges::any_of(
      names, [](const std::string& name) { return name.ends_with("clock_gettime"); }));
}

// Behind a call of a function that does not return.
TEST(UserSymbols, ReturnAddress) {
  UserSymbols symbols;
  const auto address = address_of(own_function);
  const auto at_start = symbols.find(own_tgid(), address, AddressKind::return_address);
  const auto inside = symbols.find(own_tgid(), address + 1, AddressKind::return_address);
  ASSERT_TRUE(inside);
  EXPECT_EQ(inside->name, "sonde_symbols_test_function");
  EXPECT_EQ(inside->offset, 1U);
  // What is in front of it is another function's, or nobody's.
  if (at_start && at_start->offset != 0) {
    EXPECT_NE(at_start->name, inside->name);
  }
}

TEST(FileSymbols, NestedUnsizedAndAliases) {
  ElfSymbols elf;
  elf.functions = {{"outer", 0x1000, 0x1000, 0x100}, {"inner", 0x1010, 0x1010, 0x10},
                   {"unsized", 0x2000, 0x2000, 0},   {"__alias", 0x2040, 0x2040, 0x20},
                   {"alias", 0x2040, 0x2040, 0},     {"end", 0x3000, 0x3000, 0}};
  const FileSymbols symbols(elf);
  const auto name = [&](std::uint64_t offset) {
    const auto symbol = symbols.find(offset);
    return symbol ? std::string(symbol->name) + "+" + std::to_string(symbol->offset) : "-";
  };
  EXPECT_EQ(name(0xfff), "-");
  EXPECT_EQ(name(0x1000), "outer+0");
  EXPECT_EQ(name(0x101f), "inner+15");
  EXPECT_EQ(name(0x1020), "outer+32");
  EXPECT_EQ(name(0x1100), "-");
  EXPECT_EQ(name(0x203f), "unsized+63");
  EXPECT_EQ(name(0x2050), "alias+16");
  EXPECT_EQ(name(0x2060), "-");
  EXPECT_EQ(name(0x3010), "end+16");
  EXPECT_EQ(name(0x9000), "-");
}

}  // namespace
}  // namespace sonde::symbols
