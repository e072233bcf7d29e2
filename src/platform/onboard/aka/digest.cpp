#include "platform/onboard/aka/digest.hpp"

#include "net/problem.hpp"
#include "platform/onboard/signer.hpp"

namespace tf::platform {

Result<std::unique_ptr<hss::DigestServer>> open_digest(OnboardOpened& opened, const std::string& realm, hss::Subscribers& subscribers, crypto::Amf amf) {
  return hss::DigestServer::open({.realm = realm, .algorithm = std::nullopt, .amf = amf}, subscribers, *opened.clock, opened.random);
}

Result<std::variant<hss::Imsi, wire::HttpResponse>> prove_by_digest(OnboardOpened& opened, hss::DigestServer& digest, const wire::HttpRequest& request, const char* route, std::string& subject) {
  using Outcome = std::variant<hss::Imsi, wire::HttpResponse>;
  const std::string header = authorization_of(request);
  if (header.empty()) return Error{Code::refused, "onboard.user_missing", "Authorization: Digest names the user, with an empty nonce at first (RFC 3310 section 4)"};
  subject = digest.named(header);
  auto outcome = TF_TRY(digest.answer(header, request.method, request.path));
  if (auto* accepted = std::get_if<hss::DigestAccepted>(&outcome)) return Outcome(std::move(accepted->imsi));
  auto& challenged = std::get<hss::DigestChallenged>(outcome);
  if (challenged.unknown) opened.refusals->record({route, subject, Error{Code::refused, "hss.no_such_subscriber", "a challenge that no answer fits"}});
  wire::HttpResponse out = net::to_problem(Error{Code::denied, net::kNoCredentials, "answer the challenge"});
  out.headers.emplace_back("WWW-Authenticate", std::move(challenged.header));
  return Outcome(std::move(out));
}

}  // namespace tf::platform
