// SPDX-License-Identifier: Apache-2.0
// Reading BTF and cutting a subset out of it, with a small BTF written here word by word.
#include "target/btf.h"

#include <gtest/gtest.h>
#include <linux/btf.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "target/btf_subset.h"

namespace sonde::target {
namespace {

class Builder {
 public:
  // Returns the new type's id.
  BtfId add(BtfKind kind, std::string_view name, std::uint32_t size_or_type,
            const std::vector<std::uint32_t>& tail = {}, std::uint32_t vlen = 0,
            bool flag = false) {
    types_.push_back(string(name));
    types_.push_back(static_cast<std::uint32_t>(kind) << 24 | vlen | (flag ? 1U << 31 : 0U));
    types_.push_back(size_or_type);
    types_.insert(types_.end(), tail.begin(), tail.end());
    return ++count_;
  }

  std::uint32_t string(std::string_view text) {
    if (text.empty()) return 0;
    const auto at = static_cast<std::uint32_t>(strings_.size());
    strings_.append(text).append(1, '\0');
    return at;
  }

  std::vector<std::byte> bytes() const {
    const auto type_bytes = static_cast<std::uint32_t>(types_.size() * sizeof(std::uint32_t));
    const btf_header header{.magic = BTF_MAGIC,
                            .version = BTF_VERSION,
                            .hdr_len = sizeof(btf_header),
                            .type_len = type_bytes,
                            .str_off = type_bytes,
                            .str_len = static_cast<std::uint32_t>(strings_.size())};
    std::vector<std::byte> out(sizeof header + type_bytes + strings_.size());
    std::memcpy(out.data(), &header, sizeof header);
    std::memcpy(out.data() + sizeof header, types_.data(), type_bytes);
    std::memcpy(out.data() + sizeof header + type_bytes, strings_.data(), strings_.size());
    return out;
  }

 private:
  std::uint32_t count_ = 0;
  std::vector<std::uint32_t> types_;
  std::string strings_ = std::string(1, '\0');
};

// struct task { int pid; int flag : 3; comm_t comm; struct list link; struct task *parent;
//               struct mm *mm; union { int a; }; enum state state; };
struct Sample {
  Builder b;
  BtfId int_, char_, index, comm_array, comm_t, const_comm, list, list_ptr, task, task_ptr, mm,
      mm_ptr, anon, state, proto, func, trace_proto, trace_ptr, trace;

