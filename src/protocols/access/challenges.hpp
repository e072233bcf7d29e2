// Challenges: nonces the platform sealed, with purpose and end inside, so that it keeps nothing until one is used.
#pragma once
#include "base/ports.hpp"
#include "protocols/access/messages.hpp"

namespace tf::access {

// What works once: remembered by its id until its end.
struct OneUse {
  Hash256 id{};
  std::int64_t ends_ms = 0;
  const char* reason = "access.challenge_used";  // of the refusal the second time
};

class Challenges {
 public:
  static constexpr std::int64_t kLifeMs = 60'000;
  // The key lives as long as the process: a restart makes every challenge before it worthless.
  Challenges(Secret<32> key, Random& random) : key_(std::move(key)), random_(random) {}

  [[nodiscard]] Challenge issue(ChallengePurpose purpose, std::int64_t now_ms) const;
  // Code::refused "access.challenge": not ours, for another purpose, altered or too old.
  [[nodiscard]] Result<OneUse> open(std::string_view nonce, ChallengePurpose purpose, std::int64_t now_ms) const;

 private:
  Secret<32> key_;
  Random& random_;
};

}  // namespace tf::access
