#include "protocols/access/challenges.hpp"

#include "crypto/aead.hpp"
#include "crypto/digest.hpp"
#include "wire/encoding.hpp"
#include "wire/fields.hpp"

namespace tf::access {
namespace {

Bytes aad_of(ChallengePurpose purpose) { return wire::FieldWriter().field("access challenge").field(name_of(purpose)).take(); }

}  // namespace

Challenge Challenges::issue(ChallengePurpose purpose, std::int64_t now_ms) const {
  const Bytes content = wire::FieldWriter().number(static_cast<std::uint64_t>(now_ms + kLifeMs)).take();
  return {wire::base64url(crypto::seal_blob(key_, random_, aad_of(purpose), content)), kLifeMs / 1000};
}

Result<OneUse> Challenges::open(std::string_view nonce, ChallengePurpose purpose, std::int64_t now_ms) const {
  const Error refused{Code::refused, "access.challenge", "the nonce is not ours, for another purpose or too old"};
  const auto sealed = wire::from_base64url(nonce);
  if (!sealed) return refused;
  const auto content = crypto::open_blob(key_, aad_of(purpose), *sealed);
  if (!content) return refused;
  wire::FieldReader reader(content->reveal());
  const auto ends_ms = static_cast<std::int64_t>(TF_TRY(reader.number()));
  if (now_ms >= ends_ms || ends_ms - now_ms > kLifeMs) return refused;
  return OneUse{crypto::sha256(*sealed), ends_ms};
}

}  // namespace tf::access
