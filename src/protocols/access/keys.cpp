#include "protocols/access/keys.hpp"

#include "crypto/digest.hpp"
#include "wire/fields.hpp"

namespace tf::access {

using wire::FieldWriter;

Secret<32> derive(const SecretBytes& dkey, std::string_view key_id, std::string_view label, ByteView context) {
  return crypto::hkdf_expand<32>(crypto::hkdf_extract(as_bytes(key_id), dkey.reveal()), label, context);
}

std::string decimal(std::int64_t time_ms) { return std::to_string(time_ms); }

Bytes initialise_answer_fields(const Parties& who, const InitialiseAnswer& answer, const Fresh& fresh) {
  return FieldWriter().field(label::initialise_answer).field(name_of(who.suite)).field(who.service).field(who.did).field(answer.msisdn)
      .field(answer.key_id).number(static_cast<std::uint64_t>(answer.key_time_ms)).field(answer.private_apn).field(fresh.first)
      .field(fresh.second).take();
}

Bytes authenticate_request_fields(Suite suite, std::string_view service, const Claim& claim, const Fresh& fresh) {
  return FieldWriter().field(label::authenticate_request).field(name_of(suite)).field(service).field(claim.did).field(claim.msisdn)
      .number(static_cast<std::uint64_t>(claim.key_time_ms)).field(claim.info).field(fresh.first).field(fresh.second).take();
}

Bytes authenticate_answer_fields(const Parties& who, const AuthenticateAnswer& answer, const Fresh& fresh) {
  return FieldWriter().field(label::authenticate_answer).field(name_of(who.suite)).field("ok").field(who.service).field(who.did)
      .field(who.msisdn).field(answer.private_apn).field(fresh.first).field(fresh.second).field(crypto::sha256(as_bytes(answer.ticket))).take();
}

namespace {

// A new DKey, for whom and on which occasion.
Bytes binding_fields(std::string_view label, std::string_view service, const Initialisation& content) {
  return FieldWriter().field(label).field(service).field(content.did).field(crypto::sha256(content.dkey.reveal())).field(content.msisdn)
      .field(content.nonce_p).field(content.nonce_t).take();
}

}  // namespace

Bytes consent_fields(std::string_view service, const Initialisation& content) { return binding_fields(label::consent, service, content); }

Hash256 enrolment_digest(std::string_view service, const Initialisation& content) {
  return crypto::sha256(binding_fields(label::enrolment, service, content));
}

}  // namespace tf::access
