#include "terminal/access.hpp"

#include <memory>

#include "crypto/jose/jose.hpp"
#include "wire/json.hpp"

namespace tf::terminal {
namespace {

constexpr int kAttempts = 3;

// The unauthenticated reason of a refusal: it decides what to try next, and never erases anything.
Error refusal(const net::HttpResponse& response) {
  auto document = wire::JsonObject::parse(response.body);
  std::string reason;
  if (document) reason = document->text("reason", 32).value_or("");
  for (const char* known :
       {"access.initialise", "access.challenge", "access.number", "access.time", "access.waiting", "access.enrolment"})
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

Result<net::Psk> channel_psk(const AccessDevice& device) {
  if (!device.binding) return Error{Code::not_found, "terminal.not_initialised", "there is no key yet: terminal access init"};
  return net::Psk{device.binding->key_id, access::derive(device.binding->dkey, device.binding->key_id, access::label::channel)};
}

AccessExchange over(net::HttpClient client) {
  return [client = std::make_shared<net::HttpClient>(std::move(client))](const std::string& target, const std::string& body) {
    return client->request({.method = "POST", .target = target, .content_type = "application/json", .body = body, .headers = {}});
  };
}

Status AccessClient::take_route(const Route& route) { return ports_.route ? ports_.route(route) : Status(); }

Status AccessClient::to_private_side(const std::string& profile) { return profile.empty() ? Status() : take_route({profile}); }

Result<std::string> AccessClient::post(std::string_view route, const std::string& body) {
  const auto response = TF_TRY(exchange_("/access/v1/" + std::string(route), body));
  if (response.status == 200) return response.body;
  if (response.status == 403) return refusal(response);
  return net::from_problem(response);
}

Result<access::Challenge> AccessClient::challenge(access::ChallengePurpose purpose) {
  return access::decode_challenge(TF_TRY(post("challenge", access::encode_challenge_request(purpose))));
}

// classic has none
Result<access::Challenge> AccessClient::challenge_for(const access::Identity& identity, access::ChallengePurpose purpose) {
  if (identity.suite == access::Suite::classic) return access::Challenge{};
  return challenge(purpose);
}

Status AccessClient::initialise(AccessDevice& device) {
  TF_CHECK(take_route({}));
  const access::Binding* old = device.binding ? &*device.binding : nullptr;
  for (int attempt = 1;; ++attempt) {
    const auto asked = TF_TRY(challenge_for(device.identity, access::ChallengePurpose::initialise));
    const auto sent = TF_TRY(access::begin_initialise(device.identity, asked, old, ports_.random));
    const auto answer = post("initialise", sent.body);
    if (!answer) {
      if (is_reason(answer.error(), "access.challenge") && attempt < kAttempts) continue;
      return answer.error();
    }
    device.binding.emplace(TF_TRY(access::finish_initialise(device.identity, sent, *answer)));
    device.identity.code.clear();  // from now on the key speaks for the terminal
    TF_CHECK(ports_.save(device));
    return to_private_side(device.binding->private_apn);
  }
}

Result<access::Authenticated> AccessClient::authenticate_once(AccessDevice& device) {
  const auto asked = TF_TRY(challenge_for(device.identity, access::ChallengePurpose::authenticate));
  const auto sent = access::begin_authenticate(device.identity, *device.binding, asked, ports_.clock.now_ms(), ports_.random);
  const std::string answer = TF_TRY(post("authenticate", sent.body));
  return access::finish_authenticate(device.identity, *device.binding, sent, answer);
}

Result<std::string> AccessClient::authenticate(AccessDevice& device) {
  TF_CHECK(take_route({}));
  if (!device.binding || ports_.clock.now_ms() >= device.binding->key_time_ms) TF_CHECK(initialise(device));
  for (int attempt = 1;; ++attempt) {
    auto done = authenticate_once(device);
    if (done) {
      TF_CHECK(to_private_side(done->private_apn));
      return std::move(done->ticket);
    }
    if (attempt == kAttempts) return done.error();
    if (is_reason(done.error(), "access.initialise")) {
      TF_CHECK(initialise(device));
    } else if (!is_reason(done.error(), "access.challenge")) {
      return done.error();
    }
  }
}

}  // namespace tf::terminal
