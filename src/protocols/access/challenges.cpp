#include "protocols/access/challenges.hpp"

namespace tf::access {

Challenge Challenges::issue(ChallengePurpose purpose, std::int64_t now_ms) const {
  return {sealed_.issue(name_of(purpose), now_ms), kLifeMs / 1000};
}

Result<OneUse> Challenges::open(std::string_view nonce, ChallengePurpose purpose, std::int64_t now_ms) const {
  return sealed_.open(nonce, name_of(purpose), now_ms, "access.challenge", "access.challenge_used");
}

}  // namespace tf::access
