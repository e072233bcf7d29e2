// Registrations that a crash or a fault leaves between the right codes and the certificate: nobody is stranded.
#include "tests/platform/wallet/desk.hpp"

namespace tf::platform::test {
namespace {

wallet::Policy both_makers() {
  wallet::Policy out = quick_policy();
  out.key_of_platform = true;
  return out;
}

// Nothing becomes active: as if the disk failed at that very write.
constexpr const char* kNobodyActive =
    "CREATE TRIGGER nobody_active BEFORE UPDATE ON wallet_registrations WHEN NEW.state = 'active' BEGIN SELECT RAISE(ABORT, 'not now'); END";
constexpr const char* kAgain = "DROP TRIGGER nobody_active";

// The right codes, shown once; what the platform answered. The phone would come again by itself.
Status show_codes(WalletDesk& desk, WalletDesk::Phone& phone) {
  const auto* known = TF_TRY(phone.line.platform());
  const auto& sent = phone.registering->sent;
  const auto codes = TF_TRY(wallet::codes_of(*known, phone.registering->registered, SecretBytes(as_bytes(desk.sms.code_for(phone.subscriber.number))), sent.options));
  const auto nonce = TF_TRY(wallet::decode_challenge(TF_TRY(desk.ask("challenge", wallet::encode_challenge_request(wallet::ChallengePurpose::activate)))));
  const auto request = TF_TRY(wallet::begin_activate(*known, sent, phone.registering->registered, codes, nonce, desk.opened->random));
  TF_TRY(wallet::finish_activate(*known, sent, request, codes, TF_TRY(desk.ask("activate", request.body))));
  return {};
}

TEST(WalletPreparing, is_taken_up_by_the_next_start_when_the_process_dies_before_the_file_is_made) {
  WalletDesk desk(both_makers());
  const auto phone = desk.phone(wallet::KeyMaker::platform);
  ASSERT_OK(desk.register_(*phone));
  desk.restart(quick_policy());  // one that makes no files: whatever is wanted from it is lost
  ASSERT_OK(show_codes(desk, *phone));
  EXPECT_EQ(desk.state_of(*phone), "preparing");
  desk.restart(both_makers());
  EXPECT_TRUE(desk.eventually([&] { return desk.state_of(*phone) == "active"; }));
  ASSERT_OK(desk.activate(*phone));  // the phone shows its codes again, and fetches
  EXPECT_OK(desk.login(*phone));
}

TEST(WalletPreparing, is_tried_again_when_the_phone_asks_after_a_fault) {
  WalletDesk desk(both_makers());
  const auto phone = desk.phone(wallet::KeyMaker::platform);
  ASSERT_OK(desk.register_(*phone));
  desk.script(kNobodyActive);
  ASSERT_OK(show_codes(desk, *phone));
  // The certificate is made and the file is not kept.
  EXPECT_TRUE(desk.eventually([&] { return desk.count("SELECT COUNT(*) FROM pki_certificates WHERE holder LIKE 'wallet:%'") > 0; }));
  EXPECT_EQ(desk.state_of(*phone), "preparing");
  desk.script(kAgain);
  ASSERT_OK(desk.activate(*phone));
  EXPECT_EQ(desk.state_of(*phone), "active");
  EXPECT_OK(desk.login(*phone));
}

TEST(WalletPreparing, does_not_outlive_its_closing) {
  WalletDesk desk(both_makers());
  const auto phone = desk.phone(wallet::KeyMaker::platform);
  ASSERT_OK(desk.register_(*phone));
  desk.restart(quick_policy());
  ASSERT_OK(show_codes(desk, *phone));
  ASSERT_OK(desk.service->close("operator:anna", phone->registering->registered.registration));
  desk.restart(both_makers());
  const auto other = desk.phone(wallet::KeyMaker::platform);  // whose file comes after what was left
  ASSERT_OK(desk.register_(*other));
  ASSERT_OK(desk.activate(*other));
  EXPECT_EQ(desk.state_of(*phone), "closed");
  EXPECT_FALSE(desk.activate(*phone).has_value());
}

TEST(WalletProved, gets_its_certificate_when_it_activates_again_after_a_crash) {
  WalletDesk desk(quick_policy());
  const auto phone = desk.phone();
  ASSERT_OK(desk.register_(*phone));
  desk.script(kNobodyActive);
  EXPECT_FALSE(desk.activate(*phone).has_value());
  EXPECT_EQ(desk.state_of(*phone), "proved");
  desk.script(kAgain);
  desk.restart();
  ASSERT_OK(desk.activate(*phone));
  EXPECT_EQ(desk.state_of(*phone), "active");
  EXPECT_OK(desk.login(*phone));
}

}  // namespace
}  // namespace tf::platform::test
