// What a person does at a real Chromium with a card in a reader: applies, pays, is known by TLS; and what a page may not.
#include <filesystem>

#include "tests/cardsign_browser/scene.hpp"

namespace tf::test {
namespace {

std::string text(wire::JsonObject& object, const char* name) { return object.text(name).value_or("(none)"); }

struct CardsignBrowser : testing::Test {
  BrowserScene& scene = BrowserScene::get();
};

// The first of all: a card is assigned once, and the other tests find it enrolled.
TEST_F(CardsignBrowser, a_certificate_is_applied_for_in_the_browser) {
  auto seen = scene.browse("apply", {{"code", scene.enrolment_code()}});
  EXPECT_EQ(text(seen, "state"), "done") << text(seen, "reason") << scene.log();
  const auto facts = seen.texts("facts", 16).value();
  ASSERT_EQ(facts.size(), 3U);
  EXPECT_EQ(facts[0], kSerial);
  scene.set_enrolled();
  auto card = scene.operate({"cardsign", "show", kSerial}).object("card").value();
  EXPECT_EQ(text(card, "state"), "enrolled");
}

TEST_F(CardsignBrowser, a_page_driven_payment_is_shown_by_the_extension_and_signed_by_the_card) {
  scene.enrol_once();
  const std::string page = scene.order("Two pots of tea", 1250);
  auto seen = scene.browse("pay", {{"page", page}});
  EXPECT_EQ(text(seen, "state"), "done") << text(seen, "reason") << scene.log();
  EXPECT_EQ(text(seen, "result"), "approved");
  auto shown = seen.object("shown").value();
  EXPECT_EQ(text(shown, "amount"), "12.50 CNY");
  EXPECT_EQ(text(shown, "payee"), "SHOP01");
  EXPECT_EQ(text(shown, "subject"), "Two pots of tea");
  EXPECT_EQ(text(shown, "user"), kUser);
  EXPECT_EQ(text(shown, "serial"), kSerial);
  EXPECT_EQ(text(shown, "title"), "Pay with your card?");
  EXPECT_TRUE(shown.boolean("labelled").value()) << "the PIN's field has its label and the focus";
  EXPECT_NE(text(shown, "origin").find(scene.url()), std::string::npos);
  EXPECT_EQ(scene.state_of(page), "signed");
}

TEST_F(CardsignBrowser, the_same_in_chinese) {
  scene.enrol_once();
  auto seen = scene.browse("pay", {{"page", scene.order()}, {"language", "zh-CN"}});
  EXPECT_EQ(text(seen, "state"), "done") << text(seen, "reason");
  EXPECT_EQ(text(seen, "language"), "zh");
  EXPECT_EQ(text(seen, "title"), "用智能卡付款");
  EXPECT_EQ(text(seen, "status"), "已批准");
  auto shown = seen.object("shown").value();
  EXPECT_EQ(text(shown, "title"), "确认用智能卡付款？");
  EXPECT_EQ(text(shown, "language"), "zh");
}

TEST_F(CardsignBrowser, a_wrong_pin_is_told_with_the_tries_that_are_left) {
  scene.enrol_once();
  auto seen = scene.browse("wrong_pin", {{"page", scene.order()}, {"wrong_pin", "000000"}});
  EXPECT_EQ(text(seen, "state"), "done") << text(seen, "reason");
  EXPECT_EQ(text(seen, "result"), "approved");
  auto shown = seen.object("shown").value();
  EXPECT_NE(text(shown, "message").find("Tries left: 2"), std::string::npos) << text(shown, "message");
}

TEST_F(CardsignBrowser, the_person_is_known_by_the_cards_certificate_in_tls) {
  scene.enrol_once();
  auto seen = scene.browse_with_module("account");
  EXPECT_EQ(text(seen, "user"), kUser) << text(seen, "reason") << scene.log();
  EXPECT_EQ(seen.texts("facts", 16).value()[1], kSerial);
}

TEST_F(CardsignBrowser, who_says_no_or_closes_the_window_signs_nothing) {
  scene.enrol_once();
  const std::string page = scene.order();
  auto cancelled = scene.browse("cancel", {{"page", page}});
  EXPECT_EQ(text(cancelled, "reason"), "cancelled");
  auto closed = scene.browse("cancel", {{"page", page}, {"close", "yes"}});
  EXPECT_EQ(text(closed, "reason"), "cancelled");
  EXPECT_EQ(scene.state_of(page), "open");
}

TEST_F(CardsignBrowser, a_page_of_another_origin_is_refused) {
  scene.enrol_once();
  const std::string page = scene.order();
  auto seen = scene.browse("other_origin", {{"page", page}});
  EXPECT_EQ(text(seen, "state"), "failed");
  EXPECT_EQ(text(seen, "reason"), "origin");
  EXPECT_EQ(scene.state_of(page), "open");
}

TEST_F(CardsignBrowser, of_two_pages_at_once_the_second_is_told_busy_and_the_first_goes_on) {
  scene.enrol_once();
  const std::string page = scene.order();
  auto seen = scene.browse("two_pages", {{"page", page}});
  auto second = seen.object("second").value();
  EXPECT_EQ(text(second, "reason"), "busy");
  EXPECT_EQ(text(seen, "result"), "approved") << text(seen, "reason");
  EXPECT_EQ(scene.state_of(page), "signed");
}

TEST_F(CardsignBrowser, a_card_pulled_out_in_the_middle_is_told_and_nothing_is_paid) {
  scene.enrol_once();
  const std::string page = scene.order();
  const std::string shown = scene.in("is-shown"), pulled = scene.in("is-pulled");
  for (const std::string& file : {shown, pulled}) std::filesystem::remove(file);
  Process browser = scene.begin("pulled", {{"page", page}, {"shown", shown}, {"pulled", pulled}});
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(shown) || !browser.running(); }));
  scene.pull_card();
  struct Again {
    BrowserScene& scene;
    ~Again() {
      try {
        scene.insert_card();
      } catch (const std::exception& error) {
        ADD_FAILURE() << error.what();
      }
    }
  };
  auto seen = [&] {
    const Again again{scene};  // whatever comes, the next test finds the card in its reader
    write_text(pulled, "");
    return scene.end(browser);
  }();
  EXPECT_EQ(text(seen, "state"), "failed");
  EXPECT_EQ(text(seen, "reason"), "removed");
  EXPECT_EQ(scene.state_of(page), "open");
  auto again = scene.browse("pay", {{"page", page}});
  EXPECT_EQ(text(again, "result"), "approved") << text(again, "reason");
}

