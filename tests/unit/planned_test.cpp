// SPDX-License-Identifier: Apache-2.0
// tests/diag/not_supported_yet.txt lists what the language has and sonde does not do yet, so that
// every change of that table shows in a review.
#include "lang/planned.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

namespace sonde::lang {
namespace {

TEST(Planned, ListIsTheTable) {
  std::set<std::string> listed;
  std::ifstream file(SONDE_TEST_DIR "/diag/not_supported_yet.txt");
  ASSERT_TRUE(file.is_open());
  for (std::string line; std::getline(file, line);) listed.insert(line);

  std::set<std::string> planned_rows;
  for (const PlannedRow& row : planned())
    planned_rows.insert(std::string(group_name(row.group)) + " " + std::string(row.name));

  for (const std::string& line : planned_rows)
    EXPECT_TRUE(listed.contains(line)) << "not in not_supported_yet.txt: " << line;
  for (const std::string& line : listed)
    EXPECT_TRUE(planned_rows.contains(line)) << "no longer planned: " << line;
}

TEST(Planned, IsFoundByGroupAndName) {
  for (const PlannedRow& row : planned()) EXPECT_TRUE(is_planned(row.group, row.name)) << row.name;
  EXPECT_FALSE(is_planned(PlannedGroup::builtin, "no_such_name"));
}

}  // namespace
}  // namespace sonde::lang
