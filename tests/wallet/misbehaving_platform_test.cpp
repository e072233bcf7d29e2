// What a platform that is not ours, or not itself, gets a phone to believe: nothing.
#include "crypto/digest.hpp"
#include "crypto/jose/jose.hpp"
#include "protocols/wallet/certificate_file.hpp"
#include "tests/wallet/world.hpp"

namespace tf::wallet::test {
namespace {

class MisbehavingPlatform : public testing::Test {
 protected:
  World world;
  Phone phone = Phone::of(world);

  Result<ResultClaim> told(const RequestUnderWay& sent, const ResultClaim& claim, const std::string& key = "wallet.results.1",
                           const std::string& kid = "wallet.results.1") {
    const auto sign = [&](ByteView data) { return world.vault->sign_es256(key, data); };
    return finish_result(phone.platform(), sent, encode_result(must(crypto::jwt_sign_es256(sign, typ::result, kid, encode(claim)))));
  }
};

TEST_F(MisbehavingPlatform, shows_keys_that_are_certified_for_their_use_by_the_pinned_root) {
  const auto verify = world.verifier();
  const Bytes ca = world.authority.ca.certificate.der();
  const PlatformKeys good{kPlatform, {{"wallet.p256.1", {world.encryption_p256.der(), ca}}}, {{"wallet.results.1", {world.results.der(), ca}}}};
  const auto read = [&](const PlatformKeys& keys) { return read_platform_keys(encode(keys), kPlatform, crypto::KeyKind::p256, verify); };
  EXPECT_OK(read(good));
  PlatformKeys bad = good;
  bad.platform = "another.test";
  EXPECT_REFUSED(read(bad), Code::refused, "wallet.other_platform");
  bad = good;
  std::swap(bad.encryption[0].chain, bad.results[0].chain);
  EXPECT_FALSE(read(bad).has_value()) << "keys for another use";
  bad = good;
  bad.results.clear();
  EXPECT_REFUSED(read(bad), Code::refused, "wallet.no_platform_key");
  tf::test::DeterministicRandom random("another root");
  const Authority other(random, world.clock.now_ms());
  bad = good;
  bad.encryption[0].chain = {other.issue("encryption", must(world.encryption_p256.public_key())).der(), other.ca.certificate.der()};
  EXPECT_FALSE(read(bad).has_value()) << "another root";
}

TEST_F(MisbehavingPlatform, answers_a_registration_under_its_response_key_for_its_nonce) {
  ASSERT_OK(phone.know());
  const auto sent = must(begin_register(phone.platform(), phone.subscriber, {"Wang Li", "110101199001011237"}, phone.password(), phone.options,
                                        must(phone.challenge(ChallengePurpose::registration)), world.random));
  const auto sealed = [&](const Secret<32>& key, const std::string& nonce, std::string_view typ) {
    const Registered registered{nonce, "AAAAAAAAAAAAAAAAAAAAAA", SecretBytes(as_bytes("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))};
    return finish_register(sent, encode_sealed(crypto::jwe_seal_dir(key, world.random, typ, encode(registered).reveal())));
  };
  EXPECT_OK(sealed(sent.response_key, sent.nonce_p, typ::registered));
  EXPECT_REFUSED(sealed(Secret<32>(), sent.nonce_p, typ::registered), Code::refused, "wallet.platform_answer");
  EXPECT_REFUSED(sealed(sent.response_key, "another", typ::registered), Code::refused, "wallet.platform_answer");
  EXPECT_REFUSED(sealed(sent.response_key, sent.nonce_p, typ::session), Code::refused, "wallet.platform_answer");
}

TEST_F(MisbehavingPlatform, answers_an_activation_with_both_codes_and_a_certificate_for_the_phones_key) {
  ASSERT_OK(phone.register_now());
  const auto codes = phone.codes(world.sms_of(phone.subscriber.number).first);
  const auto sent = must(begin_activate(phone.platform(), *phone.registering, *phone.registered, codes,
                                        must(phone.challenge(ChallengePurpose::activate)), world.random));
  const auto finish = [&](const ActivateAnswer& answer) { return finish_activate(phone.platform(), *phone.registering, sent, codes, encode(answer)); };
  const auto good = must(decode_activate_answer(must(world.handle("activate", sent.body))));
  EXPECT_OK(finish(good));
  auto bad = good;
  bad.mac[0] ^= 1;
  EXPECT_REFUSED(finish(bad), Code::refused, "wallet.platform_mac");
  bad = good;
  bad.certificate[bad.certificate.size() - 1] ^= 1;
  EXPECT_REFUSED(finish(bad), Code::refused, "wallet.platform_mac");
  const auto maced = [&](Bytes certificate) {
    const Hash256 thumbprint = crypto::sha256(phone.registering->key->public_key().spki());
    const Activating what{kPlatform, sent.registration, phone.subscriber.number, thumbprint, sent.nonce_p};
    const auto key = derive(codes, sent.registration, label::activate_answer);
    const auto mac = crypto::hmac_sha256(key.reveal(), activating_fields(label::activate_answer, what, certificate));
    return ActivateAnswer{std::move(certificate), mac};
  };
  EXPECT_REFUSED(finish(maced({})), Code::refused, "wallet.other_certificate");
  const auto other = world.authority.issue(phone.subscriber.number, crypto::PrivateKey::generate_p256().public_key());
  EXPECT_REFUSED(finish(maced(other.der())), Code::refused, "wallet.other_certificate");
  const auto name = world.authority.issue("8613800000002", phone.registering->key->public_key());
  EXPECT_REFUSED(finish(maced(name.der())), Code::refused, "wallet.other_certificate");
}

TEST_F(MisbehavingPlatform, hands_out_files_with_the_macs_of_both_codes) {
  phone.options.key_maker = KeyMaker::platform;
  ASSERT_OK(phone.register_now());
  ASSERT_OK(phone.activate_now());
  const auto codes = phone.codes(world.sms_of(phone.subscriber.number).first);
  const auto fetch = begin_fetch(phone.platform(), *phone.registering, *phone.registered, codes, must(phone.challenge(ChallengePurpose::activate)));
  auto answer = must(decode_file_answer(must(world.handle("registration", fetch.body))));
  EXPECT_OK(finish_fetch(phone.platform(), *phone.registering, fetch, codes, encode(answer)));
  answer.file[100] ^= 1;
  EXPECT_REFUSED(finish_fetch(phone.platform(), *phone.registering, fetch, codes, encode(answer)), Code::refused, "wallet.platform_mac");
  answer.file[100] ^= 1;
  const auto own = own_passwords(info3_key(phone.subscriber, phone.password()), phone.subscriber.number);
  EXPECT_FALSE(take_over_file(answer.file, codes_mac_password(phone.codes("00000000"), fetch.registration), own, kFewIterations).has_value());
  EXPECT_FALSE(take_over_file(answer.file, codes_mac_password(codes, fetch.registration), own, kFewIterations + 1).has_value()) << "too few iterations";
}

TEST_F(MisbehavingPlatform, seals_a_session_under_what_the_phone_sent) {
  ASSERT_OK(phone.enrol());
  const UserKey user = must(phone.user());
  const auto sent = must(begin_login(phone.platform(), Suite::modern, phone.subscriber, user, phone.password(), must(phone.challenge(ChallengePurpose::login)),
                                     world.clock.now_ms(), world.random));
  const std::string body = must(world.handle("login", sent.body));
  const auto finish = [&](const LoginAnswer& answer) { return finish_login(phone.platform(), phone.subscriber, user, sent, encode(answer)); };
  const auto good = must(decode_login_answer(body));
  EXPECT_OK(finish(good));
  auto bad = good;
  bad.ephemeral = crypto::PrivateKey::generate_p256().public_key().point();
  EXPECT_REFUSED(finish(bad), Code::refused, "wallet.platform_answer");
  bad = good;
  bad.suite = Suite::classic;
  EXPECT_REFUSED(finish(bad), Code::refused, "wallet.platform_answer");
  // Of another login of the same phone.
  const auto other = must(begin_login(phone.platform(), Suite::modern, phone.subscriber, user, phone.password(), must(phone.challenge(ChallengePurpose::login)),
                                      world.clock.now_ms(), world.random));
  EXPECT_REFUSED(finish(must(decode_login_answer(must(world.handle("login", other.body))))), Code::refused, "wallet.platform_answer");
}

TEST_F(MisbehavingPlatform, who_knows_the_users_public_key_alone_makes_no_classic_session) {
  phone.options.suite = Suite::classic;
  ASSERT_OK(phone.enrol());
  const UserKey user = must(phone.user());
  const auto sent = must(begin_login(phone.platform(), Suite::classic, phone.subscriber, user, phone.password(), {}, world.clock.now_ms(), world.random));
  SessionContent forged;
  forged.session = "AAAAAAAAAAAAAAAAAAAAAA";
  forged.expires_in_s = 60;
  LoginAnswer answer{Suite::classic, {}, must(crypto::jwe_seal_to(user.key.public_key(), "", world.random, typ::session, encode(forged).reveal()))};
  EXPECT_REFUSED(finish_login(phone.platform(), phone.subscriber, user, sent, encode(answer)), Code::refused, "wallet.platform_answer");
}

TEST_F(MisbehavingPlatform, signs_the_result_of_this_very_payment) {
  ASSERT_OK(phone.enrol());
  ASSERT_OK(phone.login_now());
  const auto sent = must(phone.payment(phone.purchase("A-1")));
  const ResultClaim good{.platform = kPlatform, .request = sent.request, .order = "A-1", .refund = {}, .transaction = "1", .outcome = Outcome::approved,
                         .amount = 1000, .refunded = 0, .time_ms = world.clock.now_ms()};
  EXPECT_OK(told(sent, good));
  const auto with = [&](const std::function<void(ResultClaim&)>& alter) {
    ResultClaim out = good;
    alter(out);
    return told(sent, out);
  };
  EXPECT_REFUSED(with([](ResultClaim& claim) { claim.platform = "another.test"; }), Code::refused, "wallet.other_answer");
  EXPECT_REFUSED(with([](ResultClaim& claim) { claim.request[0] ^= 1; }), Code::refused, "wallet.other_answer");
  EXPECT_REFUSED(with([](ResultClaim& claim) { claim.order = "A-2"; }), Code::refused, "wallet.other_answer");
  EXPECT_REFUSED(with([](ResultClaim& claim) { claim.refund = "R-1"; }), Code::refused, "wallet.other_answer");
  EXPECT_REFUSED(with([](ResultClaim& claim) { claim.amount = 100'000; }), Code::refused, "wallet.other_answer");
  must(world.vault->generate("another.key", crypto::KeyKind::p256, 0, vault::Purpose::sign));
  EXPECT_REFUSED(told(sent, good, "another.key"), Code::refused, "wallet.platform_signature");
  EXPECT_REFUSED(told(sent, good, "another.key", "another.key"), Code::refused, "wallet.platform_signature");
  EXPECT_FALSE(finish_result(phone.platform(), sent, "{\"result\":\"approved\"}").has_value());
}

}  // namespace
}  // namespace tf::wallet::test