TEST_F(CardsignBrowser, a_page_gets_no_pin_no_display_and_no_command_that_is_not_its_own) {
  scene.enrol_once();
  auto seen = scene.browse("rogue", {{"page", scene.order()}});
  EXPECT_EQ(text(seen, "pin"), "message");
  EXPECT_EQ(text(seen, "puk"), "message");
  EXPECT_EQ(text(seen, "unbegun"), "state") << "a PUK that a page gives is not even read";
  EXPECT_EQ(text(seen, "display"), "message");
  EXPECT_EQ(text(seen, "prototype"), "message");
  EXPECT_EQ(text(seen, "transmit"), "state");
  EXPECT_NE(text(seen, "forged"), "none");
}

TEST_F(CardsignBrowser, a_browser_without_the_extension_is_told_what_is_missing) {
  auto seen = scene.browse("without_extension", {{"page", scene.order()}, {"extension", ""}});
  EXPECT_EQ(text(seen, "reason"), "no_extension");
}

// The card of the terminal, in the first reader, is the PC's in the second: the same page pays with it.
TEST_F(CardsignBrowser, the_terminals_card_is_a_reader_of_the_attached_pc_and_pays_there) {
  scene.enrol_once();
  Process attached = Process::start({trustferry_program(), "terminal", "cardsign", "attach", "--reader", kFirstReader, "--to", "127.0.0.1:35964"}, scene.in("attach.log"));
  ASSERT_TRUE(scene.wait_for_card(kSecondReader, true)) << read_text(scene.in("attach.log"));
  auto seen = scene.browse("pay", {{"page", scene.order()}, {"reader", kSecondReader}});
  EXPECT_EQ(text(seen, "result"), "approved") << text(seen, "reason");
  // Out of the terminal, out of the PC.
  scene.pull_card();
  EXPECT_TRUE(scene.wait_for_card(kSecondReader, false));
  scene.insert_card();
  EXPECT_TRUE(scene.wait_for_card(kSecondReader, true)) << read_text(scene.in("attach.log"));
  attached.send(15);
  EXPECT_EQ(attached.wait(), 0) << read_text(scene.in("attach.log"));
  EXPECT_TRUE(scene.wait_for_card(kSecondReader, false));
}

