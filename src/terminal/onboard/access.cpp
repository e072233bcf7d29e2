// HTTP Digest AKA, twice: with the preliminary credential at the PHLR, which gives the access token, and with the subscription at the
// operator's HSS, its first use.
#include <fmt/format.h>

#include <algorithm>

#include "base/file.hpp"
#include "protocols/onboard/access_token.hpp"
#include "protocols/onboard/digest_aka.hpp"
#include "protocols/onboard/identity.hpp"
#include "terminal/onboard/run.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::terminal {
namespace {

using onboard::DigestAnswer;
using onboard::DigestChallenge;

constexpr std::int64_t kSpareMs = 30'000;  // a token that ends so soon is not begun with
constexpr int kMostAnswers = 4;            // one, after AUTS one more, stale ones

Result<DigestChallenge> challenge_in(const wire::HttpResponse& response) {
  for (const auto& [name, value] : response.headers)
    if (std::ranges::equal(name, std::string_view("www-authenticate"), {}, [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }))
      return onboard::parse_digest_challenge(value);
  return Error{Code::malformed, "terminal.unexpected_answer", "401 without a challenge"};
}

// What the token says, which has to be signed by a PHLR under the root for this PIMSI.
Result<onboard::AccessClaim> read_token(const std::string& token, std::string_view pimsi, const onboard::DevicePorts& ports) {
  const auto parsed = TF_TRY(crypto::jws_parse_es256(token, onboard::typ::access));
  const auto phlr = TF_TRY(ports.verifier.verify(parsed.chain, pki::Usage::onboard_access, ports.clock.now_ms()));
  const auto payload = crypto::jws_verify_es256(TF_TRY(phlr.leaf.public_key()), onboard::typ::access, token);
  if (!payload) return Error{Code::refused, "terminal.access_token", "the access token is not signed by " + phlr.leaf.common_name()};
  auto claim = TF_TRY(onboard::decode_access_claim(*payload));
  if (claim.pimsi != pimsi || claim.expires_s * 1000 <= ports.clock.now_ms())
    return Error{Code::refused, "terminal.access_token", "the access token is for another device or over"};
  return claim;
}

}  // namespace

Result<std::string> OnboardDevice::Run::authenticate(const AkaPlace& place) {
  const auto known = device.module_->credential(place.slot);
  if (!known) return Error{Code::not_found, "terminal.no_credential", std::string(module::name_of(place.slot))};
  const onboard::DigestUser user{known->imsi + "@" + place.realm, wire::hex_lower(ports.random.array<8>())};
  const std::string uri = std::string(onboard::kPathPrefix) + place.route;
  DigestAnswer answer{.username = user.username, .realm = place.realm, .nonce = {}, .uri = uri, .cnonce = {}, .response = {}};
  bool proved = false;
  for (int turn = 0; turn < kMostAnswers; ++turn) {
    auto response = TF_TRY(web.call({.url = place.url, .route = place.route, .headers = {{"authorization", onboard::encode(answer)}}}));
    // Whoever knows the key asks first; a 200 without that is anybody's word.
    if (response.status == 200 && proved) return std::move(response.body);
    if (response.status == 200) return Error{Code::refused, "terminal.not_challenged", place.url + " accepts without a proof that it knows the key"};
    const DigestChallenge challenge = TF_TRY(challenge_in(response));
    if (challenge.realm != place.realm) return Error{Code::refused, "terminal.realm", "the challenge is of realm " + challenge.realm};
    if (proved && !challenge.stale) break;
    const auto aka = TF_TRY(device.module_->aka(place.slot, challenge.rand, challenge.autn));
    if (const auto* accepted = std::get_if<crypto::AkaAccepted>(&aka)) {
      answer = onboard::answer_digest(challenge, user, "POST", uri, accepted->res, accepted->ik, accepted->ck);
      proved = true;
    } else {
      say("access", "the network's SQN is not fresh; asked to resynchronise");
      answer = onboard::answer_digest_with_auts(challenge, user, "POST", uri, std::get<crypto::AkaOutOfSequence>(aka).auts);
    }
  }
  return Error{Code::refused, "terminal.not_authenticated", place.url + " does not accept " + known->imsi};
}

Status OnboardDevice::Run::access() {
  const auto& phlr = device.profile_.phlr;
  if (!phlr || (!token.empty() && token_expires_ms > ports.clock.now_ms() + kSpareMs)) return {};
  const std::string body = TF_TRY(authenticate({phlr->url, "access", phlr->realm, module::Slot::preliminary}));
  const std::string jws = TF_TRY(onboard::decode_token(body));
  auto claim = TF_TRY(read_token(jws, device.module_->credential(module::Slot::preliminary)->imsi, ports));
  say("access", fmt::format("by {}, to {} servers", claim.issuer, claim.hosts.size()));
  claim.hosts.push_back(TF_TRY(onboard::host_of(phlr->url)));  // for the next token
  web.allow(std::move(claim.hosts));
  token = "Bearer " + jws;
  token_expires_ms = claim.expires_s * 1000;
  return {};
}

// Where: as the maker said, or else the item "authenticate" of the delivery. Items are the provisioning server's word, and who is authenticated at
// learns the IMSI, so they come second.
Result<std::optional<OnboardProfile::Aka>> OnboardDevice::Run::operators_hss() const {
  if (device.profile_.authenticate) return device.profile_.authenticate;
  const auto item = read_file(device.items_directory() + "/" + std::string(kOnboardHssItem), 4096);
  if (!item) return std::optional<OnboardProfile::Aka>();
  auto out = decode_onboard_aka(as_text(*item));
  if (!out) return Error{Code::refused, "terminal.item", "the operator's item authenticate: " + describe(out.error())};
  return std::optional(std::move(*out));
}

Status OnboardDevice::Run::first_use() {
  const auto hss = TF_TRY(operators_hss());
  const std::string imsi = device.module_->credential(module::Slot::subscription)->imsi;
  if (!hss || as_text(device.module_->record(kOnboardUsedRecord).reveal()) == imsi) return {};
  web.allow(std::nullopt);  // the temporary access is over: this is the subscription's own network
  (void)TF_TRY(authenticate({hss->url, "authenticate", hss->realm, module::Slot::subscription}));
  say("used", fmt::format("{} authenticated at {}", imsi, hss->url));
  TF_CHECK(device.module_->store_record(kOnboardUsedRecord, SecretBytes(as_bytes(imsi))));
  return durable("used");
}

}  // namespace tf::terminal
