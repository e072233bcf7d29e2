#include "protocols/access/keys.hpp"

#include "crypto/digest.hpp"
#include "wire/fields.hpp"

namespace tf::access {

using wire::FieldWriter;

Secret<32> derive(const Secret<kDkeySize>& dkey, std::string_view key_id, std::string_view label, ByteView context) {
  return crypto::hkdf_expand<32>(crypto::hkdf_extract(as_bytes(key_id), dkey.reveal()), label, context);
}

Bytes initialise_answer_fields(const Parties& who, const InitialiseAnswer& answer, std::string_view nonce_p, const Nonce& nonce_t) {
  return FieldWriter().field(label::initialise_answer).field(who.service).field(who.did).field(answer.msisdn).field(answer.key_id)
      .number(static_cast<std::uint64_t>(answer.key_time_ms)).field(nonce_p).field(nonce_t).take();
}

Bytes authenticate_request_fields(std::string_view service, const Claim& claim, std::string_view nonce_p, const Nonce& nonce_t) {
  return FieldWriter().field(label::authenticate_request).field(service).field(claim.did).field(claim.msisdn)
      .number(static_cast<std::uint64_t>(claim.key_time_ms)).field(claim.info).field(nonce_p).field(nonce_t).take();
}

Bytes authenticate_answer_fields(const Parties& who, std::string_view ticket, std::string_view nonce_p, const Nonce& nonce_t) {
  return FieldWriter().field(label::authenticate_answer).field("ok").field(who.service).field(who.did).field(who.msisdn)
      .field(nonce_p).field(nonce_t).field(crypto::sha256(as_bytes(ticket))).take();
}

Hash256 enrolment_digest(std::string_view service, const Initialisation& content) {
  return crypto::sha256(FieldWriter().field(label::enrolment).field(service).field(content.did)
                            .field(crypto::sha256(content.dkey.reveal())).field(content.msisdn).field(content.nonce_p)
                            .field(content.nonce_t).take());
}

}  // namespace tf::access
