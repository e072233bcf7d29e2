// The loader's signed log.
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "base/file.hpp"
#include "tests/factory/scene.hpp"

namespace tf::factory::test {
namespace {

using testing::HasSubstr;

class LogOfLoader : public testing::Test {
 protected:
  LoaderLog open() { return must(LoaderLog::open(path, key.public_key())); }
  Status append(LoaderLog& log, int number) {
    return log.append(key, 1000 + number, "b1", dsn("TF1000000" + std::to_string(number)), std::string(64, 'a'));
  }
  std::vector<std::string> lines() const {
    std::vector<std::string> out;
    std::istringstream in(text());
    for (std::string line; std::getline(in, line);) out.push_back(line + "\n");
    return out;
  }
  [[nodiscard]] std::string text() const { return std::string(as_text(must(read_file(path, 1 << 20)))); }
  void write(const std::string& all) { std::ofstream(path, std::ios::trunc) << all; }
  void expect_broken(const std::string& all, int line) {
    const auto verified = verify_log(all, key.public_key());
    EXPECT_REFUSED(verified, Code::integrity, "factory.log");
    EXPECT_THAT(verified.error().detail, HasSubstr("line " + std::to_string(line) + ":"));
    write(all);
    EXPECT_REFUSED(LoaderLog::open(path, key.public_key()), Code::integrity, "factory.log");
  }
  TemporaryDirectory directory;
  std::string path = directory.file("loader.log");
  crypto::PrivateKey key = crypto::PrivateKey::generate_p256();
};

class FullLog : public LogOfLoader {
 protected:
  void SetUp() override {
    LoaderLog log = open();
    for (int i = 1; i <= 3; ++i) must(append(log, i));
    line = lines();
  }
  std::vector<std::string> line;
};

TEST_F(LogOfLoader, begins_empty_and_makes_no_file) {
  EXPECT_TRUE(open().entries().empty());
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_TRUE(must(verify_log("", key.public_key())).entries.empty());
}

TEST_F(FullLog, is_read_as_it_was_written) {
  const LoaderLog log = open();
  ASSERT_EQ(log.entries().size(), 3U);
  for (int i = 1; i <= 3; ++i) {
    const LogEntry& entry = log.entries()[static_cast<std::size_t>(i - 1)];
    EXPECT_EQ(entry.number, i);
    EXPECT_EQ(entry.at_ms, 1000 + i);
    EXPECT_EQ(entry.batch, "b1");
    EXPECT_EQ(entry.certificate, std::string(64, 'a'));
    EXPECT_TRUE(log.contains(entry.dsn));
  }
  EXPECT_FALSE(log.contains(dsn("TF10000004")));
}

TEST_F(FullLog, goes_on_after_it_is_opened_again) {
  LoaderLog log = open();
  ASSERT_OK(append(log, 4));
  EXPECT_EQ(open().entries().size(), 4U);
  EXPECT_EQ(must(verify_log(text(), key.public_key())).entries.back().number, 4);
}

TEST_F(FullLog, shows_an_altered_line) {
  for (std::size_t i = 0; i < 3; ++i) {
    auto changed = line;
    char& c = changed[i][changed[i].size() / 2];
    c = c == 'A' ? 'B' : 'A';
    expect_broken(changed[0] + changed[1] + changed[2], static_cast<int>(i) + 1);
  }
}

TEST_F(FullLog, shows_a_line_that_is_missing_moved_or_there_twice) {
  expect_broken(line[1] + line[2], 1);
  expect_broken(line[0] + line[2], 2);
  expect_broken(line[0] + line[2] + line[1], 2);
  expect_broken(line[0] + line[0] + line[1] + line[2], 2);
  expect_broken(line[0] + line[1] + line[2] + line[2], 4);
  expect_broken(line[0] + "\n" + line[1] + line[2], 2);
}

TEST_F(FullLog, shows_a_line_of_another_loader) {
  const auto other = crypto::PrivateKey::generate_p256();
  auto log = must(LoaderLog::open(directory.file("other"), other.public_key()));
  ASSERT_OK(log.append(other, 1, "b1", dsn("TF10000001"), std::string(64, 'b')));
  const std::string foreign(as_text(must(read_file(directory.file("other"), 1 << 20))));
  expect_broken(foreign + line[1] + line[2], 1);
  expect_broken(line[0] + line[1] + line[2] + foreign, 4);
}

TEST_F(FullLog, loses_a_last_line_that_a_crash_cut_off_and_goes_on) {
  for (const std::size_t left : {std::size_t{1}, line[2].size() / 2, line[2].size() - 1}) {
    const std::string cut = line[0] + line[1] + line[2].substr(0, left);
    EXPECT_REFUSED(verify_log(cut, key.public_key()), Code::integrity, "factory.log");
    write(cut);
    LoaderLog log = open();
    EXPECT_EQ(log.entries().size(), 2U);
    EXPECT_FALSE(log.contains(dsn("TF10000003")));
    EXPECT_EQ(text(), line[0] + line[1]);
    ASSERT_OK(append(log, 4));
    EXPECT_EQ(open().entries().size(), 3U);
    EXPECT_EQ(must(verify_log(text(), key.public_key())).entries.back().dsn, dsn("TF10000004"));
  }
}

TEST_F(LogOfLoader, of_which_only_the_first_lines_beginning_is_left_begins_anew) {
  write("eyJhbGciOi");
  LoaderLog log = open();
  EXPECT_TRUE(log.entries().empty());
  ASSERT_OK(append(log, 1));
  EXPECT_EQ(open().entries().size(), 1U);
}

// The disk is full in the middle of a line.
TEST_F(FullLog, stays_whole_when_a_line_cannot_be_written) {
  LoaderLog log = open();
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit little{text().size() + 40, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &little), 0);
  const Status failed = append(log, 4);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_REFUSED(failed, Code::unavailable, "factory.log_write");
  EXPECT_FALSE(log.contains(dsn("TF10000004")));
  EXPECT_EQ(text(), line[0] + line[1] + line[2]);
  ASSERT_OK(append(log, 4));
  EXPECT_EQ(must(verify_log(text(), key.public_key())).entries.size(), 4U);
}

TEST_F(FullLog, cannot_be_appended_to_when_its_directory_is_gone) {
  LoaderLog log = open();
  std::filesystem::remove_all(directory.file(""));
  EXPECT_REFUSED(append(log, 4), Code::unavailable, "factory.log_write");
  EXPECT_EQ(log.entries().size(), 3U);
}

}  // namespace
}  // namespace tf::factory::test
