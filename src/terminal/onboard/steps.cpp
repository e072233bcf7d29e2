// Referral, hello and request, the receipt.
#include <fmt/format.h>

#include <utility>

#include "protocols/onboard/access_token.hpp"
#include "terminal/onboard/run.hpp"

namespace tf::terminal {
namespace {

// May another of the operator's servers say otherwise? One that does not know us, is no server of ours or talks nonsense is passed over.
bool next_may_know(const Error& error) {
  const std::string_view reason = error.reason;
  return is_silence(error) || reason == "terminal.onboard_unregistered" || reason == "net.tls" || error.code == Code::malformed;
}

// Registration servers are independent of each other: whatever one refuses or is refused for, another may serve. Not so what is wrong in this device.
bool next_may_refer(const Error& error) { return is_silence(error) || error.code == Code::refused || error.code == Code::malformed; }

// The first of several servers whose word counts. When none has one: silence if any was silent, so that it is tried again, or that it wants
// another access token, which can be helped; else what the first refused.
template <class Try>
auto first_of(const std::vector<std::string>& urls, bool (*next_may)(const Error&), Try each) -> decltype(each(std::string())) {
  std::optional<Error> silence, access, first;
  for (const std::string& url : urls) {
    auto out = each(url);
    if (out || !next_may(out.error())) return out;
    if (is_silence(out.error())) silence = out.error();
    if (std::string_view(out.error().reason) == "terminal.onboard_access") access = out.error();
    if (!first) first = std::move(out).error();
  }
  if (silence) return *silence;
  if (access) return *access;
  return first ? *first : Error{Code::not_found, "terminal.no_server", "there is no server to ask"};
}

}  // namespace

OnboardCall OnboardDevice::Run::message(const std::string& url, const char* route, std::string body) const {
  OnboardCall out{.url = url, .route = route, .body = std::move(body)};
  if (!token.empty()) out.headers.emplace_back("authorization", token);
  return out;
}

Status OnboardDevice::Run::refer() {
  std::vector<std::string> urls;
  for (const auto& each : device.profile_.registration) urls.push_back(each.url);
  auto next = TF_TRY(first_of(urls, next_may_refer, [&](const std::string& url) -> Result<onboard::DeviceState> {
    const auto sent = TF_TRY(onboard::begin_referral(state, ports));
    return onboard::finish_referral(sent, TF_TRY(web.post(message(url, "referral", sent.body))), ports);
  }));
  if (const auto why = std::exchange(refer_again, std::nullopt)) {
    referred_again = true;
    if (next.nonce == state.nonce) return *why;  // the same registration: what was refused stays so
  }
  say("referred", fmt::format("to {} at {}", next.operator_id, next.route.front()));
  ready.reset();
  return keep(std::move(next), "referred");
}

Status OnboardDevice::Run::ask() {
  auto got = TF_TRY(first_of(state.route, next_may_know, [&](const std::string& url) -> Result<onboard::Ready> {
    const auto sent = TF_TRY(onboard::begin_hello(state, ports));
    const auto request = TF_TRY(onboard::begin_request(state, sent, TF_TRY(web.post(message(url, "hello", sent.body))), ports));
    return onboard::finish_request(state, request, TF_TRY(web.post(message(url, "request", request.body))), ports);
  }));
  say("ready", fmt::format("delivery {} at {}", got.state.delivery, got.provisioning.front().server.url));
  ready.emplace(onboard::Ready{got.state.clone(), got.operator_shown, std::move(got.provisioning)});
  nonces.clear();  // other accounts
  return keep(std::move(got.state), "ready");
}

Status OnboardDevice::Run::hand_receipt() {
  TF_CHECK(access());
  auto next = TF_TRY(first_of(state.route, next_may_know, [&](const std::string& url) -> Result<onboard::DeviceState> {
    return onboard::finish_receipt(state, TF_TRY(web.post(message(url, "receipt", onboard::begin_receipt(state)))));
  }));
  say("subscribed", "the operator has the receipt");
  return keep(std::move(next), "subscribed");
}

}  // namespace tf::terminal
