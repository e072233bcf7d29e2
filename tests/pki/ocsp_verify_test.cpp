// Responses that must not be believed. Where our own responder would not make them, OpenSSL's functions do.
#include "pki/algorithms.hpp"
#include "pki/ocsp/asn1.hpp"
#include "tests/pki/ocsp_estate.hpp"
#include "tests/support/expect.hpp"

namespace tf::pki::test {
namespace {

using namespace ocsp;


std::string answer_verdict(ByteView response, const Expected& expected = ocsp_estate().expected()) { return outcome(verify(response, expected)); }

std::string verdict_on(const Issuer& delegate, std::int64_t now_ms = kNow) {
  return answer_verdict(must(make_response(ocsp_estate().good(now_ms), must(responder_of(delegate.certificate, delegate.key)))),
                 ocsp_estate().expected(now_ms));
}

std::string verdict_on_altered(const std::function<void(X509*)>& alter) {
  return verdict_on({ocsp_delegate(ocsp_estate().issuer, p256_estate().person.certificate, alter), ocsp_estate().delegate.key});
}

struct Shape {
  std::function<void(OCSP_BASICRESP*)> alter = [](OCSP_BASICRESP*) {};
  bool next_update = true;
  unsigned long flags = OCSP_RESPID_KEY;
  int status = V_OCSP_CERTSTATUS_GOOD;
  int reason = -1;
};

// Made and signed by OpenSSL.
Bytes made(const Shape& shape) {
  const BasicHandle basic(OCSP_BASICRESP_new());
  const Asn1Time from = asn1_time(kNow - 1000), until = asn1_time(kNow + kDayMs);
  OCSP_basic_add1_status(basic.get(), native_of(ocsp_estate().id()).get(), shape.status, shape.reason,
                         shape.status == V_OCSP_CERTSTATUS_REVOKED ? from.get() : nullptr, from.get(),
                         shape.next_update ? until.get() : nullptr);
  ASN1_GENERALIZEDTIME_set(const_cast<ASN1_GENERALIZEDTIME*>(OCSP_resp_get0_produced_at(basic.get())), kNow / 1000);
  shape.alter(basic.get());
  const auto context = must(signing_context(ocsp_estate().delegate.key));
  EXPECT_EQ(OCSP_basic_sign_ctx(basic.get(), ocsp_estate().delegate.certificate.native(), context.get(), nullptr, shape.flags | OCSP_NOTIME), 1);
  const ResponseHandle response(OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.get()));
  return der_of<i2d_OCSP_RESPONSE>(response.get());
}

void add_critical(OCSP_BASICRESP* to) {
  const Asn1Octets value(ASN1_OCTET_STRING_new());
  const crypto::Handle<ASN1_OBJECT, ASN1_OBJECT_free> type(OBJ_txt2obj("1.2.3.4", 1));
  const ExtensionHandle extension(X509_EXTENSION_create_by_OBJ(nullptr, type.get(), 1, value.get()));
  OCSP_BASICRESP_add_ext(to, extension.get(), -1);
}

TEST(OcspVerify, one_response_about_several_certificates_is_verified_once_and_each_has_its_own_answer) {
  const std::string other = "0123456789ABCDEF", third = "0123456789ABCDEE";
  auto data = ocsp_estate().good();
  data.nonce = Bytes(32, 7);
  auto revoked = data.responses.front();
  revoked.cert_id = must(cert_id(ocsp_estate().issuer.certificate, other));
  revoked.status = CertStatus::revoked;
  revoked.revoked_at_ms = kNow - 1000;
  data.responses.push_back(revoked);
  const Bytes response = ocsp_estate().response(data);
  auto expected = ocsp_estate().expected();
  expected.nonce = Bytes(32, 7);
  const auto answers = must(verify_each(response, expected, {other, ocsp_estate().subject.serial_hex(), third}));
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers[0]->status, CertStatus::revoked);
  EXPECT_EQ(answers[1]->status, CertStatus::good);
  EXPECT_REFUSED(answers[2], Code::refused, "ocsp.wrong_certificate");
  expected.nonce = Bytes(32, 8);
  EXPECT_REFUSED(verify_each(response, expected, {other, third}), Code::refused, "ocsp.nonce_mismatch");
  Bytes forged = response;
  forged.back() ^= 1;
  expected.nonce = Bytes(32, 7);
  EXPECT_FALSE(verify_each(forged, expected, {other}));
}

TEST(OcspVerify, openssl_responses_are_read_by_key_and_by_name) {
  EXPECT_EQ(answer_verdict(made({})), "ok");
  EXPECT_EQ(answer_verdict(made({.flags = 0})), "ok");
  EXPECT_EQ(must(verify(made({.status = V_OCSP_CERTSTATUS_REVOKED, .reason = 4}), ocsp_estate().expected())).reason, RevocationReason::superseded);
  EXPECT_EQ(must(verify(made({.status = V_OCSP_CERTSTATUS_REVOKED, .reason = 10}), ocsp_estate().expected())).status, CertStatus::revoked);
  EXPECT_EQ(answer_verdict(made({.status = V_OCSP_CERTSTATUS_REVOKED, .reason = 7})), "malformed ocsp.response");
}

