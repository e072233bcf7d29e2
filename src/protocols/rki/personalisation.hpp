// Personalisation in the factory: what passes between the loader (mother terminal) and a device on the local connection.
//
//   device → loader   DSN and a request for the key the device made (PKCS#10)
//   loader → device   suites, the device certificate and its issuers, the root
//   loader → device   the secrets: factor, DIK2 for each suite. A frame of its own and no JSON, so that they lie in Secret types only
//   device → loader   the fingerprint of the certificate it stored
//   loader → device   written in the loader's log
//
// The connection is physical and inside a secure area (source [0049]); nothing is encrypted on it.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"
#include "protocols/rki/suite.hpp"
#include "wire/dsn.hpp"

namespace tf::rki {

struct PersonalisationRequest {
  wire::Dsn dsn;
  Bytes certificate_request;  // DER
};
std::string encode(const PersonalisationRequest& request);
Result<PersonalisationRequest> decode_personalisation_request(std::string_view frame);

struct PersonalisationSecrets {
  SecretBytes factor;        // 8 to 64 bytes
  SecretBytes classic_dik2;  // 24 bytes; empty without the suite
  SecretBytes modern_dik2;   // 32 bytes; empty without the suite
};
// The three as fields (wire/fields.hpp), in this order.
SecretBytes encode(const PersonalisationSecrets& secrets);
Result<PersonalisationSecrets> decode_personalisation_secrets(const SecretBytes& frame);  // Code::malformed "rki.personalisation"

struct Personalisation {
  std::vector<Suite> suites;
  std::vector<Bytes> chain;  // device certificate first; DER
  Bytes root;
  PersonalisationSecrets secrets;  // travel apart
};
std::string encode(const Personalisation& personalisation);  // all but the secrets
Result<Personalisation> decode_personalisation(std::string_view frame);

std::string encode_stored(const Hash256& fingerprint);
Result<Hash256> decode_stored(std::string_view frame);

// The loader's refusal or its last word.
std::string encode_done();
std::string encode_refusal(const Error& error);
// The frame as it is, or the loader's refusal as an Error.
Status check_not_refused(std::string_view frame);

}  // namespace tf::rki
