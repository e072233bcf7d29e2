#include "tests/terminal_onboard/sides.hpp"

#include <gtest/gtest.h>

#include "dm/onboard_object.hpp"
#include "dm/package0.hpp"
#include "protocols/onboard/envelope.hpp"
#include "protocols/onboard/refusal.hpp"
#include "tests/terminal_onboard/site.hpp"

namespace tf::terminal::test {

using tf::test::must;
namespace object = dm::onboard_object;

wire::HttpResponse answer_of(Result<std::string> reply) {
  if (reply) return json(std::move(*reply));
  if (reply.error().code == Code::unavailable) return busy();
  if (reply.error().code == Code::invalid || reply.error().code == Code::internal) ADD_FAILURE() << describe(reply.error());
  return {403, "application/problem+json", onboard::refusal_body(reply.error()), {}};
}

Sides::Sides(const Certificates& pki, const Clock& clock)
    : pki_(pki), clock_(clock), verifier_({pki.root.certificate}), operator_(pki.signer("onboard-operator", "op-1")), issuer_(pki.signer("onboard-issuer", "op-1")),
      registrar_(pki.signer("onboard-registration", "reg-1")) {}

onboard::CredentialingPorts Sides::ports() {
  return {.clock = clock_, .random = random_, .verifier = verifier_, .operator_id = "op-1", .signer = operator_, .route = route_, .own_url = route_.front(), .access = access_credentialing};
}

void Sides::subscribe(std::vector<std::string> route) {
  route_ = std::move(route);
  auto step = must(onboard::subscribe({.dsim_id = kDevice, .owner = "Anna", .plan = "m2m", .signing = {}, .decryption = {}}, registered, ports()));
  registered = std::move(step.writes.made);
  auto row = onboard::registration_row(*registered, ports());
  referred_ = must(onboard::put_registration(row, "op-1", std::nullopt, clock_.now_ms()));
}

void Sides::withdraw() {
  (void)must(commit(std::move(*must(onboard::withdraw(*registered)))));
  referred_.reset();
}

wire::HttpResponse Sides::registration(const std::string& route, const wire::HttpRequest& request) {
  if (route != "referral") return {404, "text/plain", "", {}};
  std::string authorization;
  for (const auto& [name, value] : request.headers)
    if (name == "authorization") authorization = value;
  const onboard::RegistrationPorts here{clock_, random_, verifier_, registrar_, access_registration};
  return answer_of([&]() -> Result<std::string> {
    return TF_TRY(onboard::refer(TF_TRY(onboard::open_referral(request.body)), authorization, referred_, here)).reply;
  }());
}

wire::HttpResponse Sides::credentialing(const std::string& route, const wire::HttpRequest& in) {
  if (route == "hello") return answer_of(hello(in));
  if (route == "request") return answer_of(request(in));
  if (route == "receipt") return answer_of(receipt(in.body));
  return {404, "text/plain", "", {}};
}

Result<std::string> Sides::commit(onboard::Step step) {
  if (step.writes.changed) registered = std::move(step.writes.changed->to);
  if (step.writes.session) sessions_.insert_or_assign(step.writes.session->id, *step.writes.session);
  sessions_.erase(step.writes.session_used);
  if (step.refusal) return *step.refusal;
  return std::move(step.reply);
}

Result<std::string> Sides::hello(const wire::HttpRequest& request) {
  std::string authorization;
  for (const auto& [name, value] : request.headers)
    if (name == "authorization") authorization = value;
  const onboard::DeviceSnapshot snapshot{registered ? std::optional(registered->clone()) : std::nullopt};
  return commit(TF_TRY(onboard::hello(TF_TRY(onboard::open_hello(request.body)), authorization, snapshot, ports())));
}

Result<onboard::CredentialsAnswer> Sides::credential(const onboard::CredentialsRequest& request) {
  ++envelopes;
  const auto decryption = TF_TRY(onboard::check_credentials_request(request, verifier_, clock_.now_ms()));
  onboard::SubscriberCredential made{.imsi = kImsi, .iccid = "898821100000000001", .key = subscriber.clone()};
  return onboard::CredentialsAnswer{TF_TRY(onboard::compose_envelope(request, "op-1", decryption, made, issuer_, clock_.now_ms())),
                                    onboard::imsi_hash(request.nonce_hash, kImsi)};
}

Result<std::string> Sides::request(const wire::HttpRequest& in) {
  const auto opened = TF_TRY(onboard::open_request(in.body));
  const auto session = sessions_.find(opened.request.session);
  const onboard::DeviceSnapshot snapshot{registered ? std::optional(registered->clone()) : std::nullopt};
  auto proved = TF_TRY(onboard::prove(opened, session == sessions_.end() ? nullptr : &session->second, snapshot, ports()));
  if (!proved.proved) return commit(std::move(proved));
  std::vector<onboard::Outcome> outcomes;
  for (const auto& question : proved.proved->questions)
    outcomes.push_back(onboard::outcome_of(question, revoked.contains(question.leaf.serial_hex()) ? Status(Error{Code::refused, "ocsp.revoked", ""}) : Status()));
  std::optional<onboard::CredentialsAnswer> answer;
  auto step = TF_TRY(onboard::release(*proved.proved, outcomes, snapshot, answer, ports()));
  if (step.credentials) {
    answer = TF_TRY(credential(*step.credentials));
    step = TF_TRY(onboard::release(*proved.proved, outcomes, snapshot, answer, ports()));
  }
  (void)TF_TRY(commit(std::move(proved)));
  auto released = std::move(step.released);
  (void)TF_TRY(commit(std::move(step)));
  if (!released) return Error{Code::internal, "test.release", ""};
  given.clear();
  for (const auto& server : provisioning_at) {
    given.push_back({server, onboard::new_account(released->delivery.delivery, server.server_id, random_)});
    nonces_[server.server_id] = {to_bytes(given.back().account.server_nonce), to_bytes(given.back().account.client_nonce)};
  }
  return onboard::ready(*released, given, ports());
}

Result<std::string> Sides::receipt(std::string_view body) {
  const auto opened = TF_TRY(onboard::open_receipt(body));
  return commit(TF_TRY(onboard::receive_receipt(opened, {registered ? std::optional(registered->clone()) : std::nullopt}, ports())));
}

const onboard::Account* Sides::account_at(const std::string& server_id) const {
  for (const auto& each : given)
    if (each.server.server_id == server_id) return &each.account;
  return nullptr;
}

std::unique_ptr<dm::ServerSession> Sides::new_session(const dm::Message& first) {
  const std::string& server = first.header.target;
  const auto& account = *account_at(server);
  auto out = std::make_unique<dm::ServerSession>(
      dm::ServerSettings{.server_uri = server, .device_uri = kDevice, .server = must(dm::make_credential(server, account.server_password)),
                         .device = must(dm::make_credential(account.user, account.password)), .session = first.header.session},
      nonces_.at(server));
  if (withhold) return out;
  Bytes envelope = registered->envelope;
  if (alter) alter(envelope);
  must(out->push({.tag = 1, .verb = dm::Verb::replace, .uri = std::string(object::kEnvelope), .value = {"chr", "application/xml", envelope}}));
  for (const auto& item : items) must(out->push({.tag = 4, .verb = dm::Verb::replace, .uri = object::item(item.name), .value = {"b64", item.type, item.data}}));
  must(out->push({.tag = 2, .verb = dm::Verb::exec, .uri = std::string(object::kInstall)}));
  must(out->push({.tag = 3, .verb = dm::Verb::get, .uri = std::string(object::kReceipt), .only_after_good = true}));
  return out;
}

Result<dm::Envelope> Sides::manage(const dm::Envelope& in) {
  const auto message = TF_TRY(dm::decode(in.body));
  const auto* account = account_at(message.header.target);
  if (account == nullptr) return Error{Code::refused, "test.no_delivery", ""};
  auto& session = managed_[message.header.session + "/" + account->user + "/" + std::string(as_text(account->password.reveal()))];
  if (!session) session = new_session(message);
  auto received = TF_TRY(session->receive(in, random_));
  if (received.store) nonces_[message.header.target] = *received.store;
  for (const auto& done : received.done) {
    codes.push_back(done.code);
    if (done.tag == 3 && done.value && !keeps_receipts) (void)TF_TRY(receipt(onboard::encode_receipt(as_text(done.value->data))));
  }
  return TF_TRY(session->reply()).message;
}

wire::HttpResponse Sides::provisioning(const std::string& route, const wire::HttpRequest& request) {
  if (route != "dm") return {404, "text/plain", "", {}};
  dm::Envelope in{request.body, {}};
  for (const auto& [name, value] : request.headers)
    if (name == dm::kMacHeader) in.mac = value;
  auto out = manage(in);
  if (!out) return {400, "text/plain", describe(out.error()), {}};
  wire::HttpResponse answer{200, std::string(dm::kMediaType), out->body, {}};
  if (!out->mac.empty()) answer.headers.emplace_back(dm::kMacHeader, out->mac);
  return answer;
}

wire::HttpResponse Sides::ocsp(const wire::HttpRequest& request) {
  const Bytes der = pki_.ocsp(as_bytes(request.body), revoked);
  return {200, "application/ocsp-response", std::string(as_text(der)), {}};
}

Bytes Sides::notification(std::uint16_t session) const {
  return notification(session, given.front().account, given.front().server.server_id);
}

Bytes Sides::notification(std::uint16_t session, const onboard::Account& account, const std::string& as) const {
  return must(dm::encode(dm::Notification{.session = session, .server = as, .vendor = {}}, must(dm::make_credential(as, account.server_password)), nonces_.at(as).send));
}

}  // namespace tf::terminal::test
