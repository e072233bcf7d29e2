// A certificate after a profile, made in two steps: complete but for its signature, so that it can be linted and its intent made
// durable; then signed. It is put together from parts that OpenSSL encodes: an X509 object would copy each of them, and OpenSSL 3.0
// would decode the key anew.
//
// Errors: Code::refused "pki.bad_key" for a key the profile does not allow, "pki.names" for a name that it does not allow or
// lacks, "pki.outlives_issuer", "pki.lint" with all the errors that lint found; Code::invalid "pki.names" for a name that cannot
// be written, "pki.term", "pki.url".
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ports.hpp"
#include "pki/request/certificate_request.hpp"
#include "pki/crl/shard.hpp"
#include "pki/profile/profile.hpp"

namespace tf::pki {

// Who a certificate is about, as somebody with the right to do so approved it. Values are UTF-8.
struct Names {
  // By the words of profiles: {"commonName", "Anna"}, {"serialNumber", "TF000001"}; in the order they are written.
  std::vector<std::pair<std::string, std::string>> subject = {};
  // dns: a host name in lower case; ip: an address; hardware_module: "OID:serial", the serial as text; user_principal: "anna@example.org"
  std::vector<std::pair<NameKind, std::string>> alternative = {};
  friend bool operator==(const Names&, const Names&) = default;
};
// Those of a certificate, for its renewal. Code::refused "pki.names" when it has some that no profile knows.
Result<Names> names_of(const Certificate& certificate);
// Those a request asks for: not approved by anybody yet. Errors likewise.
Result<Names> names_of(const CertificateRequest& request);
// "commonName=Anna, serialNumber=TF000001"; Code::invalid "pki.names".
Result<Names> parse_names(std::string_view subject, const std::vector<std::string>& alternative);
std::string subject_text(const Names& names);

// Where revocation of what an authority issues is learnt: patterns with {shard}, and the responder's URL.
struct RevocationPlaces {
  std::string crl_pattern;  // "http://ca.example.org/crl/users/{shard}.crl"
  std::uint32_t shards = 1;
  std::string ocsp_url;
};

struct LeafPlan {
  const Profile& profile;
  const Names& names;
  const crypto::PublicKey& key;
  const Certificate& issuer;
  const RevocationPlaces& places;
  std::int64_t now_ms = 0;
  int days = 0;  // 0: as long as the profile allows; either way not beyond the issuer's end
};

struct UnsignedLeaf {
  std::string serial_hex;  // 128 bits, 127 of them random
  std::uint32_t shard = 0;
  std::int64_t not_before_ms = 0;  // five minutes back: clocks differ
  std::int64_t not_after_ms = 0;
  Bytes tbs;               // DER, what is signed
  Bytes spki;              // of the key in it
  crypto::KeyKind issuer_kind = crypto::KeyKind::p256;
};
// Built and linted.
Result<UnsignedLeaf> build_leaf(const LeafPlan& plan, Random& random);
// DER. Code::invalid "pki.issuer_key" for a key of another kind than the issuer's.
Result<Bytes> sign_leaf(const UnsignedLeaf& leaf, const crypto::PrivateKey& key);

}  // namespace tf::pki
