// The bridge with a real card in a scripted reader; the platform's display is real too.
#include "terminal/cardsign/bridge.hpp"

#include "apdu/tlv.hpp"
#include "tests/support/expect.hpp"
#include "tests/terminal_cardsign/site.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::terminal::test {
namespace {

constexpr const char* kOrigin = "https://pay.example";
constexpr const char* kExtension = "nhifbgnehamijphgfihpddakcklhpgof";

struct Bridges : testing::Test {
  Site site;
  bool taken = false;   // by another program
  int locks = 0;        // held now
  std::int64_t last_id = 0;
  std::unique_ptr<Bridge> bridge = make();

  std::unique_ptr<Bridge> make() {
    const Bridge::Ports ports{.clock = site.clock, .library = site.pcsc, .money = [](std::uint64_t amount, const std::string& currency) { return std::to_string(amount) + "/" + currency; },
                              .lock = [this]() -> Result<std::shared_ptr<void>> {
                                if (taken) return Error{Code::conflict, "bridge.busy", ""};
                                ++locks;
                                return std::shared_ptr<void>(nullptr, [this](void*) { --locks; });
                              }};
    return std::make_unique<Bridge>(BridgeSettings{{kExtension}, {kOrigin, "https://shop.example:8443"}, *site.trust}, ports);
  }

