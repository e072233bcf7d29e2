// Certificates renewed over the air by short messages, through the real programs: the platform writes them into its spool, the test is the network, and the terminal takes
// them from a modem's lines.
#include <fmt/format.h>

#include <filesystem>

#include "apdu/sms_download.hpp"
#include "tests/cardsign_e2e/scene.hpp"
#include "tests/support/deterministic.hpp"
#include "wire/encoding.hpp"

namespace tf::test {
namespace {

constexpr const char* kPhone = "8613800138000";

// The spool's messages for the card so far, each as the lines of a modem (+CMT in PDU mode).
std::vector<std::vector<std::string>> packets_in(const std::string& spool) {
  std::vector<std::vector<std::string>> out;
  std::istringstream lines(std::filesystem::exists(spool) ? read_text(spool) : "");
  for (std::string line; std::getline(lines, line) && !lines.eof();) {  // a last line without its end is being written
    auto object = json_of(line + "\n");
    if (!object.has("user_data")) continue;
    EXPECT_EQ(object.text("to").value(), kPhone);
    auto& packet = out.emplace_back();
    for (const std::string& each : object.texts("user_data", 64, 280).value()) {
      const Bytes deliver = must(apdu::ota::deliver("491710000000", must(wire::from_hex(each))));
      packet.push_back(fmt::format("+CMT: ,{}\r\n00{}\r\n", deliver.size(), wire::hex_upper(deliver)));
    }
  }
  return out;
}

struct RenewedByMessages : testing::Test {
  RenewedByMessages() : scene("renewed", "P-256") {
    const std::string code = scene.make_card("CARD-0001");
    const Finished enrolled = scene.enrol("CARD-0001", code);
    EXPECT_EQ(enrolled.exit_code, 0) << enrolled.err << scene.log();
  }
  [[nodiscard]] std::int64_t waiting() const {
    auto answer = scene.operate({"cardsign", "show", "CARD-0001"});
    return answer.object("card").value().integer("updates", 0, 100).value();
  }
  [[nodiscard]] std::string spool() const { return scene.in("platform/sms.jsonl"); }
  // The packet after so many others.
  std::vector<std::string> packet_after(std::size_t count) {
    EXPECT_TRUE(eventually([&] { return packets_in(spool()).size() > count; })) << scene.log();
    const auto packets = packets_in(spool());
    return packets.size() > count ? packets[count] : std::vector<std::string>{};
  }
  CardsignScene scene;
};

TEST_F(RenewedByMessages, a_card_takes_its_certificates_one_packet_after_the_other_and_pays_on) {
  (void)scene.operate({"cardsign", "renew", "CARD-0001"});
  EXPECT_EQ(waiting(), 3);
  EXPECT_TRUE(packets_in(spool()).empty()) << "nobody knows the card's number yet";
  (void)scene.operate({"cardsign", "number", "CARD-0001", kPhone});
  for (std::size_t done = 0; done < 3; ++done) {
    auto lines = packet_after(done);
    ASSERT_GE(lines.size(), 2U);
    std::string modem = "+CMT: ,23\r\n000405812143F500006240512151730005E8329BFD06\r\n";  // a text, which is for people
    std::ranges::reverse(lines);
    for (const std::string& line : lines) modem += line;
    const Finished taken = scene.take_messages("CARD-0001", modem);
    ASSERT_EQ(taken.exit_code, 0) << taken.err << taken.out << scene.log();
    std::vector<wire::JsonObject> told;
    std::istringstream answers(taken.out);
    for (std::string line; std::getline(answers, line);) told.push_back(json_of(line + "\n"));
    ASSERT_EQ(told.size(), lines.size() + 1);
    EXPECT_FALSE(told.front().boolean("for_card").value());
    EXPECT_EQ(told.back().integer("updated", 0, 9).value(), 1);
    EXPECT_EQ(waiting(), static_cast<std::int64_t>(2 - done));
  }
  const Finished paid = scene.pay("CARD-0001", scene.order());
  EXPECT_EQ(paid.exit_code, 0) << paid.err << scene.log();
  EXPECT_EQ(scene.audit().exit_code, 0);
}

TEST_F(RenewedByMessages, the_same_messages_again_change_nothing_and_those_of_another_card_are_of_no_use) {
  (void)scene.operate({"cardsign", "number", "CARD-0001", kPhone});
  (void)scene.operate({"cardsign", "renew", "CARD-0001"});
  std::string modem;
  for (const std::string& line : packet_after(0)) modem += line;
  const std::string code = scene.make_card("CARD-0002");
  ASSERT_EQ(scene.enrol("CARD-0002", code).exit_code, 0);
  EXPECT_NE(scene.take_messages("CARD-0002", modem).exit_code, 0) << "what it answers proves nothing";
  EXPECT_EQ(waiting(), 3);
  for (int i = 0; i < 2; ++i) {
    const Finished taken = scene.take_messages("CARD-0001", modem);
    EXPECT_EQ(taken.exit_code, 0) << taken.err << taken.out << scene.log();
    EXPECT_EQ(waiting(), 2);
  }
  EXPECT_NE(scene.take_messages("CARD-0001", "this is no message\n").exit_code, 0);
  EXPECT_NE(scene.take_messages("CARD-0001", "00\n").exit_code, 0);
}

// Nobody asks, and no proof comes.
TEST(RepeatedMessages, leave_when_their_time_has_come) {
  CardsignScene scene("repeated", "P-256", CardsignScene::Born::with_cards, {"--cardsign-repeat-seconds", "1"});
  ASSERT_EQ(scene.enrol("CARD-0001", scene.make_card("CARD-0001")).exit_code, 0) << scene.log();
  (void)scene.operate({"cardsign", "number", "CARD-0001", kPhone});
  (void)scene.operate({"cardsign", "renew", "CARD-0001"});
  const std::string spool = scene.in("platform/sms.jsonl");
  ASSERT_TRUE(eventually([&] { return packets_in(spool).size() > 1; })) << scene.log();
  const auto packets = packets_in(spool);
  EXPECT_EQ(packets[1], packets[0]);
}

}  // namespace
}  // namespace tf::test
