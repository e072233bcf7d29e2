// The delivery: a session with a provisioning server, what it brings, what is asked about it.
#include <fmt/format.h>

#include <filesystem>
#include <iterator>

#include "base/file.hpp"
#include "dm/package0.hpp"
#include "net/ocsp/client.hpp"
#include "protocols/onboard/identity.hpp"
#include "terminal/onboard/run.hpp"

namespace tf::terminal {

namespace fs = std::filesystem;
using onboard::Stage;
namespace {

constexpr std::ptrdiff_t kMostItems = 64;  // a delivery has 16 at most; names are the provisioning server's, who may be anybody

}  // namespace

Status OnboardDevice::Run::deliver() {
  if (notices && TF_TRY(notified())) return {};
  std::optional<Error> silence;
  Error last{Code::unavailable, "terminal.nothing_delivered", "no provisioning server had anything for this device"};
  for (const auto& server : ready->provisioning) {
    const ByteArray<2> number = ports.random.array<2>();
    const auto id = static_cast<std::uint16_t>(1 + (number[0] * 256U + number[1]) % 65'535U);
    const Status done = session_with(server, dm::session_text(id), false);
    if (stopped) return *stopped;
    if (done || state.stage != Stage::ready) return {};  // what is left, the receipt, goes to the operator
    say("delivery", describe(done.error()));
    if (is_silence(done.error())) silence = done.error();
    last = done.error();
  }
  return silence ? *silence : last;
}

Result<bool> OnboardDevice::Run::notified() {
  say("listening", fmt::format("on UDP port {} for a notification", notices->port()));
  while (patience.left_ms() > 0) {
    const auto datagram = notices->receive(patience.left_ms());
    if (!datagram) break;
    const auto claimed = dm::decode_notification(*datagram);
    for (const auto& each : ready->provisioning) {
      const std::string& server_id = each.server.server_id;
      if (!claimed || claimed->server != server_id) continue;
      const auto known = nonces.try_emplace(server_id, onboard_dm_nonces(each.account)).first;
      const auto notice = dm::open_notification(*datagram, TF_TRY(dm::make_credential(server_id, each.account.server_password)), known->second.expect);
      if (!notice || !sessions_run.insert(dm::session_text(notice->session)).second) continue;
      const Status done = session_with(each, dm::session_text(notice->session), true);
      if (stopped) return *stopped;
      if (done || state.stage != Stage::ready) return true;
      say("delivery", describe(done.error()));
      return false;  // the device begins, then
    }
    say("listening", "a notification that is not authentic, or an old one, was passed over");
  }
  return Error{Code::unavailable, "terminal.nothing_delivered", "no notification came"};
}

Status OnboardDevice::Run::session_with(const onboard::Provisioning& at, std::string session, bool by_server) {
  const onboard::ProvisioningServer& server = at.server;
  const OnboardProfile& profile = device.profile_;
  const dm::DeviceInfo info{.device_id = profile.dsim_id, .manufacturer = profile.manufacturer, .model = profile.model, .language = profile.language};
  const auto known = nonces.try_emplace(server.server_id, onboard_dm_nonces(at.account)).first;
  OnboardTree tree(info, {.install = [&](ByteView envelope) { return install(envelope); },
                          .receipt = [&]() -> std::optional<std::string> { return state.stage == Stage::stored ? std::optional(state.receipt) : std::nullopt; },
                          .item = [&](const std::string& name, const dm::Value& value) { return store_item(name, value); }});
  OnboardDmOrder order{.server = server, .settings = TF_TRY(onboard_dm_settings(at, info)), .nonces = known->second,
                       .session = std::move(session), .by_server = by_server};
  say("session", fmt::format("with {} at {}", server.server_id, server.url));
  const Status ended = run_dm_session(std::move(order), tree, {.web = web, .patience = patience, .random = ports.random,
                                                               .keep = [&](const dm::Nonces& newer) { known->second = newer; },
                                                               .stop = [&]() -> Status { return stopped ? Status(*stopped) : Status(); }});
  if (!ended) return ended;
  if (state.stage == Stage::ready) {
    if (tree.failure()) return *tree.failure();
    return Error{Code::unavailable, "terminal.nothing_delivered", server.url + " had nothing to deliver"};
  }
  return {};
}

std::vector<std::string> OnboardDevice::Run::responders() const {
  std::vector<std::string> out;
  for (const std::string& url : device.profile_.ocsp)
    if (web.allows(url)) out.push_back(url);
  return out;
}

Status OnboardDevice::Run::install(ByteView envelope) {
  if (state.stage == Stage::stored && onboard::envelope_hash(envelope) == state.envelope_hash) return {};  // told once more
  const auto under_way = TF_TRY(onboard::begin_install(*ready, envelope, ports));
  net::OcspOptions asking{.responders = {}, .anchors = {device.root_}, .patience = options.ocsp_patience};
  for (std::string& url : responders()) asking.responders.push_back({.url = std::move(url)});
  std::vector<net::OcspQuestion> asked;
  for (const auto& question : under_way.questions) asked.push_back({question.leaf, question.issuer});
  const auto answers = TF_TRY(net::OcspClient::create(std::move(asking), ports.clock, ports.random)).good(asked);
  std::vector<onboard::Outcome> outcomes;
  for (const auto& question : under_way.questions) {
    outcomes.push_back(onboard::outcome_of(question, answers[outcomes.size()]));
    say("ocsp", fmt::format("{}: {}", question.leaf.common_name(), outcomes.back().status ? "good" : describe(outcomes.back().status.error())));
  }
  auto next = TF_TRY(onboard::install(*ready, under_way, outcomes, ports));
  TF_CHECK(durable("installed"));
  say("stored", fmt::format("subscription of {}", next.operator_id));
  return keep(std::move(next), "stored");
}

Status OnboardDevice::Run::store_item(const std::string& name, const dm::Value& value) {
  std::error_code failed;
  fs::create_directories(device.items_directory(), failed);
  if (failed) return Error{Code::unavailable, "base.file_write", device.items_directory() + ": " + failed.message()};
  const fs::directory_iterator there(device.items_directory(), failed);
  if (failed) return Error{Code::unavailable, "base.file_write", device.items_directory() + ": " + failed.message()};
  if (!fs::exists(device.items_directory() + "/" + name) && std::distance(fs::begin(there), fs::end(there)) >= kMostItems)
    return Error{Code::overloaded, "terminal.items_full", name + ": the device keeps no more items before it is reset"};
  TF_CHECK(write_file_atomic(device.items_directory() + "/" + name, value.data, 0600));
  say("item", fmt::format("{}, {} bytes of {}", name, value.data.size(), value.type));
  return durable("item");
}

}  // namespace tf::terminal
