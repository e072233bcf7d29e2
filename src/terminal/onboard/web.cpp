#include "terminal/onboard/web.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "protocols/onboard/identity.hpp"
#include "protocols/onboard/refusal.hpp"

namespace tf::terminal {
namespace {

struct Told {
  std::string_view reason;
  const char* ours;
  const char* advice;
};
constexpr Told kTold[] = {
    {"access", "terminal.onboard_access", "it wants an access token of a PHLR that it accepts"},
    {"unregistered", "terminal.onboard_unregistered", "nobody registered this device, or it expired: the owner asks his operator"},
    {"session", "terminal.onboard_session", "the session is over; the device says hello again"},
    {"used", "terminal.onboard_used", "this registration was used by another device or is closed: tell the operator"},
    {"certificate", "terminal.onboard_certificate", "the module's certificate is not accepted: the owner asks the maker"},
};

// Room for the JSON of a READY with its chains.
constexpr std::size_t kMaxAnswer = 256 * 1024;

}  // namespace

Error onboard_refusal(std::string_view body, const std::string& url) {
  const std::string reason = onboard::read_refusal(body);
  for (const Told& told : kTold)
    if (told.reason == reason) return {Code::refused, told.ours, fmt::format("{} refused: {}", url, told.advice)};
  return {Code::refused, "terminal.onboard_refused", fmt::format("{} refused, and its trail says why: tell its operator", url)};
}

bool is_silence(const Error& error) { return error.code == Code::unavailable; }

Result<OnboardWeb> OnboardWeb::create(const pki::Certificate& root, std::chrono::milliseconds patience) {
  return OnboardWeb(TF_TRY(net::certificate_from_der(root.der())), patience);
}

bool OnboardWeb::allows(const std::string& url) const {
  if (!allowed_) return true;
  const auto host = onboard::host_of(url);
  return host && std::ranges::find(*allowed_, *host) != allowed_->end();
}

Result<net::HttpClient*> OnboardWeb::client(const std::string& url) {
  const std::string host = TF_TRY(onboard::host_of(url));
  const auto kept = clients_.find(host);
  if (kept != clients_.end()) return &kept->second;
  auto server = TF_TRY(net::parse_base_url(url));
  if (!clients_.empty()) return &clients_.emplace(host, TF_TRY(clients_.begin()->second.beside(std::move(server)))).first->second;
  net::ClientOptions options;
  options.server = std::move(server);
  options.anchors = {root_};
  options.connect_timeout = std::min(options.connect_timeout, patience_);
  options.handshake_timeout = std::min(options.handshake_timeout, patience_);
  options.response_timeout = patience_;
  options.max_response_bytes = kMaxAnswer;
  return &clients_.emplace(host, TF_TRY(net::HttpClient::create(std::move(options)))).first->second;
}

Result<wire::HttpResponse> OnboardWeb::call(const OnboardCall& call) {
  if (!allows(call.url)) return Error{Code::refused, "terminal.host_not_allowed", call.url + " is not in the access token"};
  net::HttpClient& to = *TF_TRY(client(call.url));
  auto answer = to.request({.method = "POST", .target = std::string(onboard::kPathPrefix) + call.route, .content_type = call.body.empty() ? "" : call.content_type,
                            .body = call.body, .headers = call.headers, .repeatable = true});
  if (!answer) return Error{answer.error().code, answer.error().reason, call.url + ": " + answer.error().detail};
  if (answer->status == 429 || answer->status >= 500) {
    const auto seconds = net::retry_after_s(*answer);
    wait_ms_ = std::max(wait_ms_, std::int64_t{seconds.value_or(0)} * 1000);
    return Error{Code::unavailable, "terminal.server_busy", fmt::format("{} answered {}", call.url, answer->status)};
  }
  if (answer->status == 403) return onboard_refusal(answer->body, call.url);
  if (answer->status != 200 && answer->status != 401)
    return Error{Code::malformed, "terminal.unexpected_answer", fmt::format("{} answered {} to {}", call.url, answer->status, call.route)};
  return answer;
}

Result<std::string> OnboardWeb::post(const OnboardCall& message) {
  auto answer = TF_TRY(call(message));
  if (answer.status == 200) return std::move(answer.body);
  return Error{Code::malformed, "terminal.unexpected_answer", fmt::format("{} answered {} to {}", message.url, answer.status, message.route)};
}

std::int64_t OnboardWeb::take_wait_ms() { return std::exchange(wait_ms_, 0); }

OnboardPatience::OnboardPatience(const Clock& clock, std::chrono::milliseconds total, Wait wait)
    : clock_(clock), end_ms_(clock.monotonic_ms() + total.count()), wait_(std::move(wait)) {
  if (!wait_) wait_ = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); };
}

std::int64_t OnboardPatience::left_ms() const { return std::max<std::int64_t>(0, end_ms_ - clock_.monotonic_ms()); }

bool OnboardPatience::pause(std::int64_t at_least_ms) {
  const std::int64_t time = std::max(at_least_ms, next_ms_);
  if (time >= left_ms()) return false;
  next_ms_ = std::min(next_ms_ * 2, kMostMs);
  wait_(std::chrono::milliseconds(time));
  return true;
}

}  // namespace tf::terminal
