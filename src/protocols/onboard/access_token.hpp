// The PHLR's grant: a JWS that names the only hosts to be reached, signed with a key of usage onboardAccess (x5c in its header).
//
// Errors: Code::refused "onboard.access_missing", "onboard.access_token" (not signed so, not well formed), "onboard.access_issuer" (not
// one of the PHLRs that are accepted), "onboard.access_expired", "onboard.access_host"; chains: those of pki/path/path.hpp become
// "onboard.access_token" too, for the device asks its PHLR again.
#pragma once
#include <set>
#include <string>

#include "crypto/jose/jose.hpp"
#include "protocols/onboard/certificates.hpp"

namespace tf::onboard {

// Who signs: the key stays with its keeper.
struct Signer {
  crypto::Es256Signer sign;
  Chain chain;
};

Result<std::string> issue_access_token(const AccessClaim& claim, const Signer& signer);

// What a server that is reached with tokens demands.
struct AccessPolicy {
  bool required = false;
  std::string host;                // host:port that devices reach this server by
  std::set<std::string> issuers;   // common names of PHLRs; empty: any under the root
};
// authorization: the header's value, or empty. The claim; nothing where none is required and none was sent.
Result<std::optional<AccessClaim>> check_access(std::string_view authorization, const AccessPolicy& policy, const ChainVerifier& verifier,
                                                std::int64_t now_ms);

}  // namespace tf::onboard
