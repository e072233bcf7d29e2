// Our sender against a message centre made of a stock library (tests/clients/smsc.mjs).
#include <filesystem>
#include <map>
#include <mutex>

#include "base/ports.hpp"
#include "sms/settings.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/local.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary_directory.hpp"
#include "wire/encoding.hpp"

namespace tf::sms {
namespace {

using test::eventually;

class SmppPeer : public testing::Test {
 protected:
  ~SmppPeer() override { sender.reset(); }

  void start_centre() {
    centre.emplace(test::Process::start({"node", TRUSTFERRY_SOURCE_DIR "/tests/clients/smsc.mjs", std::to_string(port)}, log));
    ASSERT_TRUE(eventually([this] { return said("listening"); })) << test::read_text(log);
  }
  SmppSettings settings() const {
    SmppSettings out;
    out.host = "127.0.0.1";
    out.port = port;
    out.system_id = "ferry";
    out.password = SecretBytes(as_bytes("secret08"));
    out.system_type = "VMA";
    out.source = "Ferry";
    out.first_pause = std::chrono::milliseconds(50);
    out.longest_pause = std::chrono::milliseconds(400);
    return out;
  }
  void start(SmppSettings with) {
    sender = make_sender(std::move(with), clock, random, [this](const Delivery& each) {
               const std::scoped_lock lock(mutex);
               deliveries.push_back(each);
             }, [this](const Incoming& each) {
               const std::scoped_lock lock(mutex);
               incoming.push_back(each);
             }).value();
  }
  void start_bound() {
    start_centre();
    start(settings());
    ASSERT_TRUE(eventually([this] { return sender->healthy().has_value(); })) << test::read_text(log);
  }
  void send(const std::string& to, const std::string& text, const std::string& reference) {
    sender->send({to, text, reference}, [this, reference](Result<Receipt> result) {
      const std::scoped_lock lock(mutex);
      done.emplace(reference, std::move(result));
    });
  }
  bool said(const std::string& event) const { return test::read_text(log).find("\"event\":\"" + event + "\"") != std::string::npos; }
  // What the centre got, as it wrote it down.
  std::string submitted() const {
    std::string out;
    std::istringstream lines(test::read_text(log));
    for (std::string line; std::getline(lines, line);)
      if (line.find("\"submit\"") != std::string::npos) out += line + "\n";
    return out;
  }
  Result<Receipt> outcome(const std::string& reference) {
    EXPECT_TRUE(eventually([&] {
      const std::scoped_lock lock(mutex);
      return done.contains(reference);
    })) << reference << "\n" << test::read_text(log);
    const std::scoped_lock lock(mutex);
    const auto found = done.find(reference);
    return found == done.end() ? Result<Receipt>(Error{Code::internal, "test.no_answer", ""}) : found->second;
  }
  std::optional<Delivery> delivery(const std::string& reference) {
    const auto find = [&]() -> std::optional<Delivery> {
      const std::scoped_lock lock(mutex);
      for (const Delivery& each : deliveries)
        if (each.reference == reference) return each;
      return std::nullopt;
    };
    EXPECT_TRUE(eventually([&] { return find().has_value(); })) << test::read_text(log);
    return find();
  }

