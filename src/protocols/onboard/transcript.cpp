#include "protocols/onboard/transcript.hpp"

#include "crypto/digest.hpp"
#include "wire/fields.hpp"

namespace tf::onboard {

using wire::FieldWriter;

Hash256 device_hash(ByteView signing_der, ByteView decryption_der) {
  return crypto::sha256(FieldWriter().field("onboard device").field(signing_der).field(decryption_der).bytes());
}

Hash256 operator_hash(ByteView certificate_der) {
  return crypto::sha256(FieldWriter().field("onboard operator").field(certificate_der).bytes());
}

Hash256 nonce_hash(const RegistrationNonce& nonce) {
  FieldWriter fields;
  fields.field("onboard registration nonce").field(nonce.reveal());
  Bytes bytes = fields.take();
  const Hash256 out = crypto::sha256(bytes);
  wipe(bytes.data(), bytes.size());
  return out;
}

Hash256 imsi_hash(const Hash256& nonce_hash, std::string_view imsi) {
  return crypto::sha256(FieldWriter().field("onboard imsi").field(nonce_hash).field(imsi).bytes());
}

Hash256 envelope_hash(ByteView envelope) { return crypto::sha256(envelope); }

Hash256 transcript_hash(const Transcript& transcript) {
  FieldWriter fields;
  fields.field("onboard transcript").field(transcript.operator_id).field(transcript.dsim_id).field(transcript.nonce_d).field(transcript.nonce_c);
  return crypto::sha256(fields.field(transcript.device).field(transcript.operator_cert).field(transcript.nonce).bytes());
}

Hash256 session_nonce(const RegistrationNonce& nonce, const Hash256& transcript) {
  const auto derived = crypto::hkdf_expand<32>(crypto::hkdf_extract(transcript, nonce.reveal()), "onboard session nonce");
  Hash256 out;
  std::ranges::copy(derived.reveal(), out.begin());
  return out;
}

}  // namespace tf::onboard
