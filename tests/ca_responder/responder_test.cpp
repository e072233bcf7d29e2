#include "tests/ca_responder/fixture.hpp"

namespace tf::ca::test {
namespace {

using pki::RevocationReason;
using pki::ocsp::CertStatus;
using pki::ocsp::ErrorStatus;
using pki::ocsp::error_response;

TEST_F(ResponderTest, says_what_its_source_says_with_the_nonce_of_the_request) {
  const Bytes nonce(32, 7);
  EXPECT_EQ(must(judged(ask(request(nonce)), nonce)).status, CertStatus::good);
  source.say(estate.subject.serial_hex(), revoked(RevocationReason::key_compromise, kNow - 5000));
  forget();
  const auto found = must(judged(ask(request(nonce)), nonce));
  EXPECT_EQ(found.status, CertStatus::revoked);
  EXPECT_EQ(found.reason, RevocationReason::key_compromise);
  EXPECT_EQ(found.revoked_at_ms, kNow - 5000);
}

TEST_F(ResponderTest, a_number_that_was_never_given_out_is_revoked_by_the_extended_meaning) {
  source.says.clear();
  forget();
  const auto found = must(judged(ask(request())));
  EXPECT_TRUE(found.never_issued);
  EXPECT_EQ(found.status, CertStatus::revoked);
  EXPECT_EQ(found.reason, RevocationReason::certificate_hold);
  EXPECT_EQ(found.revoked_at_ms, 0);
}

TEST_F(ResponderTest, what_is_issued_after_it_was_asked_for_is_good_at_once) {
  const pki::ocsp::CertId id = id_of("0102030405060708090A");
  const Bytes der = must(pki::ocsp::encode_request({id}, {}));
  const auto judge = [&] { return must(pki::ocsp::verify(ask(der), {.issuer = estate.issuer.certificate, .serial_hex = id.serial_hex, .now_ms = kNow})); };
  EXPECT_TRUE(judge().never_issued);
  source.say(id.serial_hex, good());
  EXPECT_EQ(judge().status, CertStatus::good);
}

TEST_F(ResponderTest, nonces_of_1_to_128_octets_come_back) {
  for (const std::size_t size : {1U, 15U, 16U, 32U, 33U, 128U}) {
    const Bytes nonce(size, 9);
    EXPECT_OK(judged(ask(request(nonce)), nonce));
  }
}

TEST_F(ResponderTest, both_hashes_of_an_issuer_are_known) {
  for (const auto hash : {pki::ocsp::Hash::sha1, pki::ocsp::Hash::sha256}) EXPECT_OK(judged(ask(request({}, hash))));
}

TEST_F(ResponderTest, is_not_authorized_for_foreign_issuers) {
  const auto foreign = must(pki::ocsp::cert_id(pki::test::foreign_estate().root.certificate, estate.subject.serial_hex()));
  const auto answer = responder.answer(must(pki::ocsp::encode_request({foreign}, {})));
  EXPECT_EQ(answer->der, error_response(ErrorStatus::unauthorized));
  EXPECT_FALSE(answer->successful);
  EXPECT_EQ(source.asked, 0);
}

TEST_F(ResponderTest, answers_about_several_certificates_at_once_and_does_not_know_those_of_others) {
  const auto foreign = must(pki::ocsp::cert_id(pki::test::foreign_estate().root.certificate, "77"));
  const Bytes response = ask(must(pki::ocsp::encode_request({foreign, id_of("0A"), estate.id()}, Bytes(16, 1))));
  EXPECT_EQ(must(judged(response, Bytes(16, 1))).status, CertStatus::good);
  EXPECT_TRUE(must(pki::ocsp::verify(response, {.issuer = estate.issuer.certificate, .serial_hex = "0A", .now_ms = kNow})).never_issued);
}

TEST_F(ResponderTest, serves_several_authorities_each_with_its_own_delegate) {
  static const pki::test::OcspEstate other = pki::test::make_ocsp_estate(pki::test::foreign_estate());
  ASSERT_OK(responder.serve({served(estate), served(other, "other")}));
  source.say(other.subject.serial_hex(), good(), "other");
  EXPECT_OK(judged(ask(request())));
  const auto found = pki::ocsp::verify(ask(must(pki::ocsp::encode_request({other.id()}, {}))), other.expected());
  EXPECT_EQ(must(found).status, CertStatus::good);
}

TEST_F(ResponderTest, what_does_not_parse_is_malformed) {
  for (const Bytes& der : {Bytes(), Bytes(100, 0x30), request(Bytes(32, 1)), Bytes(9000, 0)}) {
    Bytes cut = der;
    if (!cut.empty()) cut.pop_back();
    EXPECT_EQ(ask(cut), error_response(ErrorStatus::malformed_request));
  }
}

TEST_F(ResponderTest, a_source_that_cannot_tell_is_asked_again_later) {
  source.failure = Error{Code::unavailable, "test.down", {}};
  EXPECT_EQ(ask(request()), error_response(ErrorStatus::try_later));
  source.failure = Error{Code::integrity, "test.broken", {}};
  EXPECT_EQ(ask(request()), error_response(ErrorStatus::internal_error));
  source.failure.reset();
  EXPECT_OK(judged(ask(request())));
}

TEST_F(ResponderTest, a_delegate_that_has_expired_answers_nothing_and_no_answer_outlives_it) {
  const std::int64_t end_ms = estate.delegate.certificate.not_after_ms();
  clock.set(end_ms - 60'000);
  EXPECT_EQ(must(judged(ask(request(Bytes(16, 1))))).next_update_ms, end_ms);
  clock.set(end_ms);
  EXPECT_EQ(ask(request(Bytes(16, 1))), error_response(ErrorStatus::try_later));
}

TEST_F(ResponderTest, refuses_delegates_that_may_not_answer_and_goes_on_with_those_it_had) {
  Served wrong = served(estate);
  wrong.issuer = pki::test::foreign_estate().operations_ca.certificate;
  EXPECT_REFUSED(responder.serve({wrong}), Code::refused, "ocsp.responder_untrusted");
  EXPECT_OK(judged(ask(request())));
  ASSERT_OK(responder.serve({}));
  EXPECT_EQ(ask(request()), error_response(ErrorStatus::unauthorized));
}

TEST_F(ResponderTest, what_is_known_from_a_list_is_told_with_the_dates_of_the_list) {
  Known listed = good();
  listed.as_of_ms = kNow - 3'600'000;
  listed.until_ms = kNow + 1'800'000;
  source.say(estate.subject.serial_hex(), listed);
  const auto found = must(judged(ask(request())));
  EXPECT_EQ(found.this_update_ms, kNow - 3'600'000);
  EXPECT_EQ(found.next_update_ms, kNow + 1'800'000);
  EXPECT_EQ(found.produced_at_ms, kNow);
  clock.set(kNow + 1'800'000);
  EXPECT_EQ(ask(request()), error_response(ErrorStatus::try_later));
}

}  // namespace
}  // namespace tf::ca::test
