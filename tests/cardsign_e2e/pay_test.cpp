// A card in the terminal's own process makes its keys, gets its certificates and pays, with P-256 and with RSA-2048; without pcscd.
#include <filesystem>

#include "tests/cardsign_e2e/scene.hpp"

namespace tf::test {
namespace {

class CardsignPrograms : public testing::TestWithParam<const char*> {};

std::string text(wire::JsonObject& object, const char* name) { return object.text(name).value_or("(none)"); }

TEST_P(CardsignPrograms, enrol_a_card_and_pay_with_it) {
  const std::string keys = GetParam();
  CardsignScene scene(keys, keys);
  const std::string code = scene.make_card("CARD-0001");
  const Finished enrolled = scene.enrol("CARD-0001", code);
  ASSERT_EQ(enrolled.exit_code, 0) << enrolled.err << scene.log();
  EXPECT_NE(scene.enrol("CARD-0001", code).exit_code, 0) << "a code is for once";
  // The slots' keys are what the platform asked for.
  auto shown = json_of(trustferry({"card", "show", "--directory", scene.in("CARD-0001"), "--json"}).out);
  int payment_keys = 0;
  for (auto& key : shown.objects("keys", 16).value()) {
    if (text(key, "container") != "piv") continue;
    EXPECT_EQ(text(key, "algorithm"), keys == "RSA" ? "RSA-2048" : "P-256");
    EXPECT_EQ(text(key, "origin"), "generated");
    payment_keys += text(key, "key") == "01" ? 1 : 0;
  }
  EXPECT_EQ(payment_keys, 1);

  const std::string payment = scene.order("One pot of tea", 1250);
  const Finished wrong = scene.pay("CARD-0001", payment, "000000");
  EXPECT_NE(wrong.exit_code, 0);
  EXPECT_NE((wrong.err + wrong.out).find("PIN is wrong"), std::string::npos) << wrong.err << wrong.out;
  const Finished paid = scene.pay("CARD-0001", payment);
  ASSERT_EQ(paid.exit_code, 0) << paid.err << scene.log();
  auto result = json_of(paid.out);
  EXPECT_EQ(text(result, "result"), "approved");
  EXPECT_EQ(result.integer("amount", 0, 1'000'000).value(), 1250);
  EXPECT_EQ(text(result, "serial"), "CARD-0001");
  EXPECT_EQ(scene.state_of(payment), "signed");

  // Another card, of the same maker, that was never enrolled: pays nothing.
  (void)scene.make_card("CARD-0002");
  EXPECT_NE(scene.pay("CARD-0002", scene.order()).exit_code, 0);
  // Every payment is counted by the card, across processes.
  EXPECT_EQ(scene.pay("CARD-0001", scene.order("Another", 99)).exit_code, 0) << scene.log();
  const Finished facts = trustferry({"terminal", "cardsign", "show", "--card", scene.in("CARD-0001"), "--json"});
  ASSERT_EQ(facts.exit_code, 0) << facts.err;
  EXPECT_EQ(json_of(facts.out).integer("payments", 0, 100).value(), 2);
  // What a later version brought is asked for by name; this platform lacks nothing but what is taken from it here.
  const auto administer = [&](const std::vector<std::string>& words) { return scene.on_platform(words).exit_code; };
  EXPECT_EQ(administer({"work", "request", "--authorities-only", "--out", scene.in("request.json")}), 8);
  std::filesystem::remove(scene.in("platform/profiles/cardsign-signature.toml"));
  EXPECT_EQ(scene.operate({"pki", "profiles"}).texts("missing", 10, 64).value(), std::vector<std::string>{"cardsign-signature"});
  EXPECT_EQ(administer({"pki", "profile", "add", "cardsign-signature"}), 0);
  EXPECT_EQ(administer({"pki", "profile", "add", "cardsign-signature"}), 8);
  EXPECT_EQ(administer({"pki", "profile", "add", "no-such"}), 4);
  EXPECT_TRUE(scene.operate({"pki", "profiles"}).texts("missing", 10, 64).value().empty());
  EXPECT_TRUE(scene.operate({"pki", "authorities"}).texts("missing", 10, 64).value().empty());
  const Finished audit = scene.audit();
  EXPECT_EQ(audit.exit_code, 0) << audit.err << audit.out;
}

TEST_P(CardsignPrograms, give_a_further_person_keys_and_a_pin_of_their_own_on_the_same_card) {
  CardsignScene scene(std::string(GetParam()) + "-two", GetParam());
  const std::string code = scene.make_card("CARD-0001");
  const std::vector<std::string> add{"cardsign", "container", "add", "CARD-0001", "--user", "berta"};
  EXPECT_EQ(scene.on_platform(add).exit_code, 8) << "nobody enrolled the card yet";
  EXPECT_EQ(scene.on_platform({"cardsign", "container", "add", "CARD-0001", "--user", "berta", "--container", "16"}).exit_code, 2);
  EXPECT_EQ(scene.on_platform({"cardsign", "container", "add", "CARD-0001", "--user", "-"}).exit_code, 3);
  EXPECT_EQ(scene.on_platform({"cardsign", "container", "add", "CARD-0009", "--user", "berta"}).exit_code, 4);
  ASSERT_EQ(scene.enrol("CARD-0001", code).exit_code, 0) << scene.log();
  auto ordered = scene.operate({"cardsign", "container", "add", "CARD-0001", "--user", "berta"});
  EXPECT_EQ(ordered.integer("container", 1, 15).value(), 1);
  const Finished enrolled = scene.enrol("CARD-0001", text(ordered, "code"));
  ASSERT_EQ(enrolled.exit_code, 0) << enrolled.err << scene.log();
  EXPECT_EQ(scene.on_platform(add).exit_code, 8) << "it is made";
  EXPECT_NE(scene.unblock("CARD-0001", 1, "WRONG123", "246802").exit_code, 0);
  const Finished set = scene.unblock("CARD-0001", 1, text(ordered, "puk"), "246802");
  ASSERT_EQ(set.exit_code, 0) << set.err;

  scene.give_account("berta", "13800000002");
  EXPECT_NE(scene.pay("CARD-0001", scene.order("Cake", 300, "berta"), "123456", 1).exit_code, 0) << "anna's PIN";
  const Finished paid = scene.pay("CARD-0001", scene.order("Cake", 300, "berta"), "246802", 1);
  ASSERT_EQ(paid.exit_code, 0) << paid.err << scene.log();
  auto result = json_of(paid.out);
  EXPECT_EQ(text(result, "user"), "berta");
  EXPECT_NE(scene.pay("CARD-0001", scene.order("Cake", 300, "berta"), "123456").exit_code, 0) << "berta's order is not anna's to pay";
  EXPECT_EQ(scene.pay("CARD-0001", scene.order("Tea", 200)).exit_code, 0) << scene.log();
  // Both have a certificate to be written to by.
  for (const char* container : {"0", "1"}) {
    const Finished shown = trustferry({"terminal", "cardsign", "show", "--card", scene.in("CARD-0001"), "--container", container, "--json"});
    ASSERT_EQ(shown.exit_code, 0) << shown.err;
    auto facts = json_of(shown.out);
    std::vector<std::string> slots;
    for (auto& each : facts.objects("slots", 16).value()) slots.push_back(text(each, "slot"));
    EXPECT_EQ(slots, (std::vector<std::string>{"payment", "card", "encryption"}));
  }

  // berta leaves; anna goes on.
  const auto remove = [&](const char* container) { return scene.on_platform({"cardsign", "container", "remove", "CARD-0001", container}).exit_code; };
  EXPECT_EQ(remove("0"), 8) << "the card's own person";
  EXPECT_EQ(remove("2"), 4);
  EXPECT_EQ(remove("16"), 2);
  auto removed = scene.operate({"cardsign", "container", "remove", "CARD-0001", "1"});
  EXPECT_EQ(text(removed, "state"), "removing");
  EXPECT_EQ(text(removed, "user"), "berta");
  EXPECT_EQ(removed.integer("revoked", 0, 100).value(), 3);
  const auto listed = [&] { return scene.on_platform({"cardsign", "list"}).out; };
  EXPECT_TRUE(listed().contains("anna, berta (removing)")) << listed();
  EXPECT_EQ(scene.pay("CARD-0001", scene.order("Tea", 200)).exit_code, 0) << scene.log();
  EXPECT_FALSE(listed().contains("berta")) << listed();
  const Finished gone = trustferry({"card", "show", "--directory", scene.in("CARD-0001"), "--json"});
  EXPECT_FALSE(gone.out.contains("user/1")) << gone.out;
  const Finished late = scene.pay("CARD-0001", scene.order("Cake", 300, "berta"), "246802", 1);
  EXPECT_NE(late.exit_code, 0);
  auto again = scene.operate({"cardsign", "container", "add", "CARD-0001", "--user", "carla"});
  EXPECT_EQ(again.integer("container", 1, 15).value(), 1) << "the number is free";
  EXPECT_EQ(scene.audit().exit_code, 0);
}

TEST(CardsignOfAnOlderPlatform, begins_once_the_root_signed_the_authority_that_was_missing) {
  CardsignScene scene("older", "P-256", CardsignScene::Born::before_cards);
  auto enable = scene.options("");
  enable.insert(enable.begin(), {"cardsign", "enable"});
  EXPECT_EQ(scene.operate({"pki", "authorities"}).texts("missing", 10, 64).value(), std::vector<std::string>{"cards"});
  const Finished early = scene.on_platform(enable);
  EXPECT_EQ(early.exit_code, 3);
  EXPECT_NE(early.err.find("no profile cardsign-"), std::string::npos) << early.err;
  EXPECT_NE(scene.on_platform({"pki", "profile", "add", "cardsign-payment"}).exit_code, 0) << "its authority is not there";

  ASSERT_EQ(scene.on_platform({"work", "request", "--authorities-only", "--out", scene.in("request.json")}).exit_code, 0);
  const Finished signed_by_root = trustferry({"root", "sign", scene.in("request.json"), "--root-key", scene.in("offline/root.key"), "--root", scene.in("platform/root.crt"), "--out",
                                              scene.in("answer.json"), "--passphrase-file", scene.in("passphrase")});
  ASSERT_EQ(signed_by_root.exit_code, 0) << signed_by_root.err;
  EXPECT_NE(signed_by_root.out.find("authority-cards"), std::string::npos) << "whoever signs sees what";
  const Finished installed = scene.on_platform({"work", "install", scene.in("answer.json")});
  ASSERT_EQ(installed.exit_code, 0) << installed.err;
  const Finished enabled = scene.on_platform(enable);
  ASSERT_EQ(enabled.exit_code, 0) << enabled.err;
  scene.stop();
  scene.serve();
  EXPECT_TRUE(scene.operate({"pki", "authorities"}).texts("missing", 10, 64).value().empty());
  scene.prepare_for_cards();
  const std::string code = scene.make_card("CARD-0001");
  ASSERT_EQ(scene.enrol("CARD-0001", code).exit_code, 0) << scene.log();
  EXPECT_EQ(scene.pay("CARD-0001", scene.order()).exit_code, 0) << scene.log();
  const Finished audit = scene.audit();
  EXPECT_EQ(audit.exit_code, 0) << audit.err << audit.out;
}

INSTANTIATE_TEST_SUITE_P(Keys, CardsignPrograms, testing::Values("P-256", "RSA"), [](const auto& info) { return std::string(info.param) == "RSA" ? "rsa2048" : "p256"; });

}  // namespace
}  // namespace tf::test
