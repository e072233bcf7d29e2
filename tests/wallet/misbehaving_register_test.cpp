// What registrations, activations and logins that are not as they should be get.
#include "crypto/jose/jose.hpp"
#include "pki/request/certificate_request.hpp"
#include "tests/wallet/world.hpp"

namespace tf::wallet::test {
namespace {

class MisbehavingPhone : public testing::Test {
 protected:
  World world;
  Phone phone = Phone::of(world);

  RegisterContent content() {
    RegisterContent out;
    out.platform = kPlatform;
    out.subscriber = phone.subscriber;
    out.person = {"Wang Li", "110101199001011237"};
    out.nonce_p = must(phone.challenge(ChallengePurpose::registration)).nonce;
    world.random.fill(out.response_key.reveal_mutable());
    out.verifier = must(make_verifier(phone.password(), kQuick, world.random));
    out.csr = must(pki::CertificateRequest::make(phone.subscriber.number, crypto::PrivateKey::generate_p256())).der();
    return out;
  }
  Result<std::string> send(const RegisterContent& content, std::string_view kid = "wallet.p256.1", std::string_view typ = typ::registration) {
    const SecretBytes plain = encode(content);
    return world.handle("register", encode_jwe(must(crypto::jwe_seal_to(phone.platform().encryption_key, kid, world.random, typ, plain.reveal()))));
  }
  LoginUnderWay login(const std::string& nonce) {
    return must(begin_login(phone.platform(), Suite::modern, phone.subscriber, must(phone.user()), phone.password(), {nonce, 60}, world.clock.now_ms(),
                            world.random));
  }
};

TEST_F(MisbehavingPhone, registers_with_everything_in_its_place_or_not_at_all) {
  EXPECT_OK(send(content()));
  auto wrong = content();
  wrong.platform = "another.test";
  EXPECT_REFUSED(send(wrong), Code::refused, "wallet.other_platform");
  EXPECT_REFUSED(send(content(), "wallet.p256.9"), Code::refused, "wallet.unknown_key");
  EXPECT_FALSE(send(content(), "wallet.p256.1", typ::activate).has_value());
  wrong = content();
  wrong.csr[wrong.csr.size() - 3] ^= 1;
  EXPECT_FALSE(send(wrong).has_value()) << "no proof of possession";
  wrong = content();
  wrong.csr = must(pki::CertificateRequest::make(phone.subscriber.number, crypto::PrivateKey::generate_rsa(2048))).der();
  EXPECT_REFUSED(send(wrong), Code::refused, "wallet.key_kind");
  wrong = content();
  wrong.subscriber.imei = "490154203237519";
  EXPECT_REFUSED(send(wrong), Code::malformed, "wallet.imei");
  wrong = content();
  wrong.subscriber.number = "+8613800000001";
  EXPECT_FALSE(send(wrong).has_value());
  wrong = content();
  wrong.person.name = "Wang\x1b[2J";
  EXPECT_REFUSED(send(wrong), Code::malformed, "wallet.name");
  EXPECT_EQ(world.registrations.size(), 1U);
  EXPECT_EQ(world.sms.size(), 1U);
}

TEST_F(MisbehavingPhone, registers_with_a_nonce_of_this_purpose_once) {
  const auto first = content();
  EXPECT_OK(send(first));
  EXPECT_REFUSED(send(first), Code::refused, "wallet.challenge_used");
  auto other = content();
  other.nonce_p = must(phone.challenge(ChallengePurpose::activate)).nonce;
  EXPECT_REFUSED(send(other), Code::refused, "wallet.challenge");
  const auto late = content();
  world.clock.set(world.clock.now_ms() + 60'000);
  EXPECT_REFUSED(send(late), Code::refused, "wallet.challenge");
}

TEST_F(MisbehavingPhone, registers_as_the_policy_allows) {
  auto wish = content();
  world.policy.key_of_phone = false;
  EXPECT_REFUSED(send(wish), Code::refused, "wallet.key_maker");
  world.policy.classic = false;
  wish = content();
  wish.suite = Suite::classic;
  EXPECT_REFUSED(send(wish), Code::refused, "wallet.suite");
  world.policy.key_of_platform = false;
  phone.options.key_maker = KeyMaker::platform;
  EXPECT_REFUSED(phone.register_now(), Code::refused, "wallet.key_maker");
}

TEST_F(MisbehavingPhone, activates_with_the_key_it_registered_and_guesses_cost_it_nothing_else) {
  ASSERT_OK(phone.register_now());
  const std::string right = world.sms_of(phone.subscriber.number).first;
  const auto codes = phone.codes(right);
  phone.registering->key = crypto::PrivateKey::generate_p256();
  const auto forged = must(begin_activate(phone.platform(), *phone.registering, *phone.registered, codes,
                                          must(phone.challenge(ChallengePurpose::activate)), world.random));
  EXPECT_REFUSED(world.handle("activate", forged.body), Code::refused, "wallet.wrong_proof");
  EXPECT_EQ(world.registrations.at(phone.registered->registration).tries, 0);
  phone.registering->key.reset();
  const auto without = must(begin_activate(phone.platform(), *phone.registering, *phone.registered, codes,
                                           must(phone.challenge(ChallengePurpose::activate)), world.random));
  EXPECT_REFUSED(world.handle("activate", without.body), Code::refused, "wallet.wrong_proof");
}

TEST_F(MisbehavingPhone, codes_are_of_one_registration) {
  ASSERT_OK(phone.register_now());
  const std::string first_sms = world.sms_of(phone.subscriber.number).first;
  ASSERT_OK(phone.register_now());
  EXPECT_REFUSED(phone.activate_with(first_sms), Code::refused, "wallet.wrong_codes");
  phone.registered->registration = "AAAAAAAAAAAAAAAAAAAAAA";
  EXPECT_REFUSED(phone.activate_now(), Code::refused, "wallet.no_registration");
}

TEST_F(MisbehavingPhone, activates_again_until_it_has_logged_in) {
  ASSERT_OK(phone.enrol());
  const Bytes certificate = world.user_of(phone.subscriber.number).certificate;
  ASSERT_OK(phone.activate_now());  // as if the answer had been lost
  EXPECT_EQ(world.user_of(phone.subscriber.number).certificate, certificate);
  EXPECT_EQ(world.issued, 1);
  ASSERT_OK(phone.login_now());
  EXPECT_REFUSED(phone.activate_now(), Code::refused, "wallet.codes_used");
}

TEST_F(MisbehavingPhone, fetches_no_file_of_others) {
  phone.options.key_maker = KeyMaker::platform;
  ASSERT_OK(phone.enrol());
  const auto guess = begin_fetch(phone.platform(), *phone.registering, *phone.registered, phone.codes("00000000"),
                                 must(phone.challenge(ChallengePurpose::activate)));
  EXPECT_REFUSED(world.handle("registration", guess.body), Code::refused, "wallet.wrong_codes");
  Phone own = Phone::of(world, "8613800000002");
  ASSERT_OK(own.enrol());
  const auto none = begin_fetch(own.platform(), *own.registering, *own.registered, own.codes(world.sms_of("8613800000002").first),
                                must(own.challenge(ChallengePurpose::activate)));
  EXPECT_REFUSED(world.handle("registration", none.body), Code::refused, "wallet.no_file");
}

TEST_F(MisbehavingPhone, logs_in_once_with_each_message) {
  ASSERT_OK(phone.enrol());
  const auto sent = login(must(phone.challenge(ChallengePurpose::login)).nonce);
  EXPECT_OK(world.handle("login", sent.body));
  EXPECT_REFUSED(world.handle("login", sent.body), Code::refused, "wallet.challenge_used");
  EXPECT_REFUSED(world.handle("login", login(must(phone.challenge(ChallengePurpose::pay)).nonce).body), Code::refused, "wallet.challenge");
  EXPECT_REFUSED(world.handle("login", login("AAAA").body), Code::refused, "wallet.challenge");
}

TEST_F(MisbehavingPhone, a_login_for_another_platform_is_not_forwarded) {
  ASSERT_OK(phone.enrol());
  KnownPlatform other = phone.platform();
  other.name = "another.test";
  const auto sent = must(begin_login(other, Suite::modern, phone.subscriber, must(phone.user()), phone.password(),
                                     must(phone.challenge(ChallengePurpose::login)), world.clock.now_ms(), world.random));
  EXPECT_REFUSED(world.handle("login", sent.body), Code::refused, "wallet.other_platform");
}

TEST_F(MisbehavingPhone, logs_in_with_the_certificate_that_is_active_and_valid) {
  ASSERT_OK(phone.enrol());
  const UserKey mine = must(phone.user());
  const UserKey other{mine.key, world.authority.issue(phone.subscriber.number, mine.key.public_key())};
  const auto sent = must(begin_login(phone.platform(), Suite::modern, phone.subscriber, other, phone.password(),
                                     must(phone.challenge(ChallengePurpose::login)), world.clock.now_ms(), world.random));
  EXPECT_REFUSED(world.handle("login", sent.body), Code::refused, "wallet.other_certificate");
  world.revoked.insert(mine.certificate.serial_hex());
  EXPECT_REFUSED(phone.login_now(), Code::refused, "wallet.certificate_revoked");
  world.revoked.clear();
  world.clock.advance_days(366);
  EXPECT_REFUSED(phone.login_now(), Code::refused, "wallet.certificate_expired");
}

TEST_F(MisbehavingPhone, keeps_to_the_suite_it_registered_with) {
  ASSERT_OK(phone.enrol());
  phone.options.suite = Suite::classic;
  EXPECT_REFUSED(phone.login_now(), Code::refused, "wallet.suite");
}

class MisbehavingClassicPhone : public MisbehavingPhone {
 protected:
  void SetUp() override {
    phone.options.suite = Suite::classic;
    ASSERT_OK(phone.enrol());
  }
  Result<std::string> login_at(std::int64_t time_ms) {
    const auto sent = must(begin_login(phone.platform(), Suite::classic, phone.subscriber, must(phone.user()), phone.password(), {}, time_ms, world.random));
    return world.handle("login", sent.body);
  }
};

TEST_F(MisbehavingClassicPhone, uses_an_r_once) {
  const auto sent = must(begin_login(phone.platform(), Suite::classic, phone.subscriber, must(phone.user()), phone.password(), {}, world.clock.now_ms(),
                                     world.random));
  EXPECT_OK(world.handle("login", sent.body));
  EXPECT_REFUSED(world.handle("login", sent.body), Code::refused, "wallet.r_used");
  world.clock.set(world.clock.now_ms() + 300'001);
  EXPECT_REFUSED(world.handle("login", sent.body), Code::refused, "wallet.time");
}

TEST_F(MisbehavingClassicPhone, has_a_clock_within_five_minutes_of_ours) {
  const std::int64_t now = world.clock.now_ms();
  EXPECT_OK(login_at(now - 300'000));
  EXPECT_OK(login_at(now + 300'000));
  EXPECT_REFUSED(login_at(now - 300'001), Code::refused, "wallet.time");
  EXPECT_REFUSED(login_at(now + 300'001), Code::refused, "wallet.time");
}

TEST_F(MisbehavingClassicPhone, signs_what_it_seals) {
  const auto sent = must(begin_login(phone.platform(), Suite::classic, phone.subscriber, must(phone.user()), phone.password(), {}, world.clock.now_ms(),
                                     world.random));
  auto request = must(decode_login_request(sent.body));
  request.classic.signature[5] ^= 1;
  EXPECT_REFUSED(world.handle("login", encode(request)), Code::refused, "wallet.wrong_signature");
}

TEST_F(MisbehavingClassicPhone, is_refused_where_the_policy_takes_modern_only) {
  world.policy.classic = false;
  EXPECT_REFUSED(phone.login_now(), Code::refused, "wallet.suite");
}

}  // namespace
}  // namespace tf::wallet::test
