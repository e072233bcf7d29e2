// A home network that authenticates one subscriber by HTTP Digest AKA, in memory.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "base/ports.hpp"
#include "crypto/aka/functions.hpp"
#include "protocols/onboard/digest_aka.hpp"
#include "wire/http.hpp"

namespace tf::terminal::test {

class Home {
 public:
  Home(std::string realm, std::string imsi);
  void give_new_key(crypto::AkaAlgorithm algorithm);
  [[nodiscard]] const crypto::AkaKey& key() const { return key_; }
  std::uint64_t sqn = 32;  // the next
  int resynchronised = 0, authenticated = 0;
  onboard::DigestAlgorithm algorithm = onboard::DigestAlgorithm::aka_v1_md5;

  // 401 with a challenge, or what granted() says to who answered one.
  wire::HttpResponse authenticate(const wire::HttpRequest& request, const std::function<wire::HttpResponse(const std::string& imsi)>& granted);

 private:
  wire::HttpResponse challenge();
  std::string realm_, imsi_;
  SystemRandom random_;
  crypto::AkaKey key_;
  std::optional<onboard::DigestChallenge> open_;
};

}  // namespace tf::terminal::test
