#include "terminal/access.hpp"

#include "crypto/jose.hpp"
#include "wire/json.hpp"

namespace tf::terminal {
namespace {

constexpr int kAttempts = 3;

// The unauthenticated reason of a refusal: it decides what to try next, and never erases anything.
Error refusal(const net::HttpResponse& response) {
  auto document = wire::JsonObject::parse(response.body);
  std::string reason;
  if (document) reason = document->text("reason", 32).value_or("");
  for (const char* known : {"access.initialise", "access.challenge", "access.number", "access.waiting", "access.enrolment"})
    if (std::string_view(known).substr(7) == reason) return {Code::refused, known, "the platform refused: " + reason};
  return {Code::refused, "access.refused", "the platform refused: " + (reason.empty() ? "status " + std::to_string(response.status) : reason)};
}

bool is_reason(const Error& error, std::string_view reason) { return error.code == Code::refused && error.reason == reason; }

}  // namespace

Result<std::string> seal_for_service(const AccessDevice& device, const std::string& client, ByteView data, Random& random) {
  if (!device.binding) return Error{Code::not_found, "terminal.not_initialised", "there is no key yet: terminal access init"};
  const auto key = access::derive(device.binding->dkey, device.binding->key_id, access::label::service, as_bytes(client));
  return crypto::jwe_seal_dir(key, random, access::typ::service_data, data);
}

Status AccessClient::take_route(Route route) { return ports_.route ? ports_.route(route) : Status(); }

Result<std::string> AccessClient::post(std::string_view route, const std::string& body) {
  const auto response = TF_TRY(client_.request({.method = "POST", .target = "/access/v1/" + std::string(route), .content_type = "application/json",
                                                .body = body, .headers = {}}));
  if (response.status == 200) return response.body;
  if (response.status == 403) return refusal(response);
  return net::from_problem(response);
}

Result<access::Challenge> AccessClient::challenge(access::ChallengePurpose purpose) {
  return access::decode_challenge(TF_TRY(post("challenge", access::encode_challenge_request(purpose))));
}

Status AccessClient::initialise(AccessDevice& device) {
  TF_CHECK(take_route(Route::gateway));
  for (int attempt = 1;; ++attempt) {
    const auto sent = TF_TRY(access::begin_initialise(device.identity, TF_TRY(challenge(access::ChallengePurpose::initialise)), ports_.random));
    const auto answer = post("initialise", sent.body);
    if (!answer) {
      if (is_reason(answer.error(), "access.challenge") && attempt < kAttempts) continue;
      return answer.error();
    }
    device.binding.emplace(TF_TRY(access::finish_initialise(device.identity, sent, *answer)));
    device.identity.code.clear();  // worked once
    TF_CHECK(ports_.save(device));
    return take_route(Route::private_side);
  }
}

Result<std::string> AccessClient::authenticate_once(AccessDevice& device) {
  const auto sent = access::begin_authenticate(device.identity, *device.binding, TF_TRY(challenge(access::ChallengePurpose::authenticate)), ports_.random);
  const std::string answer = TF_TRY(post("authenticate", sent.body));
  return access::finish_authenticate(device.identity, *device.binding, sent, answer);
}

Result<std::string> AccessClient::authenticate(AccessDevice& device) {
  TF_CHECK(take_route(Route::gateway));
  if (!device.binding || ports_.clock.now_ms() >= device.binding->key_time_ms) TF_CHECK(initialise(device));
  for (int attempt = 1;; ++attempt) {
    auto ticket = authenticate_once(device);
    if (ticket) {
      TF_CHECK(take_route(Route::private_side));
      return ticket;
    }
    if (attempt == kAttempts) return ticket;
    if (is_reason(ticket.error(), "access.initialise")) {
      TF_CHECK(initialise(device));
    } else if (!is_reason(ticket.error(), "access.challenge")) {
      return ticket;
    }
  }
}

}  // namespace tf::terminal