  Sample() {
    int_ = b.add(BtfKind::integer, "int", 4, {BTF_INT_SIGNED << 24 | 32});
    char_ = b.add(BtfKind::integer, "char", 1, {8});
    index = b.add(BtfKind::integer, "unsigned int", 4, {32});
    comm_array = b.add(BtfKind::array, "", 0, {char_, index, 16});
    comm_t = b.add(BtfKind::typedef_, "comm_t", comm_array);
    const_comm = b.add(BtfKind::const_, "", comm_t);
    list_ptr = b.add(BtfKind::pointer, "", const_comm + 2);  // to `list`, which comes next
    list = b.add(BtfKind::struct_, "list", 8, {b.string("next"), list_ptr, 0}, 1);
    anon = b.add(BtfKind::union_, "", 4, {b.string("a"), int_, 0}, 1);
    state = b.add(BtfKind::enum_, "state", 4, {b.string("RUNNING"), 0, b.string("ASLEEP"), 1}, 2);
    mm = b.add(BtfKind::struct_, "mm", 4, {b.string("users"), int_, 0}, 1);
    mm_ptr = b.add(BtfKind::pointer, "", mm);
    task_ptr = b.add(BtfKind::pointer, "", mm_ptr + 2);  // to `task`, which comes next
    task = b.add(BtfKind::struct_, "task", 56,
                 {b.string("pid"),
                  int_,
                  0,  //
                  b.string("flag"),
                  int_,
                  3U << 24 | 32,  //
                  b.string("comm"),
                  const_comm,
                  64,  //
                  b.string("link"),
                  list,
                  192,  //
                  b.string("parent"),
                  task_ptr,
                  256,  //
                  b.string("mm"),
                  mm_ptr,
                  320,  //
                  0,
                  anon,
                  384,  //
                  b.string("state"),
                  state,
                  416},
                 8, true);
    proto = b.add(BtfKind::func_proto, "", int_, {b.string("task"), task_ptr}, 1);
    func = b.add(BtfKind::func, "wake", proto, {}, BTF_FUNC_STATIC);
    trace_proto = b.add(BtfKind::func_proto, "", 0, {0, mm_ptr, b.string("n"), int_}, 2);
    trace_ptr = b.add(BtfKind::pointer, "", trace_proto);
    trace = b.add(BtfKind::typedef_, "btf_trace_wake", trace_ptr);
    b.add(BtfKind::typedef_, "list", int_);  // the struct of that name goes first
  }
};

class BtfTest : public testing::Test {
 protected:
  BtfTest() : bytes_(sample_.b.bytes()) {
    auto btf = Btf::open(bytes_);
    if (btf) btf_ = *btf;
  }
  Sample sample_;
  std::vector<std::byte> bytes_;
  Btf btf_;
};

TEST_F(BtfTest, FindsByKindAndName) {
  EXPECT_EQ(btf_.type_count(), 21U);
  EXPECT_EQ(btf_.find(BtfKind::struct_, "task"), sample_.task);
  EXPECT_EQ(btf_.find(BtfKind::func, "wake"), sample_.func);
  EXPECT_EQ(btf_.find(BtfKind::struct_, "wake"), std::nullopt);
  EXPECT_EQ(btf_.find(BtfKind::struct_, "tas"), std::nullopt);
  EXPECT_EQ(btf_.find(BtfKind::union_, ""), std::nullopt);
}

TEST_F(BtfTest, FindTypePrefersStructs) {
  EXPECT_EQ(btf_.find_type("list"), sample_.list);
  EXPECT_EQ(btf_.find_type("comm_t"), sample_.comm_t);
  EXPECT_EQ(btf_.find_type("unsigned int"), sample_.index);
  EXPECT_EQ(btf_.find_type("state"), sample_.state);
  EXPECT_EQ(btf_.find_type("wake"), std::nullopt);
}

// Who asks often is answered from an index.
TEST_F(BtfTest, FindsTheSameEveryTime) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(btf_.find(BtfKind::struct_, "task"), sample_.task);
    EXPECT_EQ(btf_.find(BtfKind::struct_, "wake"), std::nullopt);
    EXPECT_EQ(btf_.find(BtfKind::struct_, "nobody"), std::nullopt);
    EXPECT_EQ(btf_.find_type("list"), sample_.list);
  }
}

TEST_F(BtfTest, DescribesTypes) {
  const BtfType integer = btf_.type(sample_.int_);
  EXPECT_EQ(integer.name, "int");
  EXPECT_EQ(integer.size, 4U);
  EXPECT_TRUE(integer.is_signed);
  EXPECT_FALSE(btf_.type(sample_.char_).is_signed);
  const BtfType array = btf_.type(sample_.comm_array);
  EXPECT_EQ(array.type, sample_.char_);
  EXPECT_EQ(array.count, 16U);
  EXPECT_EQ(btf_.type(0).kind, BtfKind::void_);
  EXPECT_EQ(btf_.type(4711).kind, BtfKind::void_);
}

TEST_F(BtfTest, ListsMembersWithBitFields) {
  const auto members = btf_.members(sample_.task);
  ASSERT_EQ(members.size(), 8U);
  EXPECT_EQ(members[0].name, "pid");
  EXPECT_EQ(members[0].bit_size, 0U);
  EXPECT_EQ(members[1].bit_offset, 32U);
  EXPECT_EQ(members[1].bit_size, 3U);
  EXPECT_EQ(members[3].bit_offset, 192U);
  EXPECT_EQ(members[6].name, "");
  EXPECT_TRUE(btf_.members(sample_.int_).empty());
}

TEST_F(BtfTest, ListsParameters) {
  const auto params = btf_.params(sample_.proto);
  ASSERT_EQ(params.size(), 1U);
  EXPECT_EQ(params[0].name, "task");
  EXPECT_EQ(params[0].type, sample_.task_ptr);
  EXPECT_TRUE(btf_.params(sample_.task).empty());
}

TEST_F(BtfTest, ResolvesAndMeasures) {
  EXPECT_EQ(btf_.resolve(sample_.const_comm), sample_.comm_array);
  EXPECT_EQ(btf_.size_of(sample_.const_comm), 16U);
  EXPECT_EQ(btf_.size_of(sample_.task), 56U);
  EXPECT_EQ(btf_.size_of(sample_.task_ptr), sizeof(void*));
  EXPECT_EQ(btf_.size_of(sample_.func), 0U);
  EXPECT_EQ(btf_.size_of(0), 0U);
}