  wire::JsonObject ask(const std::string& members, const std::string& origin = kOrigin) {
    const std::string text = R"({"id":)" + std::to_string(++last_id) + R"(,"origin":")" + origin + R"(",)" + members + "}";
    auto answer = wire::JsonObject::parse(bridge->answer(SecretBytes(as_bytes(text))), {.size = kMaxNativeAnswer, .depth = 4}).value();
    EXPECT_EQ(answer.integer("id", 0, 1'000'000).value(), last_id);
    return answer;
  }
  std::string reason(const std::string& members, const std::string& origin = kOrigin) {
    auto answer = ask(members, origin);
    return answer.has("error") ? answer.object("error")->text("reason").value() : "none";
  }
  static std::string transmit(const Bytes& command) { return R"("op":"transmit","commands":[")" + wire::base64url(command) + R"("])"; }
  std::string display(const cardsign::DisplayClaim& claim) {
    const cardsign::SessionReply reply{.session = std::string(22, 's'), .step = 2, .next = site.display(claim)};
    wire::JsonWriter writer;
    writer.begin_object().member("op", "display").member("reply", encode(reply)).member("keys", encode(site.keys)).end_object();
    const std::string whole = writer.take();
    return whole.substr(1, whole.size() - 2);
  }
};

const Bytes kSelect = [] {
  return apdu::shield::select().encode().value();
}();

TEST_F(Bridges, lists_readers_and_carries_commands_unchanged) {
  auto listed = ask(R"("op":"readers")");
  auto readers = listed.objects("readers", 4).value();
  ASSERT_EQ(readers.size(), 1U);
  EXPECT_EQ(readers.front().text("name").value(), kReader);
  EXPECT_TRUE(readers.front().boolean("card").value());
  EXPECT_EQ(ask(R"("op":"begin")").text("reader").value(), kReader);
  site.pcsc.sent.clear();
  auto answered = ask(transmit(kSelect));
  EXPECT_EQ(site.pcsc.sent.front(), kSelect);
  const auto answers = answered.texts("answers", 4).value();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_TRUE(answers.front().ends_with("kAA") || answers.front().ends_with("AA"));
  EXPECT_EQ(reason(R"("op":"end")"), "none");
  EXPECT_EQ(site.pcsc.connected, 0);
  EXPECT_EQ(locks, 0);
}

TEST_F(Bridges, pages_of_other_origins_get_nothing) {
  for (const char* origin : {"https://evil.example", "http://pay.example", "https://pay.example:8443", "https://pay.example.evil.example", "https://PAY.example", "null", "",
                             "https://pay.example/"}) {
    for (const char* op : {R"("op":"readers")", R"("op":"begin")", R"("op":"pin","pin":"123456")", R"("op":"end")"}) EXPECT_EQ(reason(op, origin), "origin") << origin;
  }
  EXPECT_TRUE(site.pcsc.sent.empty());
  EXPECT_EQ(reason(R"("op":"readers")", "https://shop.example:8443"), "none");
}

TEST_F(Bridges, one_program_serves_one_page_of_one_origin) {
  EXPECT_EQ(reason(R"("op":"begin")"), "none");
  EXPECT_EQ(reason(transmit(kSelect), "https://shop.example:8443"), "origin");
}

TEST_F(Bridges, another_program_at_the_card_is_told_as_busy) {
  taken = true;
  EXPECT_EQ(reason(R"("op":"begin")"), "busy");
  EXPECT_EQ(reason(transmit(kSelect)), "state");
  taken = false;
  EXPECT_EQ(reason(R"("op":"begin")"), "none");
  EXPECT_EQ(locks, 1);
  bridge.reset();
  EXPECT_EQ(locks, 0);
}

TEST_F(Bridges, says_what_is_wrong_with_reader_and_card_and_holds_nothing_then) {
  auto& slot = site.pcsc.readers[kReader];
  slot.card = false;
  EXPECT_EQ(reason(R"("op":"begin")"), "no_card");
  slot = {.card = true, .exclusive = true};
  EXPECT_EQ(reason(R"("op":"begin")"), "in_use");
  EXPECT_EQ(reason(R"("op":"begin","reader":"Other")"), "no_reader");
  site.pcsc.readers.clear();
  EXPECT_EQ(reason(R"("op":"begin")"), "no_reader");
  site.pcsc.service = false;
  EXPECT_EQ(reason(R"("op":"begin")"), "no_service");
  EXPECT_EQ(locks, 0);
}

TEST_F(Bridges, a_card_pulled_out_in_the_middle_is_told_and_the_session_is_over) {
  EXPECT_EQ(reason(R"("op":"begin")"), "none");
  site.pcsc.pull_card(kReader);
  EXPECT_EQ(reason(transmit(kSelect)), "removed");
  EXPECT_EQ(reason(transmit(kSelect)), "state");
  EXPECT_EQ(locks, 0);
}

TEST_F(Bridges, a_card_reset_by_another_program_is_told) {
  EXPECT_EQ(reason(R"("op":"begin")"), "none");
  site.pcsc.reset_card();
  EXPECT_EQ(reason(transmit(kSelect)), "reset");
}

TEST_F(Bridges, gives_what_is_to_be_shown_and_seals_one_pin_for_it) {
  EXPECT_EQ(reason(R"("op":"begin")"), "none");
  auto shown = ask(display(site.claim()));
  EXPECT_EQ(shown.text("payee").value(), "SHOP01");
  EXPECT_EQ(shown.text("amount").value(), "1250/EUR");
  EXPECT_EQ(shown.text("order").value(), "2026-0001");
  EXPECT_EQ(shown.text("subject").value(), "Tea");
  EXPECT_EQ(shown.text("serial").value(), card::test::kSerial);
  EXPECT_TRUE(shown.boolean("seen_by_card").value());
  EXPECT_EQ(reason(R"("op":"pin","pin":"12")"), "pin");  // none; the person may enter it again
  EXPECT_FALSE(ask(R"("op":"pin","pin":"123456")").base64url("pin_envelope", 65, 512).value().empty());
  EXPECT_EQ(reason(R"("op":"pin","pin":"123456")"), "state");
}

TEST_F(Bridges, takes_no_pin_for_what_was_not_shown) {
  EXPECT_EQ(reason(R"("op":"pin","pin":"123456")"), "state");
  EXPECT_EQ(reason(display(site.claim())), "state");
  EXPECT_EQ(reason(R"("op":"begin")"), "none");
  EXPECT_EQ(reason(R"("op":"pin","pin":"123456")"), "state");
  EXPECT_EQ(reason(display(site.claim())), "none");
  EXPECT_EQ(reason(transmit(kSelect)), "none");  // something else happened since
  EXPECT_EQ(reason(R"("op":"pin","pin":"123456")"), "state");
}

TEST_F(Bridges, shows_nothing_that_it_does_not_believe_and_takes_no_pin_for_it) {
  EXPECT_EQ(reason(R"("op":"begin")"), "none");
  EXPECT_EQ(reason(display(site.claim())), "none");
  auto claim = site.claim();
  claim.serial = "CARD-0002";
  EXPECT_EQ(reason(display(claim)), "display");
  EXPECT_EQ(reason(R"("op":"pin","pin":"123456")"), "state");
  claim = site.claim();
  claim.platform = "other";
  EXPECT_EQ(reason(display(claim)), "display");
  EXPECT_EQ(reason(R"("op":"display","reply":"{}","keys":"{}")"), "message");
  const cardsign::SessionReply commands{.session = std::string(22, 's'), .step = 1, .next = cardsign::Commands{{kSelect}}};
  wire::JsonWriter writer;
  writer.begin_object().member("op", "display").member("reply", encode(commands)).member("keys", encode(site.keys)).end_object();
  EXPECT_EQ(reason(writer.text().substr(1, writer.text().size() - 2)), "state");
  site.clock.set(site.order.expires_ms);
  EXPECT_EQ(reason(display(site.claim())), "expired");
}

// The PIN's tries are used up at the card itself.
void block_pin(Site& site) {
  auto& pins = site.card.services().pins;
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(pins.verify(card::kPin, as_bytes(std::string_view("000000\xff\xff"))).has_value());
}

TEST_F(Bridges, sets_a_new_pin_by_the_puk_and_says_how_many_tries_are_left) {
  EXPECT_EQ(reason(R"("op":"pin_state")"), "state");
  EXPECT_EQ(reason(R"("op":"unblock","puk":"12345678","pin":"135790")"), "state");
  block_pin(site);
  EXPECT_EQ(reason(R"("op":"begin")"), "none");
  auto state = ask(R"("op":"pin_state")");
  EXPECT_EQ(state.text("serial").value(), card::test::kSerial);
  EXPECT_EQ(state.integer("pin_tries", 0, 15).value(), 0);
  EXPECT_EQ(state.integer("puk_tries", 0, 15).value(), 3);
  EXPECT_EQ(reason(R"("op":"unblock","puk":"12345678","pin":"12ab56")"), "pin") << "what the card does not take costs no try";
  EXPECT_EQ(reason(R"("op":"unblock","puk":"12345678","pin":"123")"), "pin");
  auto wrong = ask(R"("op":"unblock","puk":"87654321","pin":"135790")");
  EXPECT_FALSE(wrong.boolean("unblocked").value());
  EXPECT_EQ(wrong.integer("tries", 0, 15).value(), 2);
  EXPECT_EQ(ask(R"("op":"pin_state")").integer("pin_tries", 0, 15).value(), 0);
  EXPECT_TRUE(ask(R"("op":"unblock","puk":"12345678","pin":"135790")").boolean("unblocked").value());
  auto after = ask(R"("op":"pin_state")");
  EXPECT_EQ(after.integer("pin_tries", 0, 15).value(), 3);
  EXPECT_EQ(after.integer("puk_tries", 0, 15).value(), 3);
  EXPECT_TRUE(site.card.services().pins.verify(card::kPin, as_bytes(std::string_view("135790\xff\xff"))).has_value());
}

TEST_F(Bridges, of_a_container_of_its_own_alone_the_pin_is_set) {
  EXPECT_EQ(reason(R"("op":"begin")"), "none");
  EXPECT_FALSE(ask(R"("op":"unblock","container":1,"puk":"12345678","pin":"135790")").boolean("unblocked").value()) << "the owner's PUK";
  EXPECT_TRUE(ask(R"("op":"unblock","container":1,"puk":"11111111","pin":"135790")").boolean("unblocked").value());
  EXPECT_EQ(reason(R"("op":"unblock","container":7,"puk":"11111111","pin":"135790")"), "failed");
  EXPECT_TRUE(site.card.services().pins.verify(card::kPin, as_bytes(std::string_view("123456\xff\xff"))).has_value());
}

TEST_F(Bridges, a_puk_without_tries_is_told_and_goes_no_further) {
  EXPECT_EQ(reason(R"("op":"begin")"), "none");
  for (int left = 2; left > 0; --left) EXPECT_EQ(ask(R"("op":"unblock","puk":"87654321","pin":"135790")").integer("tries", 0, 15).value(), left);
  EXPECT_EQ(reason(R"("op":"unblock","puk":"87654321","pin":"135790")"), "puk_blocked");
  EXPECT_EQ(reason(R"("op":"unblock","puk":"12345678","pin":"135790")"), "puk_blocked");
}

TEST_F(Bridges, a_puk_goes_to_no_card_of_a_manufacturer_that_is_not_trusted_and_ends_what_was_shown) {
  EXPECT_EQ(reason(R"("op":"begin")"), "none");
  EXPECT_EQ(reason(display(site.claim())), "none");
  EXPECT_EQ(reason(R"("op":"pin_state")"), "none");
  EXPECT_EQ(reason(R"("op":"pin","pin":"123456")"), "state");
  site.trust->manufacturers = {site.trust->root};
  bridge = make();
  EXPECT_EQ(reason(R"("op":"begin")"), "none");
  site.pcsc.sent.clear();
  EXPECT_EQ(reason(R"("op":"unblock","puk":"12345678","pin":"135790")"), "card");
  for (const Bytes& sent : site.pcsc.sent) EXPECT_NE(sent.at(1), 0x2C) << "RESET RETRY COUNTER";
}

TEST_F(Bridges, a_card_pulled_out_before_the_puk_ends_the_session) {
  EXPECT_EQ(reason(R"("op":"begin")"), "none");
  site.pcsc.pull_card(kReader);
  EXPECT_EQ(reason(R"("op":"unblock","puk":"12345678","pin":"135790")"), "removed");
  EXPECT_EQ(reason(R"("op":"pin_state")"), "state");
  EXPECT_EQ(locks, 0);
}

TEST_F(Bridges, what_it_does_not_understand_is_answered_and_ends_nothing) {
  const auto wrong = [&](std::string_view text) {
    auto answer = wire::JsonObject::parse(bridge->answer(SecretBytes(as_bytes(text)))).value();
    return answer.object("error")->text("reason").value();
  };
  EXPECT_EQ(wrong("{"), "message");
  EXPECT_EQ(wrong(R"({"id":3,"op":"sign","origin":"https://pay.example"})"), "message");
  EXPECT_EQ(reason(R"("op":"readers")"), "none");
}

TEST(BridgeSettings, what_install_writes_is_read_again_and_names_who_may) {
  Site site;
  const BridgeSettings settings{{kExtension}, {kOrigin}, *site.trust};
  const std::string directory = site.directory.file("");
  ASSERT_OK(write_bridge_settings(directory, settings));
  const auto read = read_bridge_settings(directory);
  ASSERT_OK(read);
  EXPECT_EQ(read->origins, settings.origins);
  EXPECT_EQ(read->trust.manufacturers.size(), 1U);
  EXPECT_OK(check_caller(*read, std::string("chrome-extension://") + kExtension + "/"));
  for (const char* caller : {"", "chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/", "nhifbgnehamijphgfihpddakcklhpgof", "https://pay.example"})
    EXPECT_REFUSED(check_caller(*read, caller), Code::denied, "bridge.extension");
  EXPECT_NE(host_manifest(settings, "/opt/x").find(R"("allowed_origins":["chrome-extension://nhifbgnehamijphgfihpddakcklhpgof/"])"), std::string::npos);
  EXPECT_REFUSED(read_bridge_settings(directory + "/none"), Code::not_found, "bridge.not_installed");
}

TEST(BridgeSettings, an_origin_is_written_as_browsers_write_it) {
  for (const char* good : {"https://pay.example", "https://pay.example:8443", "https://127.0.0.1:8449"}) EXPECT_EQ(parse_origin(good).value(), good);
  for (const char* bad : {"http://pay.example", "https://pay.example/", "https://pay.example:443", "https://Pay.example", "pay.example", "https://", "https://*", "null"})
    EXPECT_REFUSED(parse_origin(bad), Code::invalid, "bridge.origin");
}

}  // namespace
}  // namespace tf::terminal::test
