// The stock xmlsec1 command judges and opens an envelope as an HSS makes it.
#include "tests/onboard/world.hpp"
#include "tests/xml/security_support.hpp"
#include "wire/encoding.hpp"

namespace tf::onboard::test {
namespace {

using xml::test::XmlSec;

class OnboardEnvelopeAtXmlsec1 : public testing::Test {
 protected:
  OnboardEnvelopeAtXmlsec1() {
    const auto certificate = estate().issue("onboard-module-decryption", kId, xml::test::device_key().public_key());
    credential.imsi = "999701000000001";
    credential.iccid = "899900000000000001";
    credential.key = crypto::AkaKey::random(crypto::AkaAlgorithm::milenage, random);
    const std::int64_t now = estate().clock.now_ms();
    const CredentialsRequest request{kId, {}, {}, {certificate.der()}, "plan-1", now + 1'000'000};
    const Bytes envelope = must(compose_envelope(request, "a", certificate, credential, estate().signer("onboard-issuer", "a"), now));
    text = std::string(as_text(envelope));
    xmlsec.write("root.pem", estate().root.certificate.to_pem());
  }
  int verify(const std::string& document) {
    xmlsec.write("envelope.xml", document);
    return xmlsec.run({"--verify", "--id-attr:Id", "urn:trustferry:onboard:1:Envelope", "--enabled-key-data", "x509", "--enabled-reference-uris", "same-doc",
                       "--verification-time", "2026-11-10 00:00:00", "--trusted-pem", xmlsec.path("root.pem"), xmlsec.path("envelope.xml")})
        .exit_code;
  }
  tf::test::DeterministicRandom random{"xmlsec1"};
  SubscriberCredential credential;
  std::string text;
  XmlSec xmlsec;
};

TEST_F(OnboardEnvelopeAtXmlsec1, is_verified_up_to_the_root_and_refused_when_altered) {
  EXPECT_EQ(verify(text), 0);
  EXPECT_NE(verify(xml::test::with(text, "<Operator>a<", "<Operator>b<")), 0);
}

TEST_F(OnboardEnvelopeAtXmlsec1, is_opened_with_the_modules_key) {
  xmlsec.write("envelope.xml", text);
  xmlsec.write_key("device.pem", xml::test::device_key());
  const auto opened = xmlsec.run({"--decrypt", "--privkey-pem", xmlsec.path("device.pem"), "--output", xmlsec.path("plain.xml"), xmlsec.path("envelope.xml")});
  ASSERT_EQ(opened.exit_code, 0) << opened.err;
  const std::string plain = xmlsec.read("plain.xml");
  EXPECT_NE(plain.find("<Imsi>999701000000001</Imsi>"), std::string::npos);
  EXPECT_NE(plain.find("<K>" + wire::hex_lower(credential.key.k()) + "</K>"), std::string::npos);
}

}  // namespace
}  // namespace tf::onboard::test