TEST_F(BtfTest, CircularTypesEnd) {
  Builder b;
  const BtfId a = b.add(BtfKind::typedef_, "a", 2);
  b.add(BtfKind::const_, "", a);
  b.add(BtfKind::array, "", 0, {3, 3, 2});
  const auto bytes = b.bytes();
  const auto btf = Btf::open(bytes);
  ASSERT_TRUE(btf);
  EXPECT_EQ(btf->resolve(a), 0U);
  EXPECT_EQ(btf->size_of(a), 0U);
  EXPECT_EQ(btf->size_of(3), 0U);
}

TEST_F(BtfTest, RepeatedStringsAreAllSearched) {
  Builder b;
  b.add(BtfKind::typedef_, "twin", 0);
  const BtfId wanted = b.add(BtfKind::struct_, "twin", 4);
  const auto bytes = b.bytes();
  EXPECT_EQ(Btf::open(bytes)->find(BtfKind::struct_, "twin"), wanted);
}

TEST_F(BtfTest, NamesTheProblem) {
  auto bytes = bytes_;
  std::swap(bytes[0], bytes[1]);
  EXPECT_NE(Btf::open(bytes).error().message.find("byte order"), std::string::npos);
  EXPECT_FALSE(Btf::open({}));
}

// --- subsets ---

TEST_F(BtfTest, SubsetHoldsWhatIsContainedByValue) {
  const auto cut = cut_btf(btf_, {{"task"}, {}});
  ASSERT_TRUE(cut);
  const auto small = Btf::open(*cut);
  ASSERT_TRUE(small) << small.error().message;
  EXPECT_LT(small->type_count(), btf_.type_count());
  const auto task = small->find(BtfKind::struct_, "task");
  ASSERT_TRUE(task);
  const auto members = small->members(*task);
  ASSERT_EQ(members.size(), 8U);
  EXPECT_EQ(small->size_of(*task), 56U);
  EXPECT_EQ(members[1].bit_size, 3U);
  EXPECT_EQ(small->size_of(members[2].type), 16U);
  EXPECT_EQ(small->type(members[3].type).name, "list");
  EXPECT_EQ(small->members(members[3].type).size(), 1U);
  EXPECT_EQ(small->type(members[4].type).type, *task);
  EXPECT_EQ(small->members(members[6].type).size(), 1U);
  EXPECT_EQ(small->type(members[7].type).vlen, 2U);
}

TEST_F(BtfTest, SubsetForwardDeclaresOtherStructs) {
  const auto cut = cut_btf(btf_, {{"task"}, {}});
  const auto small = Btf::open(*cut);
  EXPECT_TRUE(small->find(BtfKind::fwd, "mm"));
  EXPECT_FALSE(small->find(BtfKind::struct_, "mm"));
  const auto both = cut_btf(btf_, {{"task", "mm"}, {}});
  const auto larger = Btf::open(*both);
  EXPECT_FALSE(larger->find(BtfKind::fwd, "mm"));
  EXPECT_TRUE(larger->find(BtfKind::struct_, "mm"));
}

TEST_F(BtfTest, SubsetKeepsPrototypes) {
  const auto cut = cut_btf(btf_, {{"btf_trace_wake"}, {"wake"}});
  const auto small = Btf::open(*cut);
  ASSERT_TRUE(small);
  const auto typedef_id = small->find(BtfKind::typedef_, "btf_trace_wake");
  ASSERT_TRUE(typedef_id);
  const auto pointer = small->type(small->type(*typedef_id).type);
  EXPECT_EQ(small->params(pointer.type).size(), 2U);
  EXPECT_EQ(small->params(pointer.type)[1].name, "n");
  const auto function = small->find(BtfKind::func, "wake");
  ASSERT_TRUE(function);
  EXPECT_EQ(small->params(small->type(*function).type).size(), 1U);
  EXPECT_TRUE(small->find(BtfKind::fwd, "task"));
}

TEST_F(BtfTest, SubsetSaysWhatIsMissing) {
  const auto cut = cut_btf(btf_, {{"no_such"}, {}});
  ASSERT_FALSE(cut);
  EXPECT_NE(cut.error().message.find("no_such"), std::string::npos);
}

