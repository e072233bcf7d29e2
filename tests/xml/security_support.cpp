#include "tests/xml/security_support.hpp"

#include <cstdlib>

#include "crypto/jose/rs256.hpp"
#include "pki/issue.hpp"
#include "pki/key_file.hpp"
#include "tests/support/local.hpp"

namespace tf::xml::test {
namespace {

constexpr std::int64_t kNow = tf::test::FixedClock::kStart;

Operator make_operator(const crypto::PrivateKey& key) {
  SystemRandom random;
  const crypto::PrivateKey root_key = crypto::PrivateKey::generate_p256();
  const crypto::PrivateKey ca_key = crypto::PrivateKey::generate_p256();
  const pki::Issuer root{must(pki::make_root("Root", root_key, {kNow, 3650}, random)), root_key};
  const pki::Issuer ca{must(pki::issue_operations_ca(root, "Operators", ca_key.public_key(), {kNow, 1000}, random)), ca_key};
  const pki::Certificate leaf = must(pki::issue_operator_certificate(ca, "operator-1", key.public_key(), {kNow, 300}, random));
  return {root.certificate, {leaf, ca.certificate}, key};
}

}  // namespace

Signer Operator::signer() const {
  Signer out{.kind = key.kind(), .chain = {}, .sign = {}};
  for (const pki::Certificate& each : chain) out.chain.push_back(each.der());
  out.sign = [this](ByteView data) -> Result<Bytes> {
    if (key.kind() == crypto::KeyKind::p256) return to_bytes(TF_TRY(crypto::sign_es256(key, data)));
    return crypto::sign_rs256(key, data);
  };
  return out;
}

const Operator& p256_operator() {
  static const Operator made = make_operator(crypto::PrivateKey::generate_p256());
  return made;
}

const Operator& rsa_operator() {
  static const Operator made = make_operator(crypto::PrivateKey::generate_rsa(2048));
  return made;
}

const crypto::PrivateKey& device_key() {
  static const crypto::PrivateKey made = crypto::PrivateKey::generate_rsa(2048);
  return made;
}

SignatureKey key_of(const Operator& op) {
  return [&op](const std::vector<Bytes>& chain) -> Result<crypto::PublicKey> {
    for (std::size_t i = 0; i < chain.size(); ++i)
      if (i >= op.chain.size() || chain[i] != op.chain[i].der()) return Error{Code::refused, "test.untrusted", "another chain"};
    return op.chain[0].public_key();
  };
}

Document envelope(bool encrypted) {
  Document document = Document::create(kEnvelope);
  Element root = document.root();
  root.set({"", "Id"}, "envelope");
  Element header = root.add({kSpace, "Header"});
  header.add({kSpace, "Operator"}, "operator-1");
  header.add({kSpace, "Device"}, "DSIM-0001");
  Element credential = root.add({kSpace, "Credential"});
  credential.add({kSpace, "Imsi"}, "001010123456789");
  credential.add({kSpace, "K"}, "465b5ce8b199b49faa5f0a2ee238a6bc");
  if (encrypted) must(encrypt(credential, device_key().public_key()));
  return document;
}

std::string signed_envelope(const Operator& op, bool encrypted) {
  Document document = envelope(encrypted);
  must(sign(document, op.signer()));
  return must(document.serialise());
}

Result<Verified> verify_text(std::string_view text, const Operator& op) { return verify(as_bytes(text), kExpected, key_of(op)); }

std::string with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) std::abort();
  return text.replace(at, from.size(), to);
}

std::string part(const std::string& text, std::string_view from, std::string_view to) {
  const std::size_t begin = text.find(from);
  const std::size_t end = begin == std::string::npos ? begin : text.find(to, begin);
  if (end == std::string::npos) std::abort();
  return text.substr(begin, end + to.size() - begin);
}

void XmlSec::write(std::string_view name, std::string_view text) const { tf::test::write_text(path(name), text); }
void XmlSec::write_key(std::string_view name, const crypto::PrivateKey& key) const { write(name, as_text(pki::to_pem(key).reveal())); }
std::string XmlSec::read(std::string_view name) const { return tf::test::read_text(path(name)); }

tf::test::Finished XmlSec::run(std::vector<std::string> words) const {
  words.insert(words.begin(), "xmlsec1");
  return tf::test::run(words);
}

}  // namespace tf::xml::test
