// Working keys: what is taken as a key exchange and what is not, over the line and at the ring.
#include "frontends/card/key_ring.hpp"
#include "tests/frontends/card_scene.hpp"
#include "wire/encoding.hpp"

namespace tf::test {
namespace {

using Kind = Incident::Kind;
using namespace std::chrono_literals;

// A host's keys of the same zone as the scene's.
acquirer::Keys host_keys(CardScene& scene, const char* second = "0F1E2D3C4B5A69788796A5B4C3D2E1F00F1E2D3C4B5A69788796A5B4C3D2E1F1") {
  std::vector<SecretBytes> components;
  components.push_back(wire::secret_from_hex("00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF").value());
  components.push_back(wire::secret_from_hex(second).value());
  return acquirer::Keys::make(components, crypto::BlockCipher::aes, crypto::MacPadding::method_1, scene.random).value();
}

class CardKeys : public ::testing::Test {
 protected:
  CardScene scene;
  acquirer::Keys host = host_keys(scene);
  MemoryKeys kept;
  frontends::card::Profile profile = quick_profile();
  frontends::card::KeyRing ring{*scene.vault, kept, scene.clock, profile};
  void SetUp() override {
    kept.zone_key = scene.keys.zone_key;
    ASSERT_OK(ring.load());
  }
};

TEST_F(CardKeys, both_ends_have_the_same_keys_after_an_exchange) {
  EXPECT_EQ(host.kcv(), kept.zone_key.kcv);
  EXPECT_FALSE(ring.fresh());
  EXPECT_REFUSED(ring.mac(as_bytes("0200")), Code::unavailable, "card.no_keys");
  ASSERT_OK(ring.install(host.renew().value()));
  EXPECT_TRUE(ring.fresh());
  const auto mac = ring.mac(as_bytes("0200 and the rest"));
  ASSERT_OK(mac);
  EXPECT_EQ(host.maker_of(as_bytes("0200 and the rest"), *mac), std::optional<std::size_t>(0));
  EXPECT_FALSE(host.maker_of(as_bytes("0200 and the rust"), *mac));
  const auto block = ring.translate(scene.pin_block(kPin), SecretBytes(as_bytes(kPan)));
  ASSERT_OK(block);
  EXPECT_TRUE(host.is_pin(0, block->block, SecretBytes(as_bytes(kPan)), kPin));
  EXPECT_FALSE(host.is_pin(0, block->block, SecretBytes(as_bytes(kPan)), "1233"));
}

TEST_F(CardKeys, the_keys_before_still_verify_and_the_ones_before_those_do_not) {
  const Bytes data = to_bytes(as_bytes("0210"));
  std::vector<ByteArray<8>> macs;
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK(ring.install(host.renew().value()));
    macs.push_back(host.mac(0, data).value());
  }
  EXPECT_OK(ring.verify(data, macs[2]));
  EXPECT_OK(ring.verify(data, macs[1]));
  EXPECT_REFUSED(ring.verify(data, macs[0]), Code::refused, "vault.mac");
}

TEST_F(CardKeys, a_message_whose_pin_was_translated_before_an_exchange_gets_its_mac_from_the_same_keys) {
  ASSERT_OK(ring.install(host.renew().value()));
  const auto pin = ring.translate(scene.pin_block(kPin), SecretBytes(as_bytes(kPan)));
  ASSERT_OK(pin);
  ASSERT_OK(ring.install(host.renew().value()));
  const auto which = host.maker_of(as_bytes("0200"), ring.mac(as_bytes("0200"), pin->generation).value());
  ASSERT_EQ(which, std::optional<std::size_t>(1));
  EXPECT_TRUE(host.is_pin(*which, pin->block, SecretBytes(as_bytes(kPan)), kPin));
  ASSERT_OK(ring.install(host.renew().value()));
  EXPECT_REFUSED(ring.mac(as_bytes("0200"), pin->generation), Code::unavailable, "card.no_keys");
}

TEST_F(CardKeys, what_is_no_pair_of_key_blocks_is_refused) {
  const std::string both = host.renew().value();
  const std::string pin = both.substr(0, both.size() / 2), mac = both.substr(both.size() / 2);
  const std::string cryptogram = "8A7B6C5D4E3F2A1B8A7B6C5D4E3F2A1B";  // TDES-ECB of a key, as older networks send it
  for (const std::string& field : {std::string(), cryptogram, cryptogram + cryptogram, pin, mac, pin + pin, mac + mac, both + pin, both + "D",
                                   both.substr(0, both.size() - 1), "D9999" + both.substr(5)})
    EXPECT_REFUSED(ring.install(field), Code::malformed, "card.key_field");
  EXPECT_EQ(ring.generation(), 0);
  EXPECT_OK(ring.install(mac + pin));
}

TEST_F(CardKeys, blocks_under_another_zone_key_or_altered_do_not_open) {
  auto stranger = host_keys(scene, "0F1E2D3C4B5A69788796A5B4C3D2E1F00F1E2D3C4B5A69788796A5B4C3D2E1F2");
  EXPECT_FALSE(ring.install(stranger.renew().value()));
  std::string altered = host.renew().value();
  altered[60] = altered[60] == '0' ? '1' : '0';
  EXPECT_FALSE(ring.install(altered));
  EXPECT_EQ(kept.kept(), 0U);
}

TEST_F(CardKeys, an_exchange_played_again_is_refused) {
  const std::string recorded = host.renew().value();
  ASSERT_OK(ring.install(recorded));
  EXPECT_REFUSED(ring.install(recorded), Code::refused, "card.same_key");
  ASSERT_OK(ring.install(host.renew().value()));
  EXPECT_REFUSED(ring.install(recorded), Code::refused, "card.same_key");
}

TEST_F(CardKeys, keys_that_could_not_be_kept_are_not_used) {
  kept.full = true;
  EXPECT_REFUSED(ring.install(host.renew().value()), Code::unavailable, "test.full");
  EXPECT_FALSE(ring.fresh());
}

TEST_F(CardKeys, keys_survive_a_restart) {
  ASSERT_OK(ring.install(host.renew().value()));
  frontends::card::KeyRing again(*scene.vault, kept, scene.clock, profile);
  ASSERT_OK(again.load());
  EXPECT_EQ(again.generation(), 1);
  EXPECT_OK(again.verify(as_bytes("0210"), host.mac(0, as_bytes("0210")).value()));
}

TEST(CardKeyExchange, a_host_of_another_zone_is_never_in_service) {
  CardScene scene({.profile = quick_profile(), .zone_component_of_host = std::string(64, 'A')});
  ASSERT_TRUE(scene.diary.wait_for(Kind::keys_refused, 2));
  EXPECT_FALSE(scene.front_end->healthy());
  const Outcome outcome = scene.pay(scene.payment());
  EXPECT_EQ(outcome.verdict, Verdict::declined);
  EXPECT_EQ(outcome.code, "out_of_service");
}

TEST(CardKeyExchange, new_keys_come_while_payments_go_on) {
  auto profile = quick_profile();
  profile.key_lifetime = 1ms;
  profile.echo_interval = 20ms;
  profile.reply_timeout = 10s;
  CardScene scene({.profile = profile});
  ASSERT_TRUE(scene.wait_in_service());
  for (int i = 0; i < 200 || scene.keys.kept() < 4; ++i) ASSERT_EQ(scene.pay(scene.payment(1), scene.pin_block(kPin)).verdict, Verdict::done);
  EXPECT_EQ(scene.diary.count(Kind::bad_mac), 0);
}

TEST(CardKeyExchange, keys_are_not_exchanged_anew_after_a_cut) {
  CardScene scene;
  ASSERT_TRUE(scene.wait_in_service());
  scene.host->cut_all();
  ASSERT_TRUE(scene.diary.wait_for(Kind::in_service, 2));
  EXPECT_EQ(scene.keys.kept(), 1U);
  EXPECT_EQ(scene.pay(scene.payment()).verdict, Verdict::done);
}

}  // namespace
}  // namespace tf::test
