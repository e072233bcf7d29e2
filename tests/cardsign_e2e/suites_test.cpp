// The other suites through the real programs: a card that signs the hash (classic), and one whose signature the terminal does not see (sealed).
#include <algorithm>

#include "tests/cardsign_e2e/scene.hpp"

namespace tf::test {
namespace {

const std::vector<std::string> kBothSuites = {"--cardsign-suites", "modern,classic"};

std::string told(const Finished& done) { return done.err + done.out; }

bool is_prepare(const std::string& command) { return command.starts_with("8020"); }  // PREPARE PAYMENT in the clear

std::vector<std::string> slots_of(const CardsignScene& scene, const std::string& serial) {
  auto facts = json_of(trustferry({"terminal", "cardsign", "show", "--card", scene.in(serial), "--json"}).out);
  std::vector<std::string> out;
  for (auto& each : facts.objects("slots", 16).value()) out.push_back(each.text("slot").value());
  return out;
}

class ClassicPrograms : public testing::TestWithParam<const char*> {};

TEST_P(ClassicPrograms, a_card_that_may_signs_hashes_with_a_key_of_its_own_and_the_person_is_told) {
  CardsignScene scene(std::string("classic-") + GetParam(), GetParam(), CardsignScene::Born::with_cards, kBothSuites);
  const std::string code = scene.make_card("CARD-0001", {"--sign-hash"});
  ASSERT_EQ(scene.enrol("CARD-0001", code).exit_code, 0) << scene.log();
  EXPECT_EQ(std::ranges::count(slots_of(scene, "CARD-0001"), "hash"), 1);

  const std::string payment = scene.order("One pot of tea", 1250);
  const Finished paid = scene.pay("CARD-0001", payment, "123456", 0, "classic");
  ASSERT_EQ(paid.exit_code, 0) << told(paid) << scene.log();
  EXPECT_NE(paid.err.find("the card signs a hash and does not see the payment itself"), std::string::npos) << paid.err;
  EXPECT_EQ(json_of(paid.out).text("result").value(), "approved");
  EXPECT_EQ(scene.state_of(payment), "signed");
  // The same card pays by structure, too, and its counter goes on.
  const Finished modern = scene.pay("CARD-0001", scene.order("Another", 99));
  ASSERT_EQ(modern.exit_code, 0) << told(modern) << scene.log();
  EXPECT_EQ(modern.err.find("signs a hash"), std::string::npos);
  const Finished wrong = scene.pay("CARD-0001", scene.order(), "000000", 0, "classic");
  EXPECT_NE(told(wrong).find("PIN is wrong"), std::string::npos) << told(wrong);
  EXPECT_EQ(json_of(trustferry({"terminal", "cardsign", "show", "--card", scene.in("CARD-0001"), "--json"}).out).integer("payments", 0, 100).value(), 2);
  EXPECT_EQ(scene.audit().exit_code, 0);
}

INSTANTIATE_TEST_SUITE_P(Keys, ClassicPrograms, testing::Values("P-256", "RSA"), [](const auto& info) { return std::string(info.param) == "RSA" ? "rsa2048" : "p256"; });

TEST(ClassicPrograms, a_platform_that_does_not_allow_it_and_a_card_that_was_not_made_for_it_sign_no_hash) {
  CardsignScene modern("modern-only", "P-256");
  ASSERT_EQ(modern.enrol("CARD-0001", modern.make_card("CARD-0001", {"--sign-hash"})).exit_code, 0) << modern.log();
  EXPECT_EQ(std::ranges::count(slots_of(modern, "CARD-0001"), "hash"), 0);
  const std::string payment = modern.order();
  EXPECT_NE(modern.pay("CARD-0001", payment, "123456", 0, "classic").exit_code, 0);
  EXPECT_EQ(modern.state_of(payment), "open");
  EXPECT_EQ(modern.pay("CARD-0001", payment).exit_code, 0) << modern.log();

  CardsignScene both("classic-card", "P-256", CardsignScene::Born::with_cards, kBothSuites);
  const Finished enrolled = both.enrol("CARD-0001", both.make_card("CARD-0001"));
  const std::string other = both.order();
  EXPECT_NE(both.pay("CARD-0001", other, "123456", 0, "classic").exit_code, 0);
  EXPECT_EQ(both.state_of(other), "open");
}

TEST(SealedPrograms, a_payment_goes_through_a_secure_channel_to_the_card_and_its_signature_back) {
  CardsignScene scene("sealed", "P-256", CardsignScene::Born::with_cards, {"--cardsign-suites", "modern,classic", "--cardsign-sealed", "yes"});
  const std::string code = scene.make_card("CARD-0001", {"--sign-hash"});
  ASSERT_EQ(scene.enrol("CARD-0001", code).exit_code, 0) << scene.log();
  for (const char* suite : {"modern", "classic"}) {
    const std::string payment = scene.order();
    const auto commands = scene.first_commands(payment);
    EXPECT_FALSE(commands.empty());
    EXPECT_TRUE(std::ranges::none_of(commands, is_prepare)) << "PREPARE PAYMENT is for the channel";
    const Finished paid = scene.pay("CARD-0001", payment, "123456", 0, suite);
    ASSERT_EQ(paid.exit_code, 0) << suite << told(paid) << scene.log();
    EXPECT_EQ(json_of(paid.out).text("result").value(), "approved");
    EXPECT_EQ(scene.state_of(payment), "signed");
  }
  const std::string payment = scene.order();
  EXPECT_NE(told(scene.pay("CARD-0001", payment, "000000")).find("PIN is wrong"), std::string::npos);
  EXPECT_EQ(scene.pay("CARD-0001", payment).exit_code, 0) << scene.log();
  EXPECT_EQ(scene.audit().exit_code, 0);

  // Without the setting the terminal sees what the card answers.
  CardsignScene open("unsealed", "P-256");
  ASSERT_EQ(open.enrol("CARD-0001", open.make_card("CARD-0001")).exit_code, 0) << open.log();
  EXPECT_TRUE(std::ranges::any_of(open.first_commands(open.order()), is_prepare));
}

}  // namespace
}  // namespace tf::test