TEST(OcspVerify, a_byte_changed_anywhere_is_refused) {
  const Bytes der = ocsp_estate().response(ocsp_estate().good());
  for (std::size_t at = 0; at < der.size(); ++at) ASSERT_NE(answer_verdict(flipped(der, at)), "ok") << at;
}

TEST(OcspVerify, only_strict_der_is_read) {
  const Bytes der = ocsp_estate().response(ocsp_estate().good());
  Bytes longer = der;
  longer.push_back(0);
  EXPECT_EQ(answer_verdict(longer), "malformed ocsp.response");
  for (std::size_t size = 0; size < der.size(); ++size) ASSERT_EQ(answer_verdict(ByteView(der).first(size)), "malformed ocsp.response") << size;
  EXPECT_EQ(answer_verdict(Bytes(kMaxResponse + 1, 0x30)), "malformed ocsp.response");
  EXPECT_EQ(answer_verdict(Bytes{0x30, 0x03, 0x0a, 0x01, 0x00}), "malformed ocsp.response");  // successful without bytes
  EXPECT_EQ(answer_verdict(Bytes{0x30, 0x03, 0x0a, 0x01, 0x04}), "malformed ocsp.response");
  EXPECT_EQ(answer_verdict(Bytes{0x30, 0x03, 0x0a, 0x01, 0x05}), "refused ocsp.sig_required");
}

TEST(OcspVerify, another_nonce_and_none_are_refused_when_one_was_sent) {
  ResponseData data = ocsp_estate().good();
  Expected expected = ocsp_estate().expected();
  expected.nonce = Bytes(32, 1);
  EXPECT_EQ(answer_verdict(ocsp_estate().response(data), expected), "refused ocsp.nonce_missing");
  data.nonce = Bytes(32, 2);
  EXPECT_EQ(answer_verdict(ocsp_estate().response(data), expected), "refused ocsp.nonce_mismatch");
  data.nonce = Bytes(31, 1);
  EXPECT_EQ(answer_verdict(ocsp_estate().response(data), expected), "refused ocsp.nonce_mismatch");
  data.nonce = Bytes(32, 1);
  EXPECT_EQ(answer_verdict(ocsp_estate().response(data), expected), "ok");
  EXPECT_EQ(answer_verdict(ocsp_estate().response(data)), "ok");  // RFC 9919 §5: ignored when none was sent
}

TEST(OcspVerify, a_response_about_something_else_is_refused) {
  Expected expected = ocsp_estate().expected();
  expected.serial_hex = "0A";
  EXPECT_EQ(answer_verdict(ocsp_estate().response(ocsp_estate().good()), expected), "refused ocsp.wrong_certificate");
  ResponseData data = ocsp_estate().good();
  data.responses[0].cert_id = must(cert_id(p256_estate().root.certificate, ocsp_estate().subject.serial_hex()));
  EXPECT_EQ(answer_verdict(ocsp_estate().response(data)), "refused ocsp.wrong_certificate");
  data = ocsp_estate().good();
  data.responses.push_back(data.responses[0]);
  EXPECT_EQ(answer_verdict(ocsp_estate().response(data)), "refused ocsp.ambiguous");
}

