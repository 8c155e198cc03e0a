// SPDX-License-Identifier: Apache-2.0
// Names of addresses: in the running kernel where it shows them, and in this process.
#include <dlfcn.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include <fstream>
#include <map>

#include "base/file.h"
#include "symbols/cgroups.h"
#include "symbols/kernel_addresses.h"
#include "symbols/kernel_symbols.h"
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
  UserSymbols symbols({.retry = std::chrono::milliseconds(0)});
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
  UserSymbols symbols({.processes = 1, .files = 1});
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
      "5000-6000 r-xp 00000000 00:00 0                          [vdso]\n"
      "7000-8000 r-xs 00000000 00:06 9                          /dev/gpu0\n"
      "garbage\n"
      "9000-a000 r-xp 00000000 fe:01 43                         /opt/x (deleted)");
  ASSERT_EQ(regions.size(), 5U);
  EXPECT_EQ(regions[0].path, "");
  EXPECT_EQ(regions[1].path, "/usr/bin/a b");
  EXPECT_EQ(regions[1].start, 0x2000U);
  EXPECT_EQ(regions[1].end, 0x4000U);
  EXPECT_EQ(regions[1].file_offset, 0x1000U);
  EXPECT_EQ(regions[1].file, (FileId{std::uint64_t{0xfe} << 32 | 1, 42}));
  EXPECT_EQ(regions[2].end, 0x6000U);  // what is no code is one piece
  EXPECT_EQ(regions[3].path, "");
  EXPECT_EQ(regions[4].path, "/opt/x (deleted)");
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
