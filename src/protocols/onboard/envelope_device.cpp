// Whoever takes an envelope: signature and header, outside the module; the content, inside.
#include "protocols/onboard/envelope_parts.hpp"
#include "protocols/onboard/identity.hpp"
#include "xml/security_encryption.hpp"
#include "xml/security_signature.hpp"

namespace tf::onboard {
namespace {

Error refused(const char* reason, std::string detail) { return Error{Code::refused, reason, std::move(detail)}; }

Status check_header(const EnvelopeHeader& header, const EnvelopeExpected& expected, std::int64_t now_ms) {
  if (header.operator_id != expected.operator_id) return refused("onboard.envelope_operator", "the envelope is of " + header.operator_id);
  if (header.dsim_id != expected.dsim_id || header.device_hash != expected.device_hash)
    return refused("onboard.envelope_device", "the envelope is for another module");
  if (header.nonce_hash != expected.nonce_hash) return refused("onboard.envelope_nonce", "the envelope is of another registration");
  if (now_ms >= header.expires_ms) return refused("onboard.envelope_expired", "the envelope's time is over");
  return {};
}

Result<SecretBytes> read_octets(const xml::Element& parent, std::string_view name, std::size_t size) {
  std::string text = TF_TRY(text_in(parent, name));
  auto bytes = wire::secret_from_hex(text);
  wipe(text.data(), text.size());
  if (!bytes || bytes->size() != size) return Error{Code::malformed, "onboard.content", "K and OPc have 32 hex digits, TOPc 64, AMF four"};
  return bytes;
}

// K and OPc stand in the document, too.
struct Wiped {
  xml::Element root;
  explicit Wiped(xml::Element of) : root(of) {}
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  ~Wiped() { xml::wipe_texts(root); }
};

// Exactly the elements of one algorithm, in this order.
Result<crypto::AkaAlgorithm> algorithm_in(const xml::Element& content) {
  for (const auto algorithm : {crypto::AkaAlgorithm::milenage, crypto::AkaAlgorithm::tuak})
    if (check_children(content, {ours("Operator"), ours("DeviceHash"), ours("NonceHash"), ours("Imsi"), ours("Iccid"), ours("K"), ours(constant_of(algorithm)), ours("Amf")},
                       "onboard.content"))
      return algorithm;
  return Error{Code::malformed, "onboard.content", "other elements than expected: K with Opc (Milenage) or with Topc (TUAK)"};
}

Result<SubscriberCredential> content_in(const xml::Element& content, crypto::AkaAlgorithm algorithm) {
  SubscriberCredential out;
  out.imsi = TF_TRY(parse_imsi(TF_TRY(text_in(content, "Imsi"))));
  out.iccid = TF_TRY(parse_iccid(TF_TRY(text_in(content, "Iccid"))));
  const SecretBytes k = TF_TRY(read_octets(content, "K", 16));
  const SecretBytes constant = TF_TRY(read_octets(content, constant_of(algorithm), crypto::aka_key_size(algorithm) - k.size()));
  out.key = TF_TRY(crypto::AkaKey::of(k.reveal(), constant.reveal()));
  std::ranges::copy(TF_TRY(read_octets(content, "Amf", 2)).reveal(), out.amf.begin());
  return out;
}

}  // namespace

Result<Inspected> inspect_envelope(ByteView envelope, const EnvelopeExpected& expected, const ChainVerifier& verifier, std::int64_t now_ms) {
  if (envelope_hash(envelope) != expected.envelope_hash) return refused("onboard.envelope_hash", "the envelope is not the one READY names");
  std::optional<Shown> issuer;
  const auto key = [&](const std::vector<Bytes>& chain) -> Result<crypto::PublicKey> {
    issuer = TF_TRY(verifier.verify_named(chain, pki::Usage::onboard_issuer, expected.operator_id, now_ms));
    return issuer->leaf.public_key();
  };
  const auto verified = TF_TRY(xml::verify(envelope, {ours("Envelope"), kEnvelopeId, kEnvelopeLimits}, key));
  const xml::Element root = verified.document.root();
  TF_CHECK(check_children(root, {ours("Header"), xml::kEncryptedData}, "onboard.envelope"));
  EnvelopeHeader header = TF_TRY(header_in(root));
  TF_CHECK(check_header(header, expected, now_ms));
  auto content = TF_TRY(xml::encrypted_parts(TF_TRY(root.child(xml::kEncryptedData))));
  return Inspected{std::move(header), std::move(*issuer), std::move(content)};
}

Status check_envelope_for(const CredentialsAnswer& answer, const CredentialsRequest& request, std::string_view operator_id, const ChainVerifier& verifier,
                          std::int64_t now_ms) {
  const EnvelopeExpected expected{std::string(operator_id), request.dsim_id, request.device_hash, request.nonce_hash, envelope_hash(answer.envelope)};
  const Inspected inspected = TF_TRY(inspect_envelope(answer.envelope, expected, verifier, now_ms));
  if (inspected.header.imsi_hash == answer.imsi_hash && inspected.header.expires_ms == request.expires_ms) return {};
  return refused("onboard.other_envelope", "the HSS answers with another envelope than it says");
}

Result<SubscriberCredential> judge_content(ByteView plaintext, const EnvelopeHeader& header) {
  const auto document = TF_TRY(xml::Document::parse(plaintext, kContentLimits));
  const xml::Element content = document.root();
  const Wiped wiped(content);
  if (!content.is(ours("Credential"))) return refused("onboard.content", "no credential is inside");
  const auto algorithm = TF_TRY(algorithm_in(content));
  if (TF_TRY(text_in(content, "Operator")) != header.operator_id) return refused("onboard.content_operator", "the credential is another operator's");
  if (TF_TRY(hash_in(content, "DeviceHash")) != header.device_hash) return refused("onboard.content_device", "the credential is for another module");
  if (TF_TRY(hash_in(content, "NonceHash")) != header.nonce_hash) return refused("onboard.content_nonce", "the credential is of another registration");
  SubscriberCredential out = TF_TRY(content_in(content, algorithm));
  if (imsi_hash(header.nonce_hash, out.imsi) != header.imsi_hash) return refused("onboard.content_imsi", "another IMSI is inside");
  return out;
}

}  // namespace tf::onboard
