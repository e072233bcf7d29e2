// The two keys: what they do, what they do not, and their certificates.
#include "crypto/aead.hpp"
#include "crypto/oaep_mgf1p.hpp"
#include "pki/issue.hpp"
#include "tests/module/contract.hpp"

namespace tf::module::test {
namespace {

constexpr std::int64_t kNow = tf::test::FixedClock::kStart;

pki::Issuer root() {
  SystemRandom random;
  const crypto::PrivateKey key = crypto::PrivateKey::generate_p256();
  return {must(pki::make_root("Root", key, {kNow, 365}, random)), key};
}

pki::Certificate certificate_for(const crypto::PublicKey& key) {
  SystemRandom random;
  const auto range = must(wire::DsnRange::parse("PAX-00000001..PAX-00000009"));
  return must(pki::issue_work_certificate(root(), "module", key, {range}, {kNow, 30}, random));
}

TEST_P(ModuleContract, signs_with_the_key_it_shows) {
  const auto signature = module->sign(as_bytes("label and transcript"));
  ASSERT_OK(signature);
  EXPECT_TRUE(crypto::verify_es256(module->public_key(Key::sign), as_bytes("label and transcript"), *signature));
  EXPECT_FALSE(crypto::verify_es256(module->public_key(Key::sign), as_bytes("label and transcripT"), *signature));
  EXPECT_EQ(module->public_key(Key::sign).kind(), crypto::KeyKind::p256);
  EXPECT_EQ(module->public_key(Key::decrypt).kind(), crypto::KeyKind::rsa);
  EXPECT_EQ(module->public_key(Key::decrypt).bits(), 2048);
}

TEST_P(ModuleContract, keeps_name_and_keys_when_switched_off) {
  const Bytes sign = module->public_key(Key::sign).spki();
  const Bytes decrypt = module->public_key(Key::decrypt).spki();
  const Sealed sealed = sealed_to(module->public_key(Key::decrypt), Oaep::sha256, "plain");
  reopen();
  EXPECT_EQ(module->dsim_id(), kId);
  EXPECT_EQ(module->public_key(Key::sign).spki(), sign);
  EXPECT_EQ(module->public_key(Key::decrypt).spki(), decrypt);
  EXPECT_EQ(as_text(must(module->open(sealed.content())).reveal()), "plain");
  EXPECT_TRUE(crypto::verify_es256(module->public_key(Key::sign), as_bytes("x"), must(module->sign(as_bytes("x")))));
}

TEST_P(ModuleContract, asks_for_certificates_with_proof_of_possession_of_each_key) {
  for (const Key key : {Key::sign, Key::decrypt}) {
    const auto request = module->request(key, kId);
    ASSERT_OK(request);
    const auto read = pki::CertificateRequest::from_der(request->der());
    ASSERT_OK(read);
    EXPECT_EQ(read->common_name(), kId);
    EXPECT_EQ(read->public_key().spki(), module->public_key(key).spki());
  }
  EXPECT_REFUSED(module->request(Key::sign, ""), Code::invalid, "pki.name");
}

TEST_P(ModuleContract, keeps_certificates_for_its_own_keys_only) {
  EXPECT_TRUE(module->certificates(Key::sign).empty());
  const pki::Certificate sign = certificate_for(module->public_key(Key::sign));
  const pki::Certificate decrypt = certificate_for(module->public_key(Key::decrypt));
  EXPECT_OK(module->store_certificates(Key::sign, {sign, decrypt}));
  EXPECT_OK(module->store_certificates(Key::decrypt, {decrypt}));
  EXPECT_REFUSED(module->store_certificates(Key::sign, {decrypt}), Code::invalid, "module.certificate");
  EXPECT_REFUSED(module->store_certificates(Key::decrypt, {sign}), Code::invalid, "module.certificate");
  EXPECT_REFUSED(module->store_certificates(Key::sign, {}), Code::invalid, "module.certificate");
  EXPECT_REFUSED(module->store_certificates(Key::sign, {sign, sign, sign, sign, sign}), Code::invalid, "module.certificate");
  reopen();
  ASSERT_EQ(module->certificates(Key::sign).size(), 2U);
  EXPECT_EQ(module->certificates(Key::sign)[0], sign);
  EXPECT_EQ(module->certificates(Key::decrypt).at(0), decrypt);
}

TEST_P(ModuleContract, unwraps_keys_of_xml_encryption_and_of_jwe) {
  const Bytes key(32, 0x5a);
  const crypto::PublicKey to = module->public_key(Key::decrypt);
  const Bytes sha1 = must(crypto::oaep_mgf1p_encrypt(to, key));
  const Bytes sha256 = must(crypto::oaep_encrypt(to, key));
  EXPECT_EQ(to_bytes(must(module->unwrap(Oaep::sha1, sha1)).reveal()), key);
  EXPECT_EQ(to_bytes(must(module->unwrap(Oaep::sha256, sha256)).reveal()), key);
  EXPECT_REFUSED(module->unwrap(Oaep::sha256, sha1), Code::refused, "module.unwrap");
  EXPECT_REFUSED(module->unwrap(Oaep::sha1, sha256), Code::refused, "module.unwrap");
}

TEST_P(ModuleContract, gives_one_answer_to_whatever_does_not_unwrap) {
  const Bytes good = must(crypto::oaep_encrypt(module->public_key(Key::decrypt), Bytes(32, 1)));
  Bytes altered = good;
  altered[100] ^= 1;
  Bytes longer = good;
  longer.push_back(0);
  const Bytes other = must(crypto::oaep_encrypt(crypto::PrivateKey::generate_rsa(2048).public_key(), Bytes(32, 1)));
  for (const Bytes& bad : {altered, longer, other, Bytes(), Bytes(255, 1), Bytes(256, 0), Bytes(256, 0xff), Bytes(4096, 1)})
    EXPECT_REFUSED(module->unwrap(Oaep::sha256, bad), Code::refused, "module.unwrap");
  EXPECT_OK(module->unwrap(Oaep::sha256, good));
}

TEST_P(ModuleContract, opens_content_and_refuses_what_was_altered_with_one_answer) {
  for (const Oaep oaep : {Oaep::sha1, Oaep::sha256}) {
    const Sealed good = sealed_to(module->public_key(Key::decrypt), oaep, "<Credential/>");
    EXPECT_EQ(as_text(must(module->open(good.content())).reveal()), "<Credential/>");
    const auto refused = [&](const Sealed& bad) { EXPECT_REFUSED(module->open(bad.content()), Code::refused, "module.content"); };
    for (Bytes Sealed::* part : {&Sealed::wrapped_key, &Sealed::iv, &Sealed::ciphertext, &Sealed::tag}) {
      Sealed bad = good;
      (bad.*part)[3] ^= 1;
      refused(bad);
      bad = good;
      (bad.*part).pop_back();
      refused(bad);
      (bad.*part).clear();
      refused(bad);
    }
    Sealed bad = good;
    bad.oaep = oaep == Oaep::sha1 ? Oaep::sha256 : Oaep::sha1;
    refused(bad);
    bad = good;
    bad.ciphertext.resize(kMaxContent + 1);
    refused(bad);
  }
}

TEST_P(ModuleContract, a_content_key_of_another_length_opens_nothing) {
  Sealed bad = sealed_to(module->public_key(Key::decrypt), Oaep::sha1, "x");
  bad.wrapped_key = must(crypto::oaep_mgf1p_encrypt(module->public_key(Key::decrypt), Bytes(16, 1)));
  EXPECT_REFUSED(module->open(bad.content()), Code::refused, "module.content");
}

}  // namespace
}  // namespace tf::module::test
