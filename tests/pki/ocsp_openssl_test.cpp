// The stock openssl command as the other end: as a client of our responses and as a responder to our requests.
#include "pki/key_file.hpp"
#include "tests/pki/ocsp_estate.hpp"
#include "tests/pki/openssl_command.hpp"
#include "tests/support/expect.hpp"

namespace tf::pki::test {
namespace {

using namespace ocsp;

class OcspOpenSsl : public OpenSslDirectory {
 protected:
  void write_estate(const OcspEstate& estate, const Issuer& root) {
    write("issuer.pem", estate.issuer.certificate.to_pem());
    write("anchors.pem", root.certificate.to_pem() + estate.issuer.certificate.to_pem());
    write("delegate.pem", estate.delegate.certificate.to_pem());
    write("subject.pem", estate.subject.to_pem());
  }
  // The status times are judged by the machine's clock: any will do.
  Outcome judge(const std::string& arguments = "") {
    return run("ocsp -issuer issuer.pem -sha256 -cert subject.pem -respin response.der -CAfile anchors.pem -attime 1793491200"
               " -validity_period 2000000000 " + arguments);
  }
};

// Valid now by the machine's clock, which the command's responder goes by.
OcspEstate present_estate(std::int64_t now_ms, Issuer& root) {
  const auto key = [] { return crypto::PrivateKey::generate_p256(); };
  const auto ca = key(), person = key();
  const Term term{now_ms, 30};
  const Issuer issuer{must(issue_operations_ca(root, "Operations", ca.public_key(), term, randomness())), ca};
  const auto holder = must(issue_operator_certificate(issuer, "Ada", person.public_key(), term, randomness()));
  return {issuer, {ocsp_delegate(issuer, must(issue_operator_certificate(issuer, "OCSP", person.public_key(), term, randomness()))), person}, holder};
}

TEST_F(OcspOpenSsl, believes_our_responses) {
  write_estate(ocsp_estate(), p256_estate().root);
  ResponseData data = ocsp_estate().good();
  write("response.der", ocsp_estate().response(data));
  const Outcome good = judge();
  EXPECT_EQ(good.exit_code, 0) << good.text;
  EXPECT_NE(good.text.find("Response verify OK"), std::string::npos) << good.text;
  EXPECT_NE(good.text.find("subject.pem: good"), std::string::npos) << good.text;

  data.responses[0].status = CertStatus::revoked;
  data.responses[0].reason = RevocationReason::superseded;
  data.responses[0].revoked_at_ms = kNow;
  write("response.der", ocsp_estate().response(data));
  const Outcome revoked = judge("-resp_text");
  for (const char* line : {"Response verify OK", "subject.pem: revoked", "Reason: superseded", "Revocation Time: Nov  1 00:00:00 2026 GMT",
                           "Responder Id: ", "Produced At: Nov  1 00:00:00 2026 GMT"})
    EXPECT_NE(revoked.text.find(line), std::string::npos) << line << "\n" << revoked.text;

  data.responses = {never_issued(ocsp_estate().id(), kNow, kNow + kDayMs)};
  write("response.der", ocsp_estate().response(data));
  const Outcome never = judge("-resp_text");
  for (const char* line : {"Response verify OK", "subject.pem: revoked", "certificateHold", "Jan  1 00:00:00 1970 GMT", "Response Extensions:"})
    EXPECT_NE(never.text.find(line), std::string::npos) << line << "\n" << never.text;
}

TEST_F(OcspOpenSsl, finds_its_nonce_and_its_cert_id_in_our_response) {
  write_estate(ocsp_estate(), p256_estate().root);
  for (const char* digest : {"-sha1", "-sha256"}) {
    ASSERT_EQ(run(std::string("ocsp -issuer issuer.pem ") + digest + " -cert subject.pem -nonce -reqout request.der").exit_code, 0);
    const Request request = must(decode_request(read("request.der")));
    ASSERT_TRUE(request.nonce);
    EXPECT_TRUE(IssuerHashes(ocsp_estate().issuer.certificate).match(request.cert_ids.at(0)));
    EXPECT_EQ(request.cert_ids[0].serial_hex, ocsp_estate().subject.serial_hex());
    ResponseData data = ocsp_estate().good();
    data.responses[0].cert_id = request.cert_ids[0];
    data.nonce = request.nonce;
    write("response.der", ocsp_estate().response(data));
    const std::string arguments = "ocsp -respin response.der -reqin request.der -CAfile anchors.pem -attime 1793491200";
    const Outcome same = run(arguments);
    EXPECT_EQ(same.exit_code, 0) << same.text;
    EXPECT_EQ(same.text.find("WARNING"), std::string::npos) << same.text;
    data.nonce = Bytes(32, 3);
    write("response.der", ocsp_estate().response(data));
    EXPECT_NE(run(arguments).text.find("Nonce Verify error"), std::string::npos);
  }
}

TEST_F(OcspOpenSsl, does_not_believe_a_foreign_delegate) {
  write_estate(ocsp_estate(), p256_estate().root);
  const auto& estate = ocsp_estate();
  const Issuer foreign{ocsp_delegate(p256_estate().root, p256_estate().person.certificate), estate.delegate.key};
  write("response.der", must(make_response(estate.good(), must(responder_of(foreign.certificate, foreign.key)))));
  EXPECT_NE(judge().exit_code, 0);
}

TEST_F(OcspOpenSsl, answers_our_requests_and_we_believe_it) {
  const std::int64_t now_ms = SystemClock().now_ms();
  const auto root_key = crypto::PrivateKey::generate_p256();
  Issuer root{must(make_root("Root", root_key, {now_ms, 30}, randomness())), root_key};
  const OcspEstate estate = present_estate(now_ms, root);
  write_estate(estate, root);
  write("delegate.key", as_text(to_pem(estate.delegate.key).reveal()));
  const std::string serial = estate.subject.serial_hex();
  const auto answer = [&](const std::string& index, const std::string& flags) {
    write("index.txt", index);
    write("request.der", must(encode_request({estate.id()}, Bytes(32, 8))));
    const Outcome made = run("ocsp -index index.txt -CA issuer.pem -rsigner delegate.pem -rkey delegate.key -reqin request.der"
                             " -respout response.der -ndays 1 " + flags);
    EXPECT_EQ(made.exit_code, 0) << made.text;
    Expected expected = estate.expected(SystemClock().now_ms() + 1000);
    expected.nonce = Bytes(32, 8);
    return verify(read("response.der"), expected);
  };
  const std::string valid = "V\t491231235959Z\t\t" + serial + "\tunknown\t/CN=Ada\n";
  const std::string revoked = "R\t491231235959Z\t261101000000Z,keyCompromise\t" + serial + "\tunknown\t/CN=Ada\n";
  EXPECT_EQ(must(answer(valid, "")).status, CertStatus::good);
  EXPECT_EQ(must(answer(valid, "-resp_key_id")).status, CertStatus::good);
  EXPECT_EQ(must(answer(revoked, "-resp_key_id")).reason, RevocationReason::key_compromise);
  EXPECT_EQ(must(answer(revoked, "-resp_key_id")).revoked_at_ms, kNow);
  EXPECT_EQ(must(answer("", "-resp_key_id")).status, CertStatus::unknown);
  EXPECT_REFUSED(answer(valid, "-resp_no_certs"), Code::refused, "ocsp.responder_unknown");
  EXPECT_REFUSED(answer(valid, "-badsig"), Code::refused, "ocsp.signature");
}

}  // namespace
}  // namespace tf::pki::test
