// Whole conversations, both suites and both makers of the key.
#include "crypto/banking/pin_block.hpp"
#include "tests/wallet/world.hpp"
#include "wire/encoding.hpp"

namespace tf::wallet::test {
namespace {

struct Way {
  const char* name;
  Suite suite;
  KeyMaker maker;
  crypto::KeyKind platform;
};
constexpr Way kWays[] = {{"modern_key_of_the_phone", Suite::modern, KeyMaker::phone, crypto::KeyKind::p256},
                         {"modern_key_of_the_platform", Suite::modern, KeyMaker::platform, crypto::KeyKind::p256},
                         {"modern_to_an_rsa_key", Suite::modern, KeyMaker::phone, crypto::KeyKind::rsa},
                         {"classic_key_of_the_phone", Suite::classic, KeyMaker::phone, crypto::KeyKind::p256},
                         {"classic_key_of_the_platform", Suite::classic, KeyMaker::platform, crypto::KeyKind::rsa}};

class WalletConversation : public testing::TestWithParam<Way> {
 protected:
  Phone phone(const std::string& number = "8613800000001") {
    Phone out = Phone::of(world, number);
    out.options.suite = GetParam().suite;
    out.options.key_maker = GetParam().maker;
    out.platform_kind = GetParam().platform;
    return out;
  }
  World world{"wallet", GetParam().platform == crypto::KeyKind::rsa};
};
INSTANTIATE_TEST_SUITE_P(Ways, WalletConversation, testing::ValuesIn(kWays), [](const auto& info) { return info.param.name; });

TEST_P(WalletConversation, registers_activates_logs_in_pays_asks_and_gives_back) {
  Phone one = phone();
  ASSERT_OK(one.register_now());
  ASSERT_OK(one.activate_now());
  ASSERT_OK(one.login_now());
  const auto paid = one.pay(one.purchase("A-1"));
  ASSERT_OK(paid);
  EXPECT_EQ(paid->outcome, Outcome::approved);
  EXPECT_EQ(paid->amount, 1000);
  const auto sealed = one.pay(one.purchase("A-2", 2'000'000, true));
  ASSERT_OK(sealed);
  EXPECT_EQ(sealed->outcome, Outcome::approved);
  const auto asked = one.query("A-1");
  ASSERT_OK(asked);
  EXPECT_EQ(asked->transaction, paid->transaction);
  const auto given = one.refund("A-1", "R-1", 400);
  ASSERT_OK(given);
  EXPECT_EQ(given->outcome, Outcome::refunded);
  EXPECT_EQ(given->refunded, 400);
  EXPECT_EQ(must(one.query("A-1")).refunded, 400);
  EXPECT_EQ(must(one.query("A-9")).outcome, Outcome::unknown_order);
  EXPECT_EQ(world.executed, 2);
  EXPECT_EQ(world.active_of("8613800000001"), 1);
  EXPECT_TRUE(world.alarms.empty());
}

TEST_P(WalletConversation, the_platform_reads_the_pin_that_was_typed) {
  Phone one = phone();
  ASSERT_OK(one.enrol());
  ASSERT_OK(one.login_now());
  ASSERT_OK(one.pay(one.purchase("A-1")));
  const Session& session = world.sessions.begin()->second;
  const Order& order = world.orders.begin()->second.order;
  ASSERT_TRUE(order.pin_block.has_value());
  // As the front end's zone key gets it: format 0.
  const SecretBytes zone_key(must(wire::from_hex("0123456789ABCDEFFEDCBA9876543210")));
  const vault::SymmetricSpec zone_spec(vault::SymmetricAlgorithm::tdes, 16, vault::SymmetricPurpose::zone_pin);
  const vault::RowId zone_row{"zones", "z", 1};
  const auto zone = must(world.vault->wrap(zone_key.clone(), zone_spec, zone_row)).wrapped;
  const auto spec = pin_spec();
  const auto row = pin_key_row(session.id);
  const SecretBytes pan(as_bytes("5544332211009966"));
  const Bytes translated = must(world.vault->translate_pin({session.pin_key, spec, row}, *order.pin_block, pan, {zone, zone_spec, zone_row}));
  EXPECT_EQ(as_text(must(crypto::open_pin_block_0(zone_key, translated, pan)).reveal()), "1234");
  const SecretBytes other(as_bytes("5544332211009974"));
  EXPECT_REFUSED(world.vault->translate_pin({session.pin_key, spec, row}, *order.pin_block, other, {zone, zone_spec, zone_row}), Code::refused,
                 "vault.pin_block");
}

}  // namespace
}  // namespace tf::wallet::test
