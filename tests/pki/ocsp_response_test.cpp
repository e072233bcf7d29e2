// What a responder makes, read again by the client's verification.
#include "pki/ocsp/asn1.hpp"
#include "tests/pki/ocsp_estate.hpp"
#include "tests/support/expect.hpp"

namespace tf::pki::test {
namespace {

using namespace ocsp;


TEST(OcspResponse, says_what_was_put_in) {
  ResponseData data = ocsp_estate().good();
  data.produced_at_ms = kNow + 1000;
  const Verified good = must(verify(ocsp_estate().response(data), ocsp_estate().expected(kNow + 5000)));
  EXPECT_EQ(good.status, CertStatus::good);
  EXPECT_EQ(good.this_update_ms, kNow);
  EXPECT_EQ(good.next_update_ms, kNow + 3'600'000);
  EXPECT_EQ(good.produced_at_ms, kNow + 1000);
  EXPECT_OK(require_good(good));

  for (const RevocationReason reason : {RevocationReason::unspecified, RevocationReason::key_compromise, RevocationReason::privilege_withdrawn}) {
    data.responses[0].status = CertStatus::revoked;
    data.responses[0].reason = reason;
    data.responses[0].revoked_at_ms = kNow - 60'000;
    const Verified revoked = must(verify(ocsp_estate().response(data), ocsp_estate().expected(kNow + 5000)));
    EXPECT_EQ(revoked.status, CertStatus::revoked);
    EXPECT_EQ(revoked.reason, reason);
    EXPECT_EQ(revoked.revoked_at_ms, kNow - 60'000);
    EXPECT_FALSE(revoked.never_issued);
    EXPECT_REFUSED(require_good(revoked), Code::refused, "ocsp.revoked");
  }

  data.responses[0].status = CertStatus::unknown;
  const Verified unknown = must(verify(ocsp_estate().response(data), ocsp_estate().expected(kNow + 5000)));
  EXPECT_EQ(unknown.status, CertStatus::unknown);
  EXPECT_REFUSED(require_good(unknown), Code::refused, "ocsp.unknown");
}

TEST(OcspResponse, a_number_never_issued_is_on_hold_since_1970) {
  const ResponseData data{.responses = {never_issued(ocsp_estate().id(), kNow, kNow + 60'000)}, .produced_at_ms = kNow};
  const Verified found = must(verify(ocsp_estate().response(data), ocsp_estate().expected()));
  EXPECT_EQ(found.status, CertStatus::revoked);
  EXPECT_EQ(found.reason, RevocationReason::certificate_hold);
  EXPECT_EQ(found.revoked_at_ms, 0);
  EXPECT_TRUE(found.never_issued);
}

TEST(OcspResponse, answers_about_several_certificates_are_told_apart) {
  ResponseData data = ocsp_estate().good();
  const CertId other = must(cert_id(ocsp_estate().issuer.certificate, "0A"));
  data.responses.push_back(data.responses[0]);
  data.responses[1].cert_id = other;
  data.responses[1].status = CertStatus::revoked;
  Expected expected = ocsp_estate().expected();
  EXPECT_EQ(must(verify(ocsp_estate().response(data), expected)).status, CertStatus::good);
  expected.serial_hex = "0A";
  EXPECT_EQ(must(verify(ocsp_estate().response(data), expected)).status, CertStatus::revoked);
}

TEST(OcspResponse, either_hash_of_a_cert_id_is_answered) {
  ResponseData data = ocsp_estate().good();
  data.responses[0].cert_id = ocsp_estate().id(Hash::sha1);
  EXPECT_OK(verify(ocsp_estate().response(data), ocsp_estate().expected()));
  data.responses.push_back(ocsp_estate().good().responses[0]);  // RFC 9919 §3.2.1: both in one, for old and new clients
  data.responses[1].status = CertStatus::revoked;
  EXPECT_EQ(must(verify(ocsp_estate().response(data), ocsp_estate().expected())).status, CertStatus::revoked);
}

TEST(OcspResponse, the_nonce_is_there_when_it_was_asked_for) {
  ResponseData data = ocsp_estate().good();
  data.nonce = Bytes(32, 5);
  Expected expected = ocsp_estate().expected();
  expected.nonce = data.nonce;
  EXPECT_OK(verify(ocsp_estate().response(data), expected));
  const Bytes nonce_der = der_of<i2d_X509_EXTENSION>(nonce_extension(*data.nonce).get());
  const Bytes with = ocsp_estate().response(data), without = ocsp_estate().response(ocsp_estate().good());
  const Bytes nonce_oid{0x2b, 6, 1, 5, 5, 7, 0x30, 1, 2};
  EXPECT_FALSE(std::ranges::search(with, nonce_der).empty());
  EXPECT_TRUE(std::ranges::search(without, nonce_oid).empty());
}

TEST(OcspResponse, the_same_answer_without_a_nonce_is_the_same_octets_but_for_the_signature) {
  Bytes signed_octets[2];
  for (Bytes& octets : signed_octets) {
    Responder responder = ocsp_estate().responder();
    responder.sign = [&, inner = responder.sign](ByteView tbs) {
      octets = to_bytes(tbs);
      return inner(tbs);
    };
    EXPECT_OK(make_response(ocsp_estate().good(), responder));
  }
  EXPECT_FALSE(signed_octets[0].empty());
  EXPECT_EQ(signed_octets[0], signed_octets[1]);
}

TEST(OcspResponse, a_vault_that_signs_r_and_s_will_do) {
  Responder responder = ocsp_estate().responder();
  responder.sign = [](ByteView tbs) -> Result<Bytes> { return to_der(TF_TRY(crypto::sign_es256(ocsp_estate().delegate.key, tbs))); };
  for (int i = 0; i < 50; ++i) EXPECT_OK(verify(must(make_response(ocsp_estate().good(), responder)), ocsp_estate().expected()));
}

TEST(OcspResponse, an_rsa_responder_signs_with_pss) {
  const Estate& rsa = rsa_estate();
  const Certificate certificate = ocsp_delegate(rsa.root, rsa.rsa_work.certificate, [](X509* altered) {
    remove_extension(altered, "1.2.840.113556.1.8000.2554.7949.54865.62613.18434.47134.10539311.476683.1");
    const Asn1Bits usage(ASN1_BIT_STRING_new());
    ASN1_BIT_STRING_set_bit(usage.get(), 0, 1);
    X509_add1_ext_i2d(altered, NID_key_usage, usage.get(), 1, X509V3_ADD_REPLACE);
  });
  const Responder responder = must(responder_of(certificate, rsa.rsa_work.key));
  ResponseData data = ocsp_estate().good();
  data.responses[0].cert_id = must(cert_id(rsa.root.certificate, "0A"));
  EXPECT_OK(verify(must(make_response(data, responder)), {.issuer = rsa.root.certificate, .serial_hex = "0A", .now_ms = kNow}));
}

TEST(OcspResponse, an_issuer_may_answer_itself_when_its_key_may_sign) {
  const Issuer issuer{forged(ocsp_estate().issuer.certificate, p256_estate().root,
                             [](X509* altered) {
                               const Asn1Bits usage(ASN1_BIT_STRING_new());
                               for (const int bit : {0, 5, 6}) ASN1_BIT_STRING_set_bit(usage.get(), bit, 1);
                               X509_add1_ext_i2d(altered, NID_key_usage, usage.get(), 1, X509V3_ADD_REPLACE);
                             }),
                      ocsp_estate().issuer.key};
  Responder responder = must(responder_of(issuer.certificate, issuer.key));
  responder.include_certificate = false;
  Expected expected = ocsp_estate().expected();
  EXPECT_REFUSED(verify(must(make_response(ocsp_estate().good(), responder)), expected), Code::refused, "ocsp.responder_usage");
  expected.issuer = issuer.certificate;
  EXPECT_OK(verify(must(make_response(ocsp_estate().good(), responder)), expected));
}

TEST(OcspResponse, what_makes_no_sense_is_not_signed) {
  const auto refuse = [](const std::function<void(ResponseData&)>& alter, const char* reason) {
    ResponseData data = ocsp_estate().good();
    alter(data);
    Responder responder = ocsp_estate().responder();
    responder.sign = [](ByteView) -> Result<Bytes> {
      ADD_FAILURE() << "signed";
      return Bytes();
    };
    EXPECT_REFUSED(make_response(data, responder), Code::invalid, reason);
  };
  refuse([](ResponseData& data) { data.responses.clear(); }, "ocsp.response");
  refuse([](ResponseData& data) { data.responses.resize(17, data.responses[0]); }, "ocsp.response");
  refuse([](ResponseData& data) { data.responses[0].cert_id.der.pop_back(); }, "ocsp.response");
  refuse([](ResponseData& data) { data.responses[0].next_update_ms = data.responses[0].this_update_ms + 999; }, "ocsp.times");
  refuse([](ResponseData& data) { data.produced_at_ms -= 1000; }, "ocsp.times");
  refuse([](ResponseData& data) { data.responses[0].next_update_ms = 300'000'000'000'000; }, "ocsp.times");
  refuse([](ResponseData& data) { data.nonce = Bytes(); }, "ocsp.nonce");
  refuse([](ResponseData& data) { data.nonce = Bytes(129); }, "ocsp.nonce");
  EXPECT_REFUSED(responder_of(ocsp_estate().delegate.certificate, ocsp_estate().issuer.key), Code::invalid, "pki.issuer_key");
}

TEST(OcspResponse, a_failure_to_sign_is_handed_on) {
  Responder responder = ocsp_estate().responder();
  responder.sign = [](ByteView) -> Result<Bytes> { return Error{Code::sealed, "vault.sealed", ""}; };
  EXPECT_REFUSED(make_response(ocsp_estate().good(), responder), Code::sealed, "vault.sealed");
}

TEST(OcspResponse, errors_are_told_by_status_alone) {
  const std::pair<ErrorStatus, const char*> statuses[] = {{ErrorStatus::malformed_request, "refused ocsp.malformed_request"},
                                                          {ErrorStatus::internal_error, "unavailable ocsp.internal_error"},
                                                          {ErrorStatus::try_later, "unavailable ocsp.try_later"},
                                                          {ErrorStatus::unauthorized, "refused ocsp.unauthorized"}};
  for (const auto& [status, reason] : statuses) {
    EXPECT_EQ(error_response(status), (Bytes{0x30, 0x03, 0x0a, 0x01, static_cast<std::uint8_t>(status)}));
    EXPECT_EQ(outcome(verify(error_response(status), ocsp_estate().expected())), reason);
  }
  const std::pair<Code, ErrorStatus> codes[] = {
      {Code::malformed, ErrorStatus::malformed_request}, {Code::refused, ErrorStatus::unauthorized},
      {Code::not_found, ErrorStatus::unauthorized},      {Code::overloaded, ErrorStatus::try_later},
      {Code::sealed, ErrorStatus::try_later},            {Code::unavailable, ErrorStatus::try_later},
      {Code::integrity, ErrorStatus::internal_error},    {Code::internal, ErrorStatus::internal_error}};
  for (const auto& [code, status] : codes) EXPECT_EQ(error_response(Error{code, "some.reason", ""}), error_response(status));
}

}  // namespace
}  // namespace tf::pki::test
