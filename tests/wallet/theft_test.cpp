// What thieves get: files, SIM cards, codes and passwords that are not theirs.
#include "protocols/wallet/certificate_file.hpp"
#include "protocols/wallet/refusal.hpp"
#include "tests/wallet/world.hpp"

namespace tf::wallet::test {
namespace {

class WalletTheft : public testing::Test {
 protected:
  World world;
  Phone victim = Phone::of(world);

  static std::string told(const Status& status) { return status ? "nothing" : std::string(public_reason(status.error())); }
  // The codes wrong in their last digit.
  std::string wrong_code() {
    std::string code = world.sms_of(victim.subscriber.number).first;
    code.back() = code.back() == '0' ? '1' : '0';
    return code;
  }
};

TEST_F(WalletTheft, a_copied_file_opens_on_no_other_phone_sim_number_or_password) {
  ASSERT_OK(victim.enrol());
  EXPECT_OK(victim.open_file());
  Phone thief = Phone::of(world);
  thief.file = victim.file;
  thief.subscriber.imei = "352099001761481";
  EXPECT_REFUSED(thief.open_file(), Code::refused, "wallet.file");
  thief.subscriber = victim.subscriber;
  thief.subscriber.iccid = "89860000000000000027";
  EXPECT_REFUSED(thief.open_file(), Code::refused, "wallet.file");
  thief.subscriber = victim.subscriber;
  thief.subscriber.number = "8613800000002";
  EXPECT_REFUSED(thief.open_file(), Code::refused, "wallet.file");
  thief.subscriber = victim.subscriber;
  thief.password_text = "correct horsf";
  EXPECT_REFUSED(thief.open_file(), Code::refused, "wallet.file");
  thief.password_text = victim.password_text;
  EXPECT_OK(thief.open_file());  // everything is what binds it: number, IMEI, ICCID, password
}

TEST_F(WalletTheft, an_altered_file_gives_no_other_key) {
  ASSERT_OK(victim.enrol());
  const Bytes whole = victim.file;
  for (std::size_t at = 0; at < whole.size(); at += 17) {
    victim.file = whole;
    victim.file[at] ^= 1;
    const auto opened = victim.open_file();
    if (opened) EXPECT_EQ(opened->certificate.der(), world.user_of(victim.subscriber.number).certificate) << "byte " << at;
  }
}

TEST_F(WalletTheft, a_registration_code_without_the_confirmation_code_is_worth_nothing) {
  ASSERT_OK(victim.register_now());
  EXPECT_REFUSED(victim.activate_with(wrong_code()), Code::refused, "wallet.wrong_codes");
  EXPECT_EQ(world.issued, 0);
  EXPECT_EQ(world.registrations.at(victim.registered->registration).tries, 1);
  EXPECT_OK(victim.activate_now());
}

TEST_F(WalletTheft, five_wrong_codes_end_a_registration) {
  ASSERT_OK(victim.register_now());
  for (int i = 0; i < 4; ++i) EXPECT_EQ(told(victim.activate_with(wrong_code())), "codes");
  EXPECT_REFUSED(victim.activate_with(wrong_code()), Code::refused, "wallet.codes_locked");
  EXPECT_REFUSED(victim.activate_now(), Code::refused, "wallet.codes_locked");
  ASSERT_EQ(world.alarms.size(), 1U);
  EXPECT_EQ(world.alarms[0].kind, AlarmKind::codes_locked);
  EXPECT_EQ(world.issued, 0);
  ASSERT_OK(victim.register_now());
  EXPECT_OK(victim.activate_now());
}

TEST_F(WalletTheft, codes_end_with_their_time) {
  ASSERT_OK(victim.register_now());
  world.clock.set(world.clock.now_ms() + 60 * 60'000);
  EXPECT_REFUSED(victim.activate_now(), Code::refused, "wallet.codes_expired");
}

TEST_F(WalletTheft, who_has_the_sim_waits_for_an_operator_and_the_user_goes_on_paying) {
  ASSERT_OK(victim.enrol());
  ASSERT_OK(victim.login_now());
  Phone thief = Phone::of(world);
  thief.subscriber.iccid = "89860000000000000027";  // the number was moved to another SIM
  thief.password_text = "another horse";
  ASSERT_OK(thief.register_now());
  EXPECT_EQ(told(thief.activate_now()), "waiting");
  ASSERT_EQ(world.alarms.size(), 1U);
  EXPECT_EQ(world.alarms[0].kind, AlarmKind::number_bound_otherwise);
  EXPECT_FALSE(thief.login_now().has_value());
  EXPECT_OK(victim.pay(victim.purchase("A-1")));
}

TEST_F(WalletTheft, an_approved_registration_takes_the_number_over_once) {
  ASSERT_OK(victim.enrol());
  ASSERT_OK(victim.login_now());
  Phone next = Phone::of(world);
  next.subscriber.imei = "352099001761481";
  ASSERT_OK(next.register_now());
  EXPECT_EQ(told(next.activate_now()), "waiting");
  world.clock.set(world.clock.now_ms() + 24 * 3'600'000);  // operators sleep at night
  ASSERT_OK(victim.login_now());
  world.approvals.insert(next.registered->registration);
  ASSERT_OK(next.activate_now());
  EXPECT_TRUE(world.approvals.empty());
  EXPECT_EQ(world.active_of(next.subscriber.number), 1);
  ASSERT_OK(next.login_now());
  EXPECT_OK(next.pay(next.purchase("A-1")));
  EXPECT_REFUSED(victim.pay(victim.purchase("A-2")), Code::refused, "wallet.session");
  EXPECT_FALSE(victim.login_now().has_value());
}

TEST_F(WalletTheft, of_two_registrations_under_way_the_first_file_wins_and_the_other_waits) {
  victim.options.key_maker = KeyMaker::platform;
  Phone thief = Phone::of(world);
  thief.options.key_maker = KeyMaker::platform;
  const auto proved = [&](Phone& phone) {
    must(phone.register_now());
    const auto codes = phone.codes(world.sms_of(phone.subscriber.number).first);
    const auto sent = must(begin_activate(phone.platform(), *phone.registering, *phone.registered, codes,
                                          must(phone.challenge(ChallengePurpose::activate)), world.random));
    must(world.handle("activate", sent.body));
  };
  proved(victim);
  const std::string mine = *world.files_wanted.begin();
  proved(thief);  // nothing is active yet, so nobody asks an operator
  const std::string theirs = thief.registered->registration;
  world.files_wanted = {mine};
  world.run_jobs();
  world.files_wanted = {theirs};
  world.run_jobs();
  EXPECT_EQ(world.registrations.at(mine).state, RegistrationState::active);
  EXPECT_EQ(world.registrations.at(theirs).state, RegistrationState::waiting);
  EXPECT_EQ(world.alarms.back().kind, AlarmKind::number_bound_otherwise);
}

TEST_F(WalletTheft, wrong_passwords_are_counted_and_lock) {
  ASSERT_OK(victim.enrol());
  // The thief has the key, out of the file of a phone that was open.
  const UserKey key = must(victim.open_file());
  const auto attempt = [&](std::string_view password) -> Status {
    const auto sent = TF_TRY(begin_login(victim.platform(), Suite::modern, victim.subscriber, key, SecretBytes(as_bytes(password)),
                                         TF_TRY(victim.challenge(ChallengePurpose::login)), world.clock.now_ms(), world.random));
    TF_TRY(world.handle("login", sent.body));
    return {};
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(told(attempt("wrong horse")), "password");
  EXPECT_OK(attempt("correct horse"));  // begins anew
  EXPECT_EQ(world.user_of(victim.subscriber.number).failures, 0);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(told(attempt("wrong horse")), "password");
  EXPECT_EQ(world.user_of(victim.subscriber.number).failures, 4);
  EXPECT_EQ(told(attempt("wrong horse")), "locked");
  EXPECT_EQ(world.alarms.back().kind, AlarmKind::password_locked);
  EXPECT_EQ(told(attempt("correct horse")), "locked");
  world.restart();
  EXPECT_EQ(told(attempt("correct horse")), "locked");
  world.clock.set(world.clock.now_ms() + 60 * 60'000);
  EXPECT_OK(attempt("correct horse"));
}

TEST_F(WalletTheft, who_has_not_the_key_locks_nobody_out) {
  ASSERT_OK(victim.enrol());
  Phone other = Phone::of(world, "8613800000002");
  ASSERT_OK(other.enrol());
  const UserKey theirs = must(other.open_file());
  const auto mine = must(victim.open_file());
  for (int i = 0; i < 6; ++i) {
    const UserKey forged{theirs.key, mine.certificate};
    const auto sent = must(begin_login(victim.platform(), Suite::modern, victim.subscriber, forged, SecretBytes(as_bytes("wrong horse")),
                                       must(victim.challenge(ChallengePurpose::login)), world.clock.now_ms(), world.random));
    EXPECT_REFUSED(world.handle("login", sent.body), Code::refused, "wallet.wrong_signature");
  }
  EXPECT_EQ(world.user_of(victim.subscriber.number).failures, 0);
  EXPECT_OK(victim.login_now());
}

TEST_F(WalletTheft, a_number_cannot_be_flooded_with_messages) {
  for (int i = 0; i < 5; ++i) ASSERT_OK(victim.register_now());
  EXPECT_REFUSED(victim.register_now(), Code::refused, "wallet.too_many_registrations");
  EXPECT_EQ(world.sms.size(), 5U);
}

TEST_F(WalletTheft, the_platform_keeps_neither_password_nor_codes) {
  victim.options.key_maker = KeyMaker::platform;
  ASSERT_OK(victim.enrol());
  ASSERT_OK(victim.login_now());
  const Registration& row = world.user_of(victim.subscriber.number);
  EXPECT_TRUE(row.info3.blob.empty());
  EXPECT_TRUE(row.codes.blob.empty());
  EXPECT_TRUE(row.file.empty());
  for (const std::string& entry : world.audit) {
    EXPECT_EQ(entry.find("correct horse"), std::string::npos);
    EXPECT_EQ(entry.find(world.sms_of(victim.subscriber.number).first), std::string::npos);
  }
}

}  // namespace
}  // namespace tf::wallet::test
