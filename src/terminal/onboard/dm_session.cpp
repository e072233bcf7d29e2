#include "terminal/onboard/dm_session.hpp"

#include <algorithm>

#include "dm/messages.hpp"
#include "protocols/onboard/identity.hpp"

namespace tf::terminal {
namespace {

constexpr int kAttempts = 3;
constexpr int kMostMessages = 512;

// Where the next message goes: the server may name another path, never another host.
Result<std::string> route_of(const std::string& respond_to, const OnboardDmOrder& order) {
  std::string_view path = respond_to;
  if (path.starts_with("https://")) {
    const auto there = onboard::host_of(path.substr(0, path.find('/', 8)));
    if (!there || *there != TF_TRY(onboard::host_of(order.server.url))) return Error{Code::refused, "terminal.dm_elsewhere", respond_to};
    path = path.substr(std::min(path.find('/', 8), path.size()));
  }
  if (!path.starts_with(onboard::kPathPrefix) || path.find("..") != std::string_view::npos) return Error{Code::refused, "terminal.dm_elsewhere", respond_to};
  return std::string(path.substr(onboard::kPathPrefix.size()));
}

std::string mac_of(const wire::HttpResponse& response) {
  for (const auto& [name, value] : response.headers)
    if (std::ranges::equal(name, dm::kMacHeader, {}, [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; })) return value;
  return {};
}

// It does not know this account or session, as after a restart: the operator is asked for another account.
bool speaks_otherwise(const Error& error) {
  const std::string_view reason = error.reason;
  return reason.starts_with("terminal.onboard_") || reason == "terminal.unexpected_answer";
}

Result<dm::Envelope> exchange(const OnboardDmOrder& order, const std::string& route, const dm::Envelope& message, const OnboardDmPorts& ports) {
  OnboardCall call{.url = order.server.url, .route = route, .body = message.body, .content_type = std::string(dm::kMediaType)};
  if (!message.mac.empty()) call.headers.emplace_back(std::string(dm::kMacHeader), message.mac);
  for (int attempt = 1;; ++attempt) {
    auto answer = ports.web.call(call);
    if (answer && answer->status == 200 && answer->content_type.starts_with(dm::kMediaType)) return dm::Envelope{std::move(answer->body), mac_of(*answer)};
    if (answer || speaks_otherwise(answer.error()))
      return Error{Code::unavailable, "terminal.dm_refused", answer ? order.server.url + " does not answer in OMA DM" : answer.error().detail};
    if (!is_silence(answer.error()) || attempt == kAttempts || !ports.patience.pause(ports.web.take_wait_ms())) return answer.error();
  }
}

}  // namespace

Result<dm::ClientSettings> onboard_dm_settings(const onboard::Provisioning& at, const dm::DeviceInfo& info) {
  const auto& [server, account] = at;
  dm::ClientSettings out{.server_uri = server.server_id, .device_uri = info.device_id, .device = TF_TRY(dm::make_credential(account.user, account.password)),
                         .server = TF_TRY(dm::make_credential(server.server_id, account.server_password)), .info = info};
  return out;
}

dm::Nonces onboard_dm_nonces(const onboard::Account& account) { return {to_bytes(account.client_nonce), to_bytes(account.server_nonce)}; }

Status run_dm_session(OnboardDmOrder order, dm::Tree& tree, const OnboardDmPorts& ports) {
  dm::ClientSession session(std::move(order.settings), std::move(order.nonces));
  dm::Envelope out = TF_TRY(session.start(order.session, order.by_server));
  std::string route = "dm";
  for (int messages = 0; messages < kMostMessages; ++messages) {
    const dm::Envelope in = TF_TRY(exchange(order, route, out, ports));
    dm::ClientStep step = TF_TRY(session.handle(in, tree, ports.random));
    if (ports.stop) TF_CHECK(ports.stop());
    if (step.store && ports.keep) ports.keep(*step.store);
    if (step.aborted) return Error{Code::refused, "terminal.dm_aborted", order.server.url + " ended the session"};
    if (!step.reply) return {};
    if (!step.respond_to.empty()) route = TF_TRY(route_of(step.respond_to, order));
    out = std::move(*step.reply);
  }
  return Error{Code::refused, "terminal.dm_endless", order.server.url + " does not come to an end"};
}

}  // namespace tf::terminal
