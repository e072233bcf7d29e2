// [wallet] and [cardsign] as options give them: what init writes of them is what serve reads, and what is added later leaves the rest alone.
#include "platform/config/settings.hpp"

#include <gmock/gmock.h>

#include "base/file.hpp"
#include "platform/config/table.hpp"
#include "tests/support/estate.hpp"
#include "tests/support/expect.hpp"

namespace tf::platform::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Words = std::vector<std::string>;

const std::vector<Setting> kAll = {{.section = "wallet", .key = "listen", .value = "0.0.0.0:9447"},
                                   {.section = "wallet", .key = "name", .value = "pay.example"},
                                   {.section = "wallet", .key = "critical", .value = Words{"CNY 1000.00"}},
                                   {.section = "wallet", .key = "keys_ahead", .value = std::int64_t{9}},
                                   {.section = "wallet", .key = "webhook_anchors_file", .value = "shops.pem"},
                                   {.section = "wallet.sms", .key = "kind", .value = "smpp"},
                                   {.section = "wallet.sms", .key = "address", .value = "10.0.0.9:2775"},
                                   {.section = "cardsign", .key = "slots", .value = Words{"payment", "card"}},
                                   {.section = "cardsign", .key = "keys", .value = "RSA"},
                                   {.section = "cardsign", .key = "code_hours", .value = std::int64_t{5}}};

