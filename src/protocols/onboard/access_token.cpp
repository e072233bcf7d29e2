#include "protocols/onboard/access_token.hpp"

#include <algorithm>

namespace tf::onboard {
namespace {

constexpr std::string_view kBearer = "Bearer ";
constexpr std::int64_t kClockSkewS = 60;

Error refused(const char* reason, std::string detail) { return Error{Code::refused, reason, std::move(detail)}; }

Result<AccessClaim> believed(std::string_view token, const ChainVerifier& verifier, std::int64_t now_ms) {
  const auto parsed = TF_TRY(crypto::jws_parse_es256(token, typ::access));
  const Shown phlr = TF_TRY(verifier.verify(parsed.chain, pki::Usage::onboard_access, now_ms));
  const std::string payload = TF_TRY(crypto::jws_verify_es256(TF_TRY(phlr.leaf.public_key()), typ::access, token));
  AccessClaim claim = TF_TRY(decode_access_claim(payload));
  if (claim.issuer != phlr.leaf.common_name()) return refused("onboard.access_token", "the token names another issuer than its signer");
  return claim;
}

}  // namespace

Result<std::string> issue_access_token(const AccessClaim& claim, const Signer& signer) {
  return crypto::jws_sign_es256(signer.sign, typ::access, encode(claim), signer.chain);
}

Result<std::optional<AccessClaim>> check_access(std::string_view authorization, const AccessPolicy& policy, const ChainVerifier& verifier,
                                                std::int64_t now_ms) {
  if (authorization.empty() && !policy.required) return std::optional<AccessClaim>();
  if (!authorization.starts_with(kBearer)) return refused("onboard.access_missing", "there is no access token");
  auto claim = believed(authorization.substr(kBearer.size()), verifier, now_ms);
  if (!claim) return refused("onboard.access_token", describe(claim.error()));
  if (!policy.issuers.empty() && !policy.issuers.contains(claim->issuer))
    return refused("onboard.access_issuer", "tokens of " + claim->issuer + " are not accepted here");
  const std::int64_t now_s = now_ms / 1000;
  if (now_s >= claim->expires_s || now_s + kClockSkewS < claim->issued_s) return refused("onboard.access_expired", "the access token's time is over");
  if (std::ranges::find(claim->hosts, policy.host) == claim->hosts.end())
    return refused("onboard.access_host", policy.host + " is not in the access token");
  return std::optional<AccessClaim>(std::move(*claim));
}

}  // namespace tf::onboard