// A PIN that is blocked, and the PUK entered into the extension's window; the same PIN is set again, so that the other tests find it.
struct CardsignBrowserUnblocks : testing::TestWithParam<const char*> {
  BrowserScene& scene = BrowserScene::get();
};

TEST_P(CardsignBrowserUnblocks, a_blocked_pin_by_the_puk_that_no_page_sees) {
  const bool chinese = std::string_view(GetParam()) == "zh";
  scene.enrol_once();
  const std::string page = scene.order("Unblocked", 300);
  auto seen = scene.browse("unblock", {{"page", page}, {"wrong_pin", "000000"}, {"puk", "12345678"}, {"wrong_puk", "87654321"}, {"language", chinese ? "zh-CN" : "en-GB"}});
  auto part = [&](const char* name) { return seen.object(name).value(); };
  auto blocked = part("blocked"), shown = part("shown"), cancelled = part("cancelled"), no_pin = part("no_pin"), differs = part("differs"), wrong = part("wrong"), unblocked = part("unblocked"),
       heard = part("heard");
  EXPECT_EQ(text(blocked, "reason"), "pin_blocked");
  EXPECT_EQ(text(shown, "language"), GetParam());
  EXPECT_EQ(text(shown, "title"), chinese ? "用 PUK 码设置新的 PIN 码？" : "Set a new PIN with the PUK?");
  EXPECT_EQ(text(shown, "about"), chinese ? "该智能卡的 PIN 码因多次输入错误已被锁定。" : "The PIN of this card is blocked after too many wrong tries.");
  EXPECT_EQ(text(shown, "serial"), kSerial);
  EXPECT_EQ(text(shown, "focus"), "puk");
  EXPECT_TRUE(shown.boolean("labelled").value());
  EXPECT_EQ(text(cancelled, "reason"), "cancelled");
  EXPECT_EQ(text(no_pin, "focus"), "pin");
  EXPECT_EQ(text(differs, "message"), chinese ? "两次输入的新 PIN 码不一致。" : "The two new PINs are not the same.");
  EXPECT_EQ(text(differs, "focus"), "again");
  EXPECT_EQ(text(wrong, "focus"), "puk");
  EXPECT_NE(text(wrong, "message").find(chinese ? "剩余次数：2" : "Tries left: 2"), std::string::npos) << text(wrong, "message");
  EXPECT_NE(text(wrong, "hint").find("2"), std::string::npos);
  EXPECT_EQ(text(unblocked, "state"), "done") << text(unblocked, "reason");
  EXPECT_EQ(text(unblocked, "status"), chinese ? "新的 PIN 码已设置，现在可以付款。" : "The new PIN is set. You can pay now.");
  EXPECT_FALSE(seen.boolean("offered").value());
  EXPECT_EQ(text(seen, "result"), "approved") << text(seen, "reason") << scene.log();
  EXPECT_EQ(scene.state_of(page), "signed");
  EXPECT_GT(heard.integer("messages", 0, 10'000).value(), 20);
  EXPECT_FALSE(heard.boolean("puk").value());
  EXPECT_FALSE(heard.boolean("wrong_puk").value());
}
INSTANTIATE_TEST_SUITE_P(Languages, CardsignBrowserUnblocks, testing::Values("en", "zh"), [](const auto& info) { return std::string(info.param); });

TEST_F(CardsignBrowser, the_terminal_itself_pays_over_pcsc_and_shows_the_card) {
  scene.enrol_once();
  const std::string page = scene.order();
  write_text(scene.in("pin"), "123456\n");
  const Finished paid = scene.terminal({"pay", "--payment", page.substr(page.rfind('/') + 1), "--url", scene.url(), "--manufacturers", scene.manufacturers(), "--pin", "@" + scene.in("pin")});
  ASSERT_EQ(paid.exit_code, 0) << paid.err;
  EXPECT_EQ(json_of(paid.out).text("result").value(), "approved");
  EXPECT_NE(paid.err.find("12.50 CNY"), std::string::npos) << paid.err;
  EXPECT_EQ(scene.state_of(page), "signed");
}

}  // namespace
}  // namespace tf::test
