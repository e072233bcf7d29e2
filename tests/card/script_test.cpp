// Conversations with the card, written down: scripts/*.apdu. A line is
//   > OCTETS      a command
//   < DATA SW     the answer: hex; * for any data; without DATA there is none
//   ! WORD        reset, power-off, power-on, restart (another process), administrator (proves himself)
//   # …           what it is about
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/card/support.hpp"

namespace tf::card::test {
namespace {

namespace fs = std::filesystem;

void act(TestCard& card, const std::string& word) {
  if (word == "reset") return card.card().reset();
  if (word == "power-off") return card.card().power_off();
  if (word == "power-on") return card.card().power_on();
  if (word == "restart") return card.restart();
  ASSERT_EQ(word, "administrator");
  card.be_administrator();
}

void expect_answer(const std::string& expected, const std::string& answer, const std::string& where) {
  std::istringstream words(expected);
  std::vector<std::string> parts;
  for (std::string word; words >> word;) parts.push_back(word);
  ASSERT_FALSE(parts.empty()) << where;
  const std::string status = parts.back();
  ASSERT_GE(answer.size(), 4u);
  EXPECT_EQ(answer.substr(answer.size() - 4), status) << where << ": " << answer;
  if (parts.front() == "*") return;
  std::string data;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) data += parts[i];
  EXPECT_EQ(answer.substr(0, answer.size() - 4), data) << where;
}

void play(const fs::path& script) {
  TestCard card(script.filename().string());
  std::ifstream in(script);
  ASSERT_TRUE(in) << script;
  std::string answer;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    const std::string where = script.filename().string() + ":" + std::to_string(++number);
    if (line.empty() || line[0] == '#') continue;
    ASSERT_GE(line.size(), 3u) << where;
    const std::string rest = line.substr(2);
    if (line[0] == '>') answer = card.raw(rest);
    else if (line[0] == '<') expect_answer(rest, answer, where);
    else if (line[0] == '!') act(card, rest);
    else FAIL() << where << ": " << line;
  }
}

class Scripts : public testing::TestWithParam<fs::path> {};

TEST_P(Scripts, is_answered_as_written) { play(GetParam()); }

std::vector<fs::path> scripts() {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(fs::path(TRUSTFERRY_SOURCE_DIR) / "tests/card/scripts")) out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

INSTANTIATE_TEST_SUITE_P(All, Scripts, testing::ValuesIn(scripts()), [](const auto& info) { return info.param.stem().string(); });

}  // namespace
}  // namespace tf::card::test
