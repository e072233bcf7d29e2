// Encrypting and taking apart: the device opens it, xmlsec1 opens it, we open what xmlsec1 made, and weak methods are refused.
#include "crypto/aead.hpp"
#include "crypto/oaep_mgf1p.hpp"
#include "tests/xml/security_support.hpp"

namespace tf::xml::test {
namespace {

const std::string kWrap = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
const std::string kGcm = "http://www.w3.org/2009/xmlenc11#aes256-gcm";

Result<SecretBytes> opened(const EncryptedParts& parts) {
  const SecretBytes key = TF_TRY(crypto::oaep_mgf1p_decrypt(device_key(), parts.wrapped_key));
  if (key.size() != 32) return Error{Code::refused, "test.key_size", ""};
  return crypto::aes256_gcm_open(Secret<32>(key.reveal().first<32>()), parts.iv, {}, parts.ciphertext, parts.tag);
}

Result<EncryptedParts> parts_of(std::string_view text) {
  const Document document = TF_TRY(Document::parse(as_bytes(text)));
  return encrypted_parts(TF_TRY(document.root().child(kEncryptedData)));
}

TEST(XmlEncryption, the_device_opens_what_was_encrypted_to_it) {
  const Document document = envelope(true);
  const auto parts = encrypted_parts(must(document.root().child(kEncryptedData)));
  ASSERT_OK(parts);
  EXPECT_EQ(parts->iv.size(), 12U);
  EXPECT_EQ(parts->tag.size(), 16U);
  const auto plain = opened(*parts);
  ASSERT_OK(plain);
  // It stands alone: the namespace it had from the envelope came along.
  const auto read = Document::parse(plain->reveal());
  ASSERT_OK(read);
  EXPECT_TRUE(read->root().is({kSpace, "Credential"}));
  EXPECT_EQ(must(must(read->root().child({kSpace, "Imsi"})).text()), "001010123456789");
}

TEST(XmlEncryption, nothing_of_the_content_is_left_in_the_document_and_no_two_are_alike) {
  const std::string one = must(envelope(true).serialise());
  EXPECT_EQ(one.find("001010123456789"), std::string::npos);
  EXPECT_EQ(one.find("Credential"), std::string::npos);
  EXPECT_NE(one, must(envelope(true).serialise()));
  EXPECT_NE(one.find("DSIM-0001"), std::string::npos);
}

TEST(XmlEncryption, xmlsec1_opens_what_we_encrypt_signed_or_not) {
  const XmlSec xmlsec;
  xmlsec.write_key("device.pem", device_key());
  for (const std::string& text : {must(envelope(true).serialise()), signed_envelope(p256_operator())}) {
    xmlsec.write("envelope.xml", text);
    const auto opened = xmlsec.run({"--decrypt", "--privkey-pem", xmlsec.path("device.pem"), "--output", xmlsec.path("plain.xml"), xmlsec.path("envelope.xml")});
    EXPECT_EQ(opened.exit_code, 0) << opened.err;
    const std::string plain = xmlsec.read("plain.xml");
    EXPECT_NE(plain.find("<Imsi>001010123456789</Imsi>"), std::string::npos) << plain;
    const auto read = Document::parse(as_bytes(plain));
    ASSERT_OK(read);
    EXPECT_OK(read->root().child({kSpace, "Credential"}));
  }
}

// As a stock tool encrypts it: --session-key aes-256 for a template of any method.
std::string made_by_xmlsec1(const XmlSec& xmlsec, const std::string& content, const std::string& transport, const std::string& session_key,
                            const std::string& inside_method = "") {
  const std::string ds = "http://www.w3.org/2000/09/xmldsig#";
  xmlsec.write("template.xml", "<EncryptedData xmlns=\"http://www.w3.org/2001/04/xmlenc#\" Type=\"http://www.w3.org/2001/04/xmlenc#Element\">\n"
                               " <EncryptionMethod Algorithm=\"" + content + "\"/>\n <KeyInfo xmlns=\"" + ds + "\">\n"
                               "  <EncryptedKey xmlns=\"http://www.w3.org/2001/04/xmlenc#\"><EncryptionMethod Algorithm=\"" + transport + "\">" + inside_method +
                               "</EncryptionMethod><KeyInfo xmlns=\"" + ds + "\"><KeyName/></KeyInfo>\n"
                               "  <CipherData><CipherValue/></CipherData></EncryptedKey></KeyInfo>\n <CipherData><CipherValue/></CipherData>\n</EncryptedData>\n");
  xmlsec.write("plain.xml", must(envelope(false).serialise()));
  xmlsec.write_key("device.pem", device_key());
  const auto made = xmlsec.run({"--encrypt", "--privkey-pem:device", xmlsec.path("device.pem"), "--session-key", session_key, "--xml-data", xmlsec.path("plain.xml"),
                                "--node-name", "urn:trustferry:onboard:1:Credential", "--output", xmlsec.path("made.xml"), xmlsec.path("template.xml")});
  EXPECT_EQ(made.exit_code, 0) << made.err;
  return xmlsec.read("made.xml");
}

TEST(XmlEncryption, we_open_what_xmlsec1_encrypts) {
  const XmlSec xmlsec;
  const auto parts = parts_of(made_by_xmlsec1(xmlsec, kGcm, kWrap, "aes-256"));
  ASSERT_OK(parts);
  const auto plain = opened(*parts);
  ASSERT_OK(plain);
  EXPECT_NE(as_text(plain->reveal()).find("<Imsi>001010123456789</Imsi>"), std::string_view::npos);
}

TEST(XmlEncryption, refuses_weak_methods_that_xmlsec1_encrypts_with) {
  const XmlSec xmlsec;
  const std::string xenc = "http://www.w3.org/2001/04/xmlenc#";
  EXPECT_REFUSED(parts_of(made_by_xmlsec1(xmlsec, xenc + "aes256-cbc", kWrap, "aes-256")), Code::refused, "xml.algorithm");
  EXPECT_REFUSED(parts_of(made_by_xmlsec1(xmlsec, xenc + "tripledes-cbc", kWrap, "des-192")), Code::refused, "xml.algorithm");
  EXPECT_REFUSED(parts_of(made_by_xmlsec1(xmlsec, "http://www.w3.org/2009/xmlenc11#aes128-gcm", kWrap, "aes-128")), Code::refused, "xml.algorithm");
  EXPECT_REFUSED(parts_of(made_by_xmlsec1(xmlsec, kGcm, xenc + "rsa-1_5", "aes-256")), Code::refused, "xml.algorithm");
}

TEST(XmlEncryption, refuses_other_transports_hashes_and_forms) {
  const std::string good = must(envelope(true).serialise());
  ASSERT_OK(parts_of(good));
  for (const char* transport : {"http://www.w3.org/2009/xmlenc11#rsa-oaep", "http://www.w3.org/2001/04/xmlenc#kw-aes256", "http://www.w3.org/2001/04/xmlenc#dh", ""})
    { SCOPED_TRACE(transport); EXPECT_REFUSED(parts_of(with(good, kWrap, transport)), Code::refused, "xml.algorithm"); }
  EXPECT_REFUSED(parts_of(with(good, "http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2001/04/xmlenc#sha256")), Code::refused, "xml.algorithm");
  EXPECT_REFUSED(parts_of(with(good, "</EncryptionMethod>", "<OAEPparams>9lWu3Q==</OAEPparams></EncryptionMethod>")), Code::refused, "xml.algorithm");
  const std::string value = part(good, "<CipherValue>", "</CipherValue>");
  EXPECT_REFUSED(parts_of(with(good, value, "<CipherReference URI=\"#x\"/>")), Code::malformed, "xml.missing_element");
  EXPECT_REFUSED(parts_of(with(good, value, value + value)), Code::malformed, "xml.encrypted_data");
  EXPECT_REFUSED(parts_of(with(good, value, "<CipherValue>AAA</CipherValue>")), Code::malformed, "xml.encrypted_data");
  EXPECT_REFUSED(parts_of(with(good, value, "<CipherValue></CipherValue>")), Code::malformed, "xml.encrypted_data");
  const std::string key = part(good, "<EncryptedKey", "</EncryptedKey>");
  EXPECT_REFUSED(parts_of(with(good, key, key + key)), Code::malformed, "xml.repeated_element");
  EXPECT_REFUSED(parts_of(with(good, key, "")), Code::malformed, "xml.missing_element");
  EXPECT_REFUSED(parts_of(with(good, "</EncryptedData>", "<EncryptionProperties/></EncryptedData>")), Code::malformed, "xml.encrypted_data");
}

TEST(XmlEncryption, encrypts_to_rsa_keys_and_never_the_root) {
  Document document = envelope(false);
  EXPECT_REFUSED(encrypt(must(document.root().child({kSpace, "Credential"})), p256_operator().key.public_key()), Code::invalid, "xml.recipient");
  EXPECT_REFUSED(encrypt(document.root(), device_key().public_key()), Code::invalid, "xml.recipient");
  EXPECT_OK(document.root().child({kSpace, "Credential"}));
}

}  // namespace
}  // namespace tf::xml::test
