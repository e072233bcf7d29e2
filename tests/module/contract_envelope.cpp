// The whole way of a delivery: an operator's envelope in XML, verified outside, opened, judged and stored inside.
#include "pki/issue.hpp"
#include "tests/module/contract.hpp"
#include "tests/support/process.hpp"
#include "tests/support/local.hpp"
#include "xml/security_encryption.hpp"
#include "xml/security_signature.hpp"

namespace tf::module::test {
namespace {

constexpr std::string_view kSpace = "urn:trustferry:onboard:1";
constexpr xml::Name kEnvelope{kSpace, "Envelope"};

const crypto::PrivateKey& operator_key() {
  static const crypto::PrivateKey key = crypto::PrivateKey::generate_p256();
  return key;
}

Result<crypto::PublicKey> trusted(const std::vector<Bytes>&) { return operator_key().public_key(); }

std::string envelope_to(const crypto::PublicKey& module) {
  SystemRandom random;
  const auto certificate = must(pki::make_root("operator", operator_key(), {tf::test::FixedClock::kStart, 30}, random));
  xml::Document document = xml::Document::create(kEnvelope);
  document.root().set({"", "Id"}, "envelope");
  xml::Element credential = document.root().add({kSpace, "Credential"});
  credential.add({kSpace, "Imsi"}, "001010123456789");
  credential.add({kSpace, "K"}, kK);
  credential.add({kSpace, "Opc"}, kOpc);
  must(xml::encrypt(credential, module));
  const auto sign = [](ByteView data) -> Result<Bytes> { return to_bytes(TF_TRY(crypto::sign_es256(operator_key(), data))); };
  must(xml::sign(document, {.kind = crypto::KeyKind::p256, .chain = {certificate.der()}, .sign = sign}));
  return must(document.serialise());
}

Result<Credential> read_credential(ByteView plaintext) {
  const xml::Document document = TF_TRY(xml::Document::parse(plaintext));
  const xml::Element root = document.root();
  const auto key = [&](std::string_view name) -> Result<SecretBytes> {
    SecretBytes out = TF_TRY(wire::secret_from_hex(TF_TRY(TF_TRY(root.child({kSpace, name})).text())));
    if (out.size() != 16) return Error{Code::refused, "test.key", "16 bytes"};
    return out;
  };
  const SecretBytes k = TF_TRY(key("K"));
  const SecretBytes opc = TF_TRY(key("Opc"));
  Credential out{.imsi = TF_TRY(TF_TRY(root.child({kSpace, "Imsi"})).text()), .key = TF_TRY(crypto::AkaKey::of(k.reveal(), opc.reveal()))};
  xml::wipe_texts(root);
  return out;
}

Status deliver(SecureModule& module, std::string_view text) {
  const auto verified = TF_TRY(xml::verify(as_bytes(text), {.root = kEnvelope, .id = "envelope", .limits = {.bytes = 32 * 1024}}, trusted));
  const xml::EncryptedParts parts = TF_TRY(xml::encrypted_parts(TF_TRY(verified.document.root().child(xml::kEncryptedData))));
  const Content content{.oaep = Oaep::sha1, .wrapped_key = parts.wrapped_key, .iv = parts.iv, .ciphertext = parts.ciphertext, .tag = parts.tag};
  return module.install(Slot::subscription, content, read_credential);
}

TEST_P(ModuleContract, takes_a_credential_from_an_envelope_and_authenticates_with_it) {
  ASSERT_OK(deliver(*module, envelope_to(module->public_key(Key::decrypt))));
  EXPECT_EQ(module->credential(Slot::subscription).value().imsi, "001010123456789");
  const auto rand = array_of<16>("23553cbe9637a89d218ae64dae47bf35");
  const std::uint64_t sqn = 32;
  crypto::AkaVector vector;
  crypto::AkaFunctions(key_with(kK)).vectors({&rand, 1}, {&sqn, 1}, {0x80, 0}, {&vector, 1});
  const auto answer = must(module->aka(Slot::subscription, rand, vector.autn));
  ASSERT_TRUE(std::holds_alternative<crypto::AkaAccepted>(answer));
  // TS 35.208 test set 1: RES depends on K, OPc and RAND alone.
  EXPECT_EQ(wire::hex_lower(std::get<crypto::AkaAccepted>(answer).res.reveal()), "a54211d5e3ba50bf");
}

TEST_P(ModuleContract, takes_no_credential_from_another_modules_envelope) {
  EXPECT_REFUSED(deliver(*module, envelope_to(crypto::PrivateKey::generate_rsa(2048).public_key())), Code::refused, "module.content");
  EXPECT_FALSE(module->credential(Slot::subscription));
}

// What xmlsec1 encrypts to the module's key.
TEST_P(ModuleContract, opens_what_xmlsec1_encrypts_to_its_key) {
  const Directory files;
  const auto path = [&](const char* name) { return files.path() + "/" + name; };
  tf::test::write_text(path("key.der"), as_text(module->public_key(Key::decrypt).spki()));
  tf::test::write_text(path("plain.xml"), "<Credential xmlns=\"urn:trustferry:onboard:1\"><Imsi>001010123456789</Imsi><K>" + std::string(kK) + "</K><Opc>" +
                                              std::string(kOpc) + "</Opc></Credential>");
  tf::test::write_text(path("template.xml"), "<EncryptedData xmlns=\"http://www.w3.org/2001/04/xmlenc#\" Type=\"http://www.w3.org/2001/04/xmlenc#Element\">"
                                             "<EncryptionMethod Algorithm=\"http://www.w3.org/2009/xmlenc11#aes256-gcm\"/>"
                                             "<KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><EncryptedKey xmlns=\"http://www.w3.org/2001/04/xmlenc#\">"
                                             "<EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p\"/>"
                                             "<CipherData><CipherValue/></CipherData></EncryptedKey></KeyInfo>"
                                             "<CipherData><CipherValue/></CipherData></EncryptedData>");
  const auto made = tf::test::run({"xmlsec1", "--encrypt", "--pubkey-der", path("key.der"), "--session-key", "aes-256", "--xml-data", path("plain.xml"), "--output",
                                   path("made.xml"), path("template.xml")});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const xml::Document document = must(xml::Document::parse(as_bytes(tf::test::read_text(path("made.xml")))));
  const xml::EncryptedParts parts = must(xml::encrypted_parts(document.root()));
  const Content content{.oaep = Oaep::sha1, .wrapped_key = parts.wrapped_key, .iv = parts.iv, .ciphertext = parts.ciphertext, .tag = parts.tag};
  EXPECT_OK(module->install(Slot::subscription, content, read_credential));
  EXPECT_EQ(module->credential(Slot::subscription).value().imsi, "001010123456789");
}

}  // namespace
}  // namespace tf::module::test
