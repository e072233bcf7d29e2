// Challenges of access: sealed nonces of two purposes (protocols/common/challenges.hpp).
#pragma once
#include "protocols/access/messages.hpp"
#include "protocols/common/challenges.hpp"

namespace tf::access {

using protocols::OneUse;

class Challenges {
 public:
  static constexpr std::int64_t kLifeMs = protocols::SealedChallenges::kLifeMs;
  // The key lives as long as the process: a restart makes every challenge before it worthless.
  Challenges(Secret<32> key, Random& random) : sealed_("access challenge", std::move(key), random) {}

  [[nodiscard]] Challenge issue(ChallengePurpose purpose, std::int64_t now_ms) const;
  // Code::refused "access.challenge": not ours, for another purpose, altered or too old.
  [[nodiscard]] Result<OneUse> open(std::string_view nonce, ChallengePurpose purpose, std::int64_t now_ms) const;

 private:
  protocols::SealedChallenges sealed_;
};

}  // namespace tf::access