  const std::uint16_t port = test::free_port();
  test::TemporaryDirectory directory;
  std::string log = directory.file("smsc.log");
  std::optional<test::Process> centre;
  SystemClock clock;
  SystemRandom random;
  std::mutex mutex;
  std::multimap<std::string, Result<Receipt>> done;
  std::vector<Delivery> deliveries;
  std::vector<Incoming> incoming;
  std::unique_ptr<Sender> sender;
};

TEST_F(SmppPeer, takes_a_message_and_tells_its_delivery) {
  start_bound();
  send("8613800138000", "Your code is 1234 @ €5", "code-1");
  const auto receipt = outcome("code-1");
  ASSERT_OK(receipt);
  EXPECT_EQ(receipt->network_ids, std::vector<std::string>{"m-1"});
  const auto delivered = delivery("code-1");
  ASSERT_TRUE(delivered);
  EXPECT_EQ(delivered->state, DeliveryState::delivered);
  EXPECT_EQ(delivered->network_id, "m-1");
  const std::string got = submitted();
  for (const char* part : {"\"text\":\"Your code is 1234 @ €5\"", "\"from\":\"Ferry\"", "\"source\":[5,0]", "\"destination\":[1,1]", "\"coding\":0", "\"receipts\":1"})
    EXPECT_NE(got.find(part), std::string::npos) << part << got;
  EXPECT_TRUE(eventually([this] { return test::read_text(log).find("\"deliver_sm_resp\",\"status\":0") != std::string::npos; }));
  EXPECT_TRUE(eventually([this] { return test::read_text(log).find("\"enquire_link_resp\",\"status\":0") != std::string::npos; }));
}

TEST_F(SmppPeer, gets_chinese_and_long_texts_whole) {
  start_bound();
  send("8613800138000", "您的确认码是 1234 😀", "cn");
  ASSERT_OK(outcome("cn"));
  EXPECT_NE(submitted().find("\"coding\":8,\"receipts\":1,\"payload\":false,\"text\":\"您的确认码是 1234 😀\""), std::string::npos) << submitted();
  send("8613800138001", std::string(153, 'a') + std::string(40, 'b'), "long");
  const auto receipt = outcome("long");
  ASSERT_OK(receipt);
  EXPECT_EQ(receipt->network_ids.size(), 2U);
  const std::string got = submitted();
  EXPECT_NE(got.find("\"text\":\"" + std::string(153, 'a') + "\",\"udh\":\"0003"), std::string::npos) << got;
  EXPECT_NE(got.find("\"text\":\"" + std::string(40, 'b') + "\",\"udh\":\"0003"), std::string::npos) << got;
}

TEST_F(SmppPeer, gets_a_long_text_as_one_payload) {
  start_centre();
  SmppSettings with = settings();
  with.long_text = LongText::payload;
  start(std::move(with));
  send("8613800138001", std::string(400, 'a'), "long");
  ASSERT_OK(outcome("long"));
  EXPECT_NE(submitted().find("\"payload\":true,\"text\":\"" + std::string(400, 'a') + "\""), std::string::npos) << submitted();
}

TEST_F(SmppPeer, reads_receipts_by_their_parameters_and_before_the_answer) {
  start_bound();
  send("8613800138020", "a", "by-parameters");
  const auto parameters = delivery("by-parameters");
  ASSERT_TRUE(parameters);
  EXPECT_EQ(parameters->state, DeliveryState::undeliverable);
  send("8613800138044", "b", "overtaken");
  const auto early = delivery("overtaken");
  ASSERT_TRUE(early);
  EXPECT_EQ(early->state, DeliveryState::delivered);
}

TEST_F(SmppPeer, is_obeyed_when_it_throttles) {
  start_bound();
  send("8613800138058", "a", "slow");
  ASSERT_OK(outcome("slow"));
  const std::string got = submitted();
  EXPECT_EQ(std::ranges::count(got, '\n'), 3) << got;
}

TEST_F(SmppPeer, refuses_for_good) {
  start_bound();
  send("8613800138011", "a", "bad");
  EXPECT_REFUSED(outcome("bad"), Code::refused, "sms.refused");
}

TEST_F(SmppPeer, may_drop_the_connection_and_gets_the_message_again) {
  start_bound();
  send("8613800138099", "a", "dropped");
  ASSERT_OK(outcome("dropped"));
  const std::string got = submitted();
  EXPECT_EQ(std::ranges::count(got, '\n'), 2) << got;
}

TEST_F(SmppPeer, may_keep_silent_and_gets_the_message_again) {
  start_centre();
  SmppSettings with = settings();
  with.answer_timeout = std::chrono::milliseconds(1000);
  start(std::move(with));
  send("8613800138033", "b", "silence");
  ASSERT_OK(outcome("silence"));
  const std::string got = submitted();
  EXPECT_GE(std::ranges::count(got, '\n'), 2) << got;
}

TEST_F(SmppPeer, may_unbind_and_is_bound_to_again) {
  start_bound();
  send("8613800138077", "a", "before");
  ASSERT_OK(outcome("before"));
  EXPECT_TRUE(eventually([this] {
    const std::string all = test::read_text(log);
    return all.find("\"bind\"") != all.rfind("\"bind\"");
  })) << test::read_text(log);
  send("8613800138000", "b", "after");
  ASSERT_OK(outcome("after"));
}

TEST_F(SmppPeer, may_come_up_late_and_die_in_between) {
  start(settings());
  send("8613800138000", "a", "early");
  start_centre();
  ASSERT_OK(outcome("early"));
  centre.reset();
  ASSERT_TRUE(eventually([this] { return !sender->healthy().has_value(); }));
  send("8613800138001", "b", "meanwhile");
  std::filesystem::remove(log);
  start_centre();
  ASSERT_OK(outcome("meanwhile"));
}

TEST_F(SmppPeer, refuses_a_wrong_password) {
  start_centre();
  SmppSettings with = settings();
  with.password = SecretBytes(as_bytes("wrong"));
  with.give_up_after = std::chrono::milliseconds(700);
  start(std::move(with));
  send("8613800138000", "a", "never");
  EXPECT_REFUSED(outcome("never"), Code::unavailable, "sms.timeout");
  EXPECT_REFUSED(sender->healthy(), Code::unavailable, "sms.not_bound");
  EXPECT_EQ(submitted(), "");
}

TEST_F(SmppPeer, hears_goodbye_and_what_waits_is_told) {
  start_bound();
  sender.reset();
  EXPECT_TRUE(eventually([this] { return said("unbind"); })) << test::read_text(log);
  centre.reset();
  start(settings());
  send("8613800138000", "a", "waits");
  sender.reset();
  EXPECT_REFUSED(outcome("waits"), Code::unavailable, "sms.stopping");
}

TEST_F(SmppPeer, gets_octets_for_a_card_as_they_are_and_brings_its_answer_back) {
  start_bound();
  sender->send({"8613800138070", "", "ota-1", {*wire::from_hex("0700030902017000" "00AB80FF"), *wire::from_hex("050003090202" "C0DE")}}, [this](Result<Receipt> result) {
    const std::scoped_lock lock(mutex);
    done.emplace("ota-1", std::move(result));
  });
  const auto receipt = outcome("ota-1");
  ASSERT_OK(receipt);
  EXPECT_EQ(receipt->network_ids.size(), 2U);
  const std::string got = submitted();
  for (const char* part : {"\"octets\":\"00ab80ff\"", "\"octets\":\"c0de\"", "\"udh\":\"0003090201,7000\"", "\"udh\":\"0003090202\"", "\"protocol\":127", "\"coding\":246", "\"esm\":64"})
    EXPECT_NE(got.find(part), std::string::npos) << part << got;
  const auto heard = [this] {
    const std::scoped_lock lock(mutex);
    return incoming.size() == 2;
  };
  EXPECT_TRUE(eventually(heard)) << test::read_text(log);
  const std::scoped_lock lock(mutex);
  ASSERT_FALSE(incoming.empty());
  EXPECT_EQ(incoming[0].from, "8613800138070");
  EXPECT_EQ(wire::hex_lower(incoming[0].user_data), "027100" "000b0a53484400000000000009");
}

}  // namespace
}  // namespace tf::sms
