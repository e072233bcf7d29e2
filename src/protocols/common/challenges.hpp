// Challenges: nonces the platform sealed, with protocol, purpose and end inside, so that it keeps nothing until one is used.
#pragma once
#include <string>
#include <string_view>

#include "base/ports.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace tf::protocols {

// What works once: remembered by its id until its end.
struct OneUse {
  Hash256 id{};
  std::int64_t ends_ms = 0;
  const char* reason = "protocols.challenge_used";  // of the refusal the second time
};

class SealedChallenges {
 public:
  static constexpr std::int64_t kLifeMs = 60'000;
  // domain: what they are sealed for, "wallet challenge". The key lives as long as the process: a restart makes every
  // challenge before it worthless.
  SealedChallenges(std::string_view domain, Secret<32> key, Random& random) : domain_(domain), key_(std::move(key)), random_(random) {}

  [[nodiscard]] std::string issue(std::string_view purpose, std::int64_t now_ms) const;
  // Code::refused with not_ours: not ours, for another purpose, altered or too old. used: the reason the second time.
  [[nodiscard]] Result<OneUse> open(std::string_view nonce, std::string_view purpose, std::int64_t now_ms, const char* not_ours, const char* used) const;

 private:
  std::string domain_;
  Secret<32> key_;
  Random& random_;
};

}  // namespace tf::protocols
