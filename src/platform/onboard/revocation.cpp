#include "platform/onboard/revocation.hpp"

#include "platform/onboard/peers.hpp"

namespace tf::platform {

Result<std::unique_ptr<RevocationDesk>> RevocationDesk::open(OnboardOpened& opened) {
  net::OcspOptions options{.responders = {}, .anchors = {*opened.root}, .patience = std::chrono::seconds(opened.settings.answer_seconds)};
  for (const OnboardPeer& peer : opened.settings.peers_of(onboard_role::ocsp)) options.responders.push_back({peer.url, TF_TRY(pins_of(peer))});
  if (options.responders.empty()) return Error{Code::invalid, "config.value", "no OCSP responder is set: a [[peer]] with role = \"ocsp\""};
  auto client = TF_TRY(net::OcspClient::create(std::move(options), *opened.clock, opened.random));
  return std::unique_ptr<RevocationDesk>(new RevocationDesk(std::move(client)));
}

std::vector<onboard::Outcome> RevocationDesk::judge(const std::vector<onboard::Shown>& certificates) {
  std::vector<net::OcspQuestion> questions;
  for (const onboard::Shown& one : certificates) questions.push_back({one.leaf, one.issuer});
  const auto answers = client_.good(questions);
  std::vector<onboard::Outcome> out;
  for (std::size_t i = 0; i < certificates.size(); ++i) out.push_back(onboard::outcome_of(certificates[i], answers[i]));
  return out;
}

}  // namespace tf::platform