void expect_all(const Config& config) {
  ASSERT_TRUE(config.wallet && config.cardsign);
  EXPECT_EQ(config.wallet->listen.text(), "0.0.0.0:9447");
  EXPECT_EQ(config.wallet->policy.critical_from.at("CNY"), 100'000);
  EXPECT_EQ(config.wallet->keys_ahead, 9);
  EXPECT_EQ(config.wallet->webhook_anchors_file, "shops.pem");
  EXPECT_EQ(config.wallet->sms.kind, SmsConfig::Kind::smpp);
  EXPECT_EQ(config.wallet->sms.smpp.text(), "10.0.0.9:2775");
  EXPECT_EQ(config.cardsign->name, "pay.example") << "the wallet's";
  EXPECT_EQ(config.cardsign->policy.slots, (std::vector{cardsign::Slot::payment, cardsign::Slot::card}));
  EXPECT_TRUE(config.cardsign->policy.rsa);
  EXPECT_EQ(config.cardsign->policy.code_hours, 5);
}

TEST(GivenSettings, are_in_the_file_that_init_writes) {
  Config config;
  ASSERT_OK(take_settings(config, kAll));
  expect_all(config);
  expect_all(tf::test::must(parse_config(default_config_text(config), "platform.toml")));
}

TEST(GivenSettings, may_be_none_but_the_sections_name) {
  Config config;
  ASSERT_OK(take_settings(config, {{.section = "wallet"}, {.section = "cardsign"}}));
  EXPECT_EQ(configuration::text_of(*config.wallet), configuration::text_of(WalletConfig{}));
  EXPECT_EQ(configuration::text_of(*config.cardsign), configuration::text_of(CardsignConfig{}));
}

struct BadSettings {
  const char* name;
  std::vector<Setting> settings;
  const char* reason;
  const char* says;
};
class RefusedSettings : public testing::TestWithParam<BadSettings> {};
INSTANTIATE_TEST_SUITE_P(Settings, RefusedSettings, testing::Values(
    BadSettings{"no_wallet", {{.section = "cardsign"}}, "config.value", "[cardsign] needs [wallet]"},
    BadSettings{"a_port_alone", {{.section = "wallet", .key = "listen", .value = "8447"}}, "config.listen", "\"8447\" is not ADDRESS:PORT"},
    BadSettings{"no_port", {{.section = "wallet"}, {.section = "cardsign", .key = "listen", .value = "localhost"}}, "config.listen", "localhost"},
    BadSettings{"no_such_slot", {{.section = "wallet"}, {.section = "cardsign", .key = "slots", .value = Words{"payment", "fingerprint"}}}, "cardsign.slot", "a slot is"},
    BadSettings{"no_payment_slot", {{.section = "wallet"}, {.section = "cardsign", .key = "slots", .value = Words{"card"}}}, "config.value", "cardsign.slots has payment in it"},
    BadSettings{"no_such_keys", {{.section = "wallet"}, {.section = "cardsign", .key = "keys", .value = "P-521"}}, "config.value", "keys is \"P-256\" or \"RSA\""},
    BadSettings{"too_many_hours", {{.section = "wallet"}, {.section = "cardsign", .key = "code_hours", .value = std::int64_t{9000}}}, "config.value", "code_hours is a number from 1 to 8760"},
    BadSettings{"no_such_suite", {{.section = "wallet", .key = "suites", .value = Words{"ancient"}}}, "wallet.unknown_suite", "modern and classic"},
    BadSettings{"no_such_setting", {{.section = "wallet", .key = "colour", .value = "red"}}, "config.unknown_key", "wallet.colour"},
    BadSettings{"a_quote", {{.section = "wallet", .key = "rules", .value = "a\"b"}}, "config.value", "wallet.rules has a quote"},
    BadSettings{"a_line_break", {{.section = "wallet", .key = "critical", .value = Words{"CNY 1.00\n[server]"}}}, "config.value", "wallet.critical has a quote, a backslash or a control character"},
    BadSettings{"an_amount_without_currency", {{.section = "wallet", .key = "critical", .value = Words{"1000.00"}}}, "config.value", "wallet.critical"},
    BadSettings{"no_such_kind_of_sms", {{.section = "wallet.sms", .key = "kind", .value = "pigeon"}}, "config.value", "wallet.sms.kind"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_P(RefusedSettings, say_what_is_wrong) {
  Config config;
  const Status taken = take_settings(config, GetParam().settings);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code == Code::invalid || taken.error().code == Code::malformed, true);
  EXPECT_STREQ(taken.error().reason, GetParam().reason) << taken.error().detail;
  EXPECT_THAT(taken.error().detail, HasSubstr(GetParam().says));
}

struct AddedSections : testing::Test {
  tf::test::TemporaryDirectory directory;
  std::string path = directory.file("platform.toml");
  const std::string mine = "# mine\n[server]\nworkers = 7   # as many as there are\n[rki.groups.airport]\nkeys = [\"pin\"]";
  void SetUp() override { write(mine); }
  void write(const std::string& text) { tf::test::must(write_file_atomic(path, as_bytes(text), 0644)); }
  [[nodiscard]] std::string text() const { return std::string(as_text(tf::test::must(read_file(path, 1 << 20)))); }
};

TEST_F(AddedSections, stand_behind_what_was_there) {
  ASSERT_OK(add_to_config(path, {kAll.begin(), kAll.begin() + 7}));
  EXPECT_THAT(text(), StartsWith(mine + "\n"));
  ASSERT_OK(add_to_config(path, {kAll.begin() + 7, kAll.end()}));
  const Config config = tf::test::must(read_config(path));
  expect_all(config);
  EXPECT_EQ(config.workers, 7);
  EXPECT_EQ(config.groups.size(), 1U);
  ASSERT_OK(add_to_config(path, {{.section = "wallet.front_ends.unionpay", .key = "kind", .value = "card"}, {.section = "wallet.front_ends.unionpay", .key = "address", .value = "10.0.0.7:8583"}}));
  ASSERT_OK(add_to_config(path, {{.section = "wallet.front_ends.alipay", .key = "kind", .value = "ewallet"}, {.section = "wallet.front_ends.alipay", .key = "url", .value = "https://gateway.example"}}));
  const Config more = tf::test::must(read_config(path));
  expect_all(more);
  ASSERT_EQ(more.wallet->front_ends.size(), 2U);
}

TEST_F(AddedSections, are_refused_whole_and_change_nothing) {
  const std::vector<Setting> ewallet = {{.section = "wallet.front_ends.alipay", .key = "kind", .value = "ewallet"}};
  EXPECT_REFUSED(add_to_config(path, ewallet), Code::invalid, "config.value");  // no wallet
  EXPECT_REFUSED(add_to_config(path, {{.section = "cardsign"}}), Code::invalid, "config.value");
  EXPECT_EQ(text(), mine);
  ASSERT_OK(add_to_config(path, {{.section = "wallet"}}));
  const std::string with_wallet = text();
  EXPECT_REFUSED(add_to_config(path, {{.section = "wallet", .key = "name", .value = "other"}}), Code::conflict, "config.section_there");
  EXPECT_REFUSED(add_to_config(path, ewallet), Code::invalid, "config.value");  // needs a url
  EXPECT_REFUSED(add_to_config(path, {{.section = "wallet.front_ends.UNION", .key = "kind", .value = "card"}}), Code::invalid, "config.value");
  EXPECT_REFUSED(add_to_config(path, {{.section = "wallet.front_ends.a.b", .key = "kind", .value = "card"}}), Code::invalid, "config.value");
  EXPECT_EQ(text(), with_wallet);
  const std::vector<Setting> card = {{.section = "wallet.front_ends.bank", .key = "kind", .value = "card"}};
  ASSERT_OK(add_to_config(path, card));
  EXPECT_REFUSED(add_to_config(path, card), Code::conflict, "config.section_there");
}

TEST_F(AddedSections, are_not_added_to_a_file_that_serve_does_not_read) {
  write("[server\n");
  EXPECT_REFUSED(add_to_config(path, {{.section = "wallet"}}), Code::invalid, "config.syntax");
  EXPECT_EQ(text(), "[server\n");
}

}  // namespace
}  // namespace tf::platform::test
