// Signing and verifying: what fits together, and that the stock xmlsec1 command and we agree.
#include <thread>

#include "tests/xml/security_support.hpp"

namespace tf::xml::test {
namespace {

const std::string kTime = "2026-11-10 00:00:00";
const std::vector<std::string> kVerify = {"--verify", "--id-attr:Id", "urn:trustferry:onboard:1:Envelope", "--enabled-key-data", "x509",
                                          "--enabled-reference-uris", "same-doc", "--verification-time", kTime, "--trusted-pem"};

tf::test::Finished judged(const XmlSec& xmlsec, const Operator& op, const std::string& text) {
  xmlsec.write("root.pem", op.root.to_pem());
  xmlsec.write("envelope.xml", text);
  std::vector<std::string> words = kVerify;
  words.insert(words.end(), {xmlsec.path("root.pem"), xmlsec.path("envelope.xml")});
  return xmlsec.run(words);
}

TEST(XmlSignature, verifies_what_it_signs_with_either_kind_of_key) {
  for (const Operator* op : {&p256_operator(), &rsa_operator()}) {
    const auto verified = verify_text(signed_envelope(*op), *op);
    ASSERT_OK(verified);
    EXPECT_TRUE(verified->document.root().is(kEnvelope));
    EXPECT_EQ(must(must(must(verified->document.root().child({kSpace, "Header"})).child({kSpace, "Device"})).text()), "DSIM-0001");
    EXPECT_TRUE(verified->document.root().children({"http://www.w3.org/2000/09/xmldsig#", "Signature"}).empty());
    ASSERT_EQ(verified->chain.size(), 2U);
    EXPECT_EQ(verified->chain[0], op->chain[0].der());
  }
}

TEST(XmlSignature, xmlsec1_verifies_what_we_sign) {
  const XmlSec xmlsec;
  for (const Operator* op : {&p256_operator(), &rsa_operator()}) {
    const std::string text = signed_envelope(*op);
    const auto good = judged(xmlsec, *op, text);
    EXPECT_EQ(good.exit_code, 0) << good.out << good.err;
    EXPECT_NE(judged(xmlsec, *op, with(text, "DSIM-0001", "DSIM-0002")).exit_code, 0);
    EXPECT_NE(judged(xmlsec, op == &p256_operator() ? rsa_operator() : p256_operator(), text).exit_code, 0);
  }
}

// As a stock tool would write it: its own prefixes, its own white space.
std::string stock_template(std::string_view method) {
  return "<?xml version=\"1.0\"?>\n<o:Envelope xmlns:o=\"urn:trustferry:onboard:1\" Id=\"envelope\">\n  <o:Header><o:Device>DSIM-0001</o:Device></o:Header>\n"
         "  <ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\n    <ds:SignedInfo>\n"
         "      <ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>\n"
         "      <ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#" + std::string(method) + "\"/>\n"
         "      <ds:Reference URI=\"#envelope\">\n        <ds:Transforms>\n"
         "          <ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>\n"
         "          <ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>\n        </ds:Transforms>\n"
         "        <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>\n        <ds:DigestValue/>\n      </ds:Reference>\n"
         "    </ds:SignedInfo>\n    <ds:SignatureValue/>\n    <ds:KeyInfo><ds:X509Data/></ds:KeyInfo>\n  </ds:Signature>\n</o:Envelope>\n";
}

std::string signed_by_xmlsec1(const XmlSec& xmlsec, const Operator& op, std::string_view method) {
  xmlsec.write_key("key.pem", op.key);
  xmlsec.write("leaf.pem", op.chain[0].to_pem());
  xmlsec.write("template.xml", stock_template(method));
  const auto made = xmlsec.run({"--sign", "--id-attr:Id", "urn:trustferry:onboard:1:Envelope", "--privkey-pem", xmlsec.path("key.pem") + "," + xmlsec.path("leaf.pem"),
                                "--output", xmlsec.path("signed.xml"), xmlsec.path("template.xml")});
  EXPECT_EQ(made.exit_code, 0) << made.err;
  return xmlsec.read("signed.xml");
}

TEST(XmlSignature, we_verify_what_xmlsec1_signs) {
  const XmlSec xmlsec;
  const auto ecdsa = verify_text(signed_by_xmlsec1(xmlsec, p256_operator(), "ecdsa-sha256"), p256_operator());
  ASSERT_OK(ecdsa);
  EXPECT_EQ(must(must(must(ecdsa->document.root().child({kSpace, "Header"})).child({kSpace, "Device"})).text()), "DSIM-0001");
  EXPECT_OK(verify_text(signed_by_xmlsec1(xmlsec, rsa_operator(), "rsa-sha256"), rsa_operator()));
}

TEST(XmlSignature, refuses_the_weaker_methods_that_xmlsec1_signs_with) {
  const XmlSec xmlsec;
  EXPECT_REFUSED(verify_text(signed_by_xmlsec1(xmlsec, p256_operator(), "ecdsa-sha1"), p256_operator()), Code::refused, "xml.algorithm");
  EXPECT_REFUSED(verify_text(signed_by_xmlsec1(xmlsec, rsa_operator(), "rsa-sha512"), rsa_operator()), Code::refused, "xml.algorithm");
}

TEST(XmlSignature, the_chain_is_judged_before_anything_is_believed) {
  const std::string text = signed_envelope(p256_operator());
  EXPECT_REFUSED(verify_text(text, rsa_operator()), Code::refused, "test.untrusted");
  const SignatureKey wrong_key = [](const std::vector<Bytes>&) -> Result<crypto::PublicKey> { return crypto::PrivateKey::generate_p256().public_key(); };
  EXPECT_REFUSED(verify(as_bytes(text), kExpected, wrong_key), Code::refused, "xml.signature");
  const SignatureKey wrong_kind = [](const std::vector<Bytes>&) -> Result<crypto::PublicKey> { return device_key().public_key(); };
  EXPECT_REFUSED(verify(as_bytes(text), kExpected, wrong_kind), Code::refused, "xml.algorithm");
}

TEST(XmlSignature, comments_are_no_part_of_what_was_signed_and_are_not_handed_on) {
  const std::string text = with(signed_envelope(p256_operator()), "DSIM-0001", "DSIM-<!-- x -->0001");
  const auto verified = verify_text(text);
  ASSERT_OK(verified);
  EXPECT_EQ(must(must(must(verified->document.root().child({kSpace, "Header"})).child({kSpace, "Device"})).text()), "DSIM-0001");
  EXPECT_EQ(must(verified->document.serialise()).find("<!--"), std::string::npos);
}

TEST(XmlSignature, signing_wants_an_id_and_a_chain_and_hands_on_the_keys_refusal) {
  Document without = Document::create(kEnvelope);
  EXPECT_REFUSED(sign(without, p256_operator().signer()), Code::invalid, "xml.id");
  without.root().set({"", "Id"}, "1 bad');");
  EXPECT_REFUSED(sign(without, p256_operator().signer()), Code::invalid, "xml.id");
  Document document = envelope(false);
  Signer signer = p256_operator().signer();
  signer.chain.clear();
  EXPECT_REFUSED(sign(document, signer), Code::invalid, "xml.signer");
  signer = p256_operator().signer();
  signer.sign = [](ByteView) -> Result<Bytes> { return Error{Code::sealed, "vault.sealed", "test"}; };
  EXPECT_REFUSED(sign(document, signer), Code::sealed, "vault.sealed");
}

TEST(XmlSignature, says_nothing_on_standard_error) {
  const std::string text = signed_envelope(p256_operator());
  testing::internal::CaptureStderr();
  EXPECT_FALSE(verify_text(with(text, "DSIM-0001", "DSIM-0002")));
  EXPECT_FALSE(verify_text(with(text, "</Envelope>", "<")));
  EXPECT_FALSE(verify_text(with(text, "<SignatureValue>", "<SignatureValue>AAAA")));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(XmlSignature, signs_and_verifies_on_several_threads) {
  std::vector<int> verified(4);
  {
    std::vector<std::jthread> threads;
    for (int& count : verified)
      threads.emplace_back([&count] {
        for (int i = 0; i < 20; ++i) count += verify_text(signed_envelope(p256_operator())).has_value() ? 1 : 0;
      });
  }
  EXPECT_EQ(verified, std::vector<int>(4, 20));
}

// Whichever byte changes: refused, or nothing that was signed is different.
TEST(XmlSignature, no_altered_byte_changes_what_is_believed) {
  const std::string text = signed_envelope(p256_operator(), false);
  const std::string good = must(must(verify_text(text)).document.serialise());
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string bad = text;
    bad[i] = static_cast<char>(bad[i] ^ (i % 2 == 0 ? 0x01 : 0x20));
    const auto verified = verify_text(bad);
    if (!verified) continue;
    ++accepted;
    EXPECT_EQ(must(verified->document.serialise()), good) << i;
  }
  EXPECT_LT(accepted, 20U);  // white space and quotation marks of the XML declaration
}

}  // namespace
}  // namespace tf::xml::test
