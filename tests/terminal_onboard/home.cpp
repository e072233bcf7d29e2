#include "tests/terminal_onboard/home.hpp"

#include "tests/support/deterministic.hpp"

namespace tf::terminal::test {

using tf::test::must;

Home::Home(std::string realm, std::string imsi)
    : realm_(std::move(realm)), imsi_(std::move(imsi)), key_(crypto::AkaKey::random(crypto::AkaAlgorithm::milenage, random_)) {}

void Home::give_new_key(crypto::AkaAlgorithm algorithm) { key_ = crypto::AkaKey::random(algorithm, random_); }

wire::HttpResponse Home::challenge() {
  onboard::DigestChallenge out{.realm = realm_, .rand = random_.array<16>(), .algorithm = algorithm};
  crypto::AkaVector vector;
  crypto::AkaFunctions(key_).vectors(std::span(&out.rand, 1), std::span(&sqn, 1), {0x80, 0x00}, std::span(&vector, 1));
  sqn += 32;
  out.autn = vector.autn;
  open_ = out;
  return {401, "text/plain", "", {{"www-authenticate", onboard::encode(out)}}};
}

wire::HttpResponse Home::authenticate(const wire::HttpRequest& request, const std::function<wire::HttpResponse(const std::string&)>& granted) {
  std::string header;
  for (const auto& [name, value] : request.headers)
    if (name == "authorization") header = value;
  const auto answer = onboard::parse_digest_answer(header);
  if (!answer || answer->username != imsi_ + "@" + realm_) return {403, "application/problem+json", "{}", {}};
  if (answer->nonce.empty() || !open_ || answer->nonce != onboard::nonce_of(open_->rand, open_->autn)) return challenge();
  const auto asked = *std::exchange(open_, std::nullopt);
  if (answer->auts) {
    sqn = must(crypto::AkaFunctions(key_).open_auts(asked.rand, *answer->auts)) + 32;
    ++resynchronised;
    return challenge();
  }
  const auto right = crypto::AkaFunctions(key_).outputs(asked.rand, 0, {0x80, 0x00});
  if (!onboard::verify_digest(*answer, "POST", onboard::digest_password(asked.algorithm, right.res, right.ik, right.ck))) return challenge();
  ++authenticated;
  return granted(imsi_);
}

}  // namespace tf::terminal::test
