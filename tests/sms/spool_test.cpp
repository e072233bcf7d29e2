#include "sms/spool.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <thread>

#include "tests/support/deterministic.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/local.hpp"
#include "tests/support/temporary_directory.hpp"
#include "wire/json.hpp"

namespace tf::sms {
namespace {

class SmsSpool : public testing::Test {
 protected:
  Result<std::unique_ptr<Sender>> open() { return make_sender(SpoolSettings{path}, clock, random); }
  static Result<Receipt> send(Sender& sender, Message message) {
    Result<Receipt> out(Error{Code::internal, "test.not_called", ""});
    sender.send(std::move(message), [&](Result<Receipt> result) { out = std::move(result); });
    return out;
  }
  unsigned mode() const {
    struct ::stat info {};
    return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777U : 0U;
  }

  test::TemporaryDirectory directory;
  std::string path = directory.file("sms.jsonl");
  test::FixedClock clock;
  test::DeterministicRandom random{"spool"};
};

TEST_F(SmsSpool, appends_a_line_a_message) {
  const auto sender = open().value();
  EXPECT_OK(send(*sender, {"8613800138000", "code \"1234\"\n", "r-1"}));
  EXPECT_OK(send(*open().value(), {"8613800138001", "确认码", "r-2"}));
  std::istringstream lines(test::read_text(path));
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  auto first = wire::JsonObject::parse(line).value();
  EXPECT_EQ(first.integer("at", 0, INT64_MAX).value(), test::FixedClock::kStart);
  EXPECT_EQ(first.text("to").value(), "8613800138000");
  EXPECT_EQ(first.text("text").value(), "code \"1234\"\n");
  EXPECT_EQ(first.text("reference").value(), "r-1");
  EXPECT_OK(first.finish());
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(wire::JsonObject::parse(line)->text("text").value(), "确认码");
  EXPECT_FALSE(std::getline(lines, line));
  EXPECT_OK(sender->healthy());
}

TEST_F(SmsSpool, is_for_its_owner_alone_even_if_it_was_there) {
  EXPECT_OK(open());
  EXPECT_EQ(mode(), 0600U);
  std::filesystem::permissions(path, std::filesystem::perms(0644));
  EXPECT_OK(open());
  EXPECT_EQ(mode(), 0600U);
}

TEST_F(SmsSpool, refuses_what_is_no_file_and_what_is_no_message) {
  EXPECT_REFUSED(make_sender(SpoolSettings{}, clock, random), Code::invalid, "sms.settings");
  EXPECT_REFUSED(make_sender(SpoolSettings{directory.path()}, clock, random), Code::unavailable, "sms.spool");
  EXPECT_REFUSED(make_sender(SpoolSettings{"/dev/null"}, clock, random), Code::unavailable, "sms.spool");
  std::filesystem::create_symlink(directory.file("elsewhere"), path);
  EXPECT_REFUSED(open(), Code::unavailable, "sms.spool");
  std::filesystem::remove(path);
  const auto sender = open().value();
  EXPECT_REFUSED(send(*sender, {"1", "text", "r"}), Code::invalid, "sms.number");
  EXPECT_EQ(test::read_text(path), "");
}

TEST_F(SmsSpool, keeps_lines_of_many_threads_apart) {
  const auto sender = open().value();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int j = 0; j < 20; ++j) EXPECT_OK(send(*sender, {"8613800138000", std::string(100, 'a'), "r"}));
    });
  for (auto& thread : threads) thread.join();
  std::istringstream lines(test::read_text(path));
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) EXPECT_OK(wire::JsonObject::parse(line));
  EXPECT_EQ(count, 80);
}

TEST_F(SmsSpool, writes_octets_for_a_card_with_what_they_are) {
  const auto sender = open().value();
  EXPECT_OK(send(*sender, {"8613800138000", "", "r-1", {{2, 0x70, 0, 0xAB}, {5, 0, 3, 1, 2, 2, 0xCD}}}));
  EXPECT_REFUSED(send(*sender, {"8613800138000", "text", "r-2", {{2, 0x70, 0, 0xAB}}}), Code::invalid, "sms.user_data");
  std::string line = test::read_text(path);
  ASSERT_FALSE(line.empty());
  line.pop_back();
  auto object = wire::JsonObject::parse(line).value();
  EXPECT_EQ(object.texts("user_data", 9, 280).value(), (std::vector<std::string>{"027000ab", "050003010202cd"}));
  EXPECT_EQ(object.integer("protocol_id", 0, 255).value(), 0x7F);
  EXPECT_EQ(object.integer("data_coding", 0, 255).value(), 0xF6);
  EXPECT_FALSE(object.has("text"));
}

}  // namespace
}  // namespace tf::sms