TEST(OcspVerify, it_holds_from_this_update_until_the_next) {
  const Bytes der = ocsp_estate().response(ocsp_estate().good());
  EXPECT_EQ(answer_verdict(der, ocsp_estate().expected(kNow - 1)), "refused ocsp.not_yet_valid");
  EXPECT_EQ(answer_verdict(der, ocsp_estate().expected(kNow + 3'599'999)), "ok");
  EXPECT_EQ(answer_verdict(der, ocsp_estate().expected(kNow + 3'600'000)), "refused ocsp.expired");
  Expected expected = ocsp_estate().expected(kNow + 60'000);
  expected.max_age_ms = 60'000;
  EXPECT_EQ(answer_verdict(der, expected), "ok");
  expected.max_age_ms = 59'999;
  EXPECT_EQ(answer_verdict(der, expected), "refused ocsp.too_old");
  ResponseData data = ocsp_estate().good();
  data.produced_at_ms = kNow + 2000;
  EXPECT_EQ(answer_verdict(ocsp_estate().response(data), ocsp_estate().expected(kNow + 1999)), "refused ocsp.not_yet_valid");
  EXPECT_EQ(answer_verdict(made({.next_update = false})), "refused ocsp.no_next_update");
}

TEST(OcspVerify, fractions_of_seconds_and_unknown_critical_extensions_are_refused) {
  EXPECT_EQ(answer_verdict(made({.alter =
                              [](OCSP_BASICRESP* basic) {
                                auto* time = const_cast<ASN1_GENERALIZEDTIME*>(OCSP_resp_get0_produced_at(basic));
                                ASN1_STRING_set(time, "20261101000000.5Z", -1);
                              }})),
            "malformed ocsp.response");
  EXPECT_EQ(answer_verdict(made({.alter = add_critical})), "malformed ocsp.response");
}

TEST(OcspVerify, certificates_beside_the_delegates_do_no_harm_but_for_their_number) {
  const auto with = [](int count) {
    return made({.alter = [count](OCSP_BASICRESP* basic) {
      for (int i = 0; i < count; ++i) OCSP_basic_add1_cert(basic, p256_estate().root.certificate.native());
    }});
  };
  EXPECT_EQ(answer_verdict(with(3)), "ok");
  EXPECT_EQ(answer_verdict(with(4)), "malformed ocsp.response");
  EXPECT_EQ(answer_verdict(made({.flags = OCSP_NOCERTS})), "refused ocsp.responder_unknown");
}

TEST(OcspVerify, a_delegate_of_anyone_else_is_refused) {
  const Issuer& foreign = foreign_estate().operations_ca;  // the same name, another key
  EXPECT_EQ(verdict_on({ocsp_delegate(foreign, p256_estate().person.certificate), ocsp_estate().delegate.key}), "refused ocsp.responder_untrusted");
  const Issuer& above = p256_estate().root;
  EXPECT_EQ(verdict_on({ocsp_delegate(above, p256_estate().person.certificate), ocsp_estate().delegate.key}), "refused ocsp.responder_untrusted");
  EXPECT_EQ(verdict_on_altered([](X509* certificate) { remove_extension(certificate, "2.5.29.35"); }), "refused ocsp.responder_untrusted");
  // Below the delegate's own kind: a holder of an ordinary certificate issues itself a delegate.
  EXPECT_EQ(verdict_on({ocsp_delegate(p256_estate().server, p256_estate().person.certificate), ocsp_estate().delegate.key}),
            "refused ocsp.responder_untrusted");
}

TEST(OcspVerify, a_certificate_for_something_else_is_no_delegate) {
  EXPECT_EQ(verdict_on(p256_estate().person), "refused ocsp.responder_usage");
  EXPECT_EQ(verdict_on_altered([](X509* it) { replace_usages(it, {NID_OCSP_sign, NID_client_auth}); }), "refused ocsp.responder_usage");
  EXPECT_EQ(verdict_on_altered([](X509* it) { remove_extension(it, "2.5.29.37"); }), "refused ocsp.responder_usage");
  EXPECT_EQ(verdict_on_altered([](X509* it) { remove_extension(it, "2.5.29.15"); }), "refused ocsp.responder_usage");
  EXPECT_EQ(verdict_on_altered([](X509* it) { add_extension(it, "1.2.3.4", true, Bytes{0x05, 0x00}); }), "refused ocsp.responder_usage");
  EXPECT_EQ(verdict_on_altered([](X509* it) { remove_extension(it, "1.3.6.1.5.5.7.48.1.5"); }), "refused ocsp.responder_nocheck");
  EXPECT_EQ(verdict_on_altered([](X509* it) {
              remove_extension(it, "1.3.6.1.5.5.7.48.1.5");
              add_extension(it, "1.3.6.1.5.5.7.48.1.5", false, Bytes{0x01, 0x01, 0x00});
            }),
            "refused ocsp.responder_nocheck");
}

TEST(OcspVerify, a_delegate_answers_only_while_it_is_valid) {
  const Certificate& delegate = ocsp_estate().delegate.certificate;
  EXPECT_EQ(verdict_on(ocsp_estate().delegate, delegate.not_before_ms()), "ok");
  EXPECT_EQ(verdict_on(ocsp_estate().delegate, delegate.not_before_ms() - 1), "refused ocsp.responder_expired");
  EXPECT_EQ(verdict_on(ocsp_estate().delegate, delegate.not_after_ms()), "refused ocsp.responder_expired");
}

TEST(OcspVerify, a_signature_of_another_key_is_refused) {
  Responder responder = ocsp_estate().responder();
  responder.sign = must(responder_of(ocsp_estate().issuer.certificate, ocsp_estate().issuer.key)).sign;
  EXPECT_EQ(answer_verdict(must(make_response(ocsp_estate().good(), responder))), "refused ocsp.signature");
  responder.sign = [](ByteView) -> Result<Bytes> { return Bytes(); };
  EXPECT_EQ(answer_verdict(must(make_response(ocsp_estate().good(), responder))), "refused ocsp.signature");
}

}  // namespace
}  // namespace tf::pki::test