// --- damage ---

// Asks everything; the answers do not matter, only that there are some.
void ask_everything(const Btf& btf) {
  for (BtfId id = 0; id < btf.type_count() + 2; ++id) {
    (void)btf.type(id);
    (void)btf.members(id);
    (void)btf.params(id);
    (void)btf.resolve(id);
    (void)btf.size_of(id);
  }
  (void)btf.find(BtfKind::func, "wake");
  (void)btf.names(BtfKind::struct_);
  // Whatever is cut out of a damaged BTF is a whole one.
  const auto cut = cut_btf(btf, {{"task", "btf_trace_wake"}, {"wake"}});
  EXPECT_TRUE(!cut || Btf::open(*cut));
}

// What is before the damage can be asked for, and the damage is told once it is met.
TEST_F(BtfTest, UnreadTypesEndAtADamagedRecord) {
  constexpr BtfId damaged = 5;
  const auto at = static_cast<std::size_t>(btf_.record(damaged).data() - bytes_.data());
  const std::uint32_t info = 31U << 24;  // a kind that no kernel has
  std::memcpy(bytes_.data() + at + offsetof(btf_type, info), &info, sizeof info);
  EXPECT_FALSE(Btf::open(bytes_));
  const auto btf = Btf::open_unread(bytes_);
  ASSERT_TRUE(btf);
  EXPECT_EQ(btf->problem(), "");
  EXPECT_EQ(btf->type(damaged - 1).name, btf_.type(damaged - 1).name);
  EXPECT_EQ(btf->type_count(), damaged);
  EXPECT_EQ(btf->problem(), "the BTF has a type record of unknown kind 31");
  EXPECT_EQ(btf->type(damaged).kind, BtfKind::void_);
  ask_everything(*btf);
}

TEST_F(BtfTest, UnreadTypesAnswerLikeReadOnes) {
  for (BtfId id = 1; id < btf_.type_count(); ++id) {
    const auto btf = Btf::open_unread(bytes_);
    ASSERT_TRUE(btf);
    EXPECT_EQ(btf->type(id).name, btf_.type(id).name);
    const auto other = Btf::open_unread(bytes_);
    const BtfType wanted = btf_.type(id);
    EXPECT_EQ(other->find(wanted.kind, wanted.name), btf_.find(wanted.kind, wanted.name));
  }
}

TEST_F(BtfTest, EveryTruncationIsAnError) {
  for (std::size_t size = 0; size < bytes_.size(); ++size) {
    // A copy of exactly that size, so that the sanitizer sees a read beyond it.
    const std::vector<std::byte> cut(bytes_.data(), bytes_.data() + size);
    EXPECT_FALSE(Btf::open(cut)) << size;
  }
}

TEST_F(BtfTest, ShorterSectionsDoNotCrash) {
  btf_header header;
  std::memcpy(&header, bytes_.data(), sizeof header);
  for (std::uint32_t length = 0; length < header.type_len; ++length) {
    auto bytes = bytes_;
    btf_header changed = header;
    changed.type_len = length;
    std::memcpy(bytes.data(), &changed, sizeof changed);
    if (const auto btf = Btf::open(bytes)) ask_everything(*btf);
    changed.type_len = header.type_len;
    changed.str_len = length % header.str_len;
    std::memcpy(bytes.data(), &changed, sizeof changed);
    if (const auto btf = Btf::open(bytes)) ask_everything(*btf);
  }
}

TEST_F(BtfTest, RandomFlipsDoNotCrash) {
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    auto bytes = bytes_;
    const unsigned flips = 1 + random() % 4;
    for (unsigned i = 0; i < flips; ++i)
      bytes[random() % bytes.size()] ^= static_cast<std::byte>(1U << random() % 8);
    if (const auto btf = Btf::open(bytes)) ask_everything(*btf);
    if (const auto btf = Btf::open_unread(bytes)) ask_everything(*btf);
  }
}

TEST_F(BtfTest, RandomBytesAreAnError) {
  std::mt19937 random(2);
  for (int round = 0; round < 1000; ++round) {
    std::vector<std::byte> bytes(random() % 200);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
    EXPECT_FALSE(Btf::open(bytes));
  }
}

}  // namespace
}  // namespace sonde::target
