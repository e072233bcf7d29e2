#include "protocols/common/challenges.hpp"

#include "crypto/aead.hpp"
#include "crypto/digest.hpp"
#include "wire/encoding.hpp"
#include "wire/fields.hpp"

namespace tf::protocols {
namespace {

Bytes aad_of(std::string_view domain, std::string_view purpose) { return wire::FieldWriter().field(domain).field(purpose).take(); }

}  // namespace

std::string SealedChallenges::issue(std::string_view purpose, std::int64_t now_ms) const {
  const Bytes content = wire::FieldWriter().number(static_cast<std::uint64_t>(now_ms + kLifeMs)).take();
  return wire::base64url(crypto::seal_blob(key_, random_, aad_of(domain_, purpose), content));
}

Result<OneUse> SealedChallenges::open(std::string_view nonce, std::string_view purpose, std::int64_t now_ms, const char* not_ours,
                                      const char* used) const {
  const Error refused{Code::refused, not_ours, "the nonce is not ours, for another purpose or too old"};
  const auto sealed = wire::from_base64url(nonce);
  if (!sealed) return refused;
  const auto content = crypto::open_blob(key_, aad_of(domain_, purpose), *sealed);
  if (!content) return refused;
  wire::FieldReader reader(content->reveal());
  const auto ends_ms = static_cast<std::int64_t>(TF_TRY(reader.number()));
  if (now_ms >= ends_ms || ends_ms - now_ms > kLifeMs) return refused;
  return OneUse{crypto::sha256(*sealed), ends_ms, used};
}

}  // namespace tf::protocols
