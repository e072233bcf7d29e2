// Challenges: nonces the platform sealed, with purpose and end inside, so that it keeps nothing until one is used.
#pragma once
#include "base/ports.hpp"
#include "protocols/access/messages.hpp"

namespace tf::access {

class Challenges {
 public:
  static constexpr std::int64_t kLifeMs = 60'000;
  // The key lives as long as the process: a restart makes every challenge before it worthless.
  Challenges(Secret<32> key, Random& random) : key_(std::move(key)), random_(random) {}

  [[nodiscard]] Challenge issue(ChallengePurpose purpose, std::int64_t now_ms) const;
  struct Opened {
    Hash256 id{};  // to be remembered until the end, so that it works once
    std::int64_t ends_ms = 0;
  };
  // Code::refused "access.challenge": not ours, for another purpose, altered or too old.
  [[nodiscard]] Result<Opened> open(std::string_view nonce, ChallengePurpose purpose, std::int64_t now_ms) const;

 private:
  Secret<32> key_;
  Random& random_;
};

}  // namespace tf::access
