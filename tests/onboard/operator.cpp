// A credentialing server and its HSS over maps.
#include <fmt/format.h>

#include "protocols/onboard/identity.hpp"
#include "tests/onboard/world.hpp"

namespace tf::onboard::test {
namespace {

const Error kNobodyAnswers{Code::unavailable, "test.silent", "nobody answers"};

}  // namespace

DeviceSnapshot Operator::by_id(const std::string& id) const {
  const auto found = registrations.find(id);
  if (found == registrations.end()) return {};
  return {found->second.clone()};
}

DeviceSnapshot Operator::by_dsim(const std::string& dsim_id) const {
  const auto found = newest.find(dsim_id);
  return found == newest.end() ? DeviceSnapshot{} : by_id(found->second);
}

bool Operator::has_alarm(AlarmKind kind) const {
  return std::ranges::any_of(alarms, [&](const Alarm& alarm) { return alarm.kind == kind; });
}

// The transaction, and what follows it.
Status Operator::perform(Writes& writes) {
  if (writes.changed) {
    Registration& row = registrations.at(writes.changed->to.id);
    if (row.version != writes.changed->version_was) return Error{Code::conflict, "test.changed", "the row changed meanwhile"};
    row = writes.changed->to.clone();
    if (row.state == RegistrationState::released) released[row.id].insert(row.envelope_hash);
  }
  if (writes.made) {
    newest[writes.made->dsim_id] = writes.made->id;
    const std::string id = writes.made->id;
    registrations.insert_or_assign(id, std::move(*writes.made));
  }
  if (writes.alarm) alarms.push_back(*writes.alarm);
  if (!writes.action.empty()) audit.push_back(fmt::format("{} {} {}", writes.action, writes.subject, writes.detail));
  if (!writes.session_used.empty()) sessions.erase(writes.session_used);
  if (writes.session) sessions.insert_or_assign(writes.session->id, *writes.session);
  if (writes.suspend) suspended.insert(writes.suspend->dsim_id);
  if (writes.take_back)
    for (const auto& [name, server] : world.registration_servers)
      (void)world.send({name, "registrations/remove", encode(std::vector{*writes.take_back}), true, id});
  return {};
}

Result<std::string> Operator::settle(Step step) {
  TF_CHECK(perform(step.writes));
  if (step.refusal) return *step.refusal;
  return std::move(step.reply);
}

Status Operator::contract(const Subscription& row) {
  Step step = TF_TRY(subscribe(row, by_dsim(row.dsim_id).registration, ports));
  const Registration made = step.writes.made->clone();
  TF_CHECK(perform(step.writes));
  int taken = 0;
  for (const auto& [name, server] : world.registration_servers) {
    std::vector<RegistrationRow> rows;
    rows.push_back(registration_row(made, ports));
    const SecretBytes body = encode(rows);
    const auto answer = world.send({name, "registrations", std::string(as_text(body.reveal())), true, id});
    if (!answer) continue;
    const auto results = TF_TRY(decode_row_results(*answer));
    if (results.at(0).result == "registered") ++taken;
  }
  return taken > 0 ? Status() : Status(Error{Code::unavailable, "test.not_registered", "no registration server took it"});
}

Status Operator::withdraw(const std::string& dsim_id) {
  auto step = TF_TRY(onboard::withdraw(registration_of(dsim_id)));
  if (step) TF_CHECK(perform(step->writes));
  return {};
}

std::vector<Provisioning> Operator::deliver(Delivery& delivery) {
  std::vector<Provisioning> out;
  for (const std::string& name : told_servers) {
    delivery.account = new_account(delivery.delivery, name, ports.random);
    const SecretBytes body = encode(delivery);
    const auto answer = world.send({name, "deliveries", std::string(as_text(body.reveal())), true, id});
    if (!answer || !decode_result(*answer, "taken")) continue;
    told.insert({delivery.delivery, name});
    out.push_back({{"https://" + name, name}, std::move(delivery.account)});
  }
  return out;
}

Result<std::string> Operator::on_request(const std::string& body) {
  const OpenedRequest opened = TF_TRY(open_request(body));
  const auto found = sessions.find(opened.request.session);
  const std::optional<Session> session = found == sessions.end() ? std::optional<Session>() : std::optional(found->second);
  Step proving = TF_TRY(prove(opened, session ? &*session : nullptr, session ? by_id(session->registration) : DeviceSnapshot{}, ports));
  const auto proved = proving.proved;
  TF_TRY(settle(std::move(proving)));
  std::vector<Outcome> outcomes;
  for (const Question& question : proved->questions) outcomes.push_back(world.ocsp.ask(question));
  std::optional<CredentialsAnswer> answer;
  Step step = TF_TRY(release(*proved, outcomes, by_id(proved->session.registration), answer, ports));
  if (step.credentials) {
    answer = TF_TRY(decode_credentials_answer(TF_TRY(world.send({"hss." + host, "credentials", encode(*step.credentials), true, id}))));
    step = TF_TRY(release(*proved, outcomes, by_id(proved->session.registration), answer, ports));
  }
  TF_CHECK(perform(step.writes));
  if (step.refusal) return *step.refusal;
  for (const Item& item : items) step.released->delivery.items.push_back(item);
  return ready(*step.released, deliver(step.released->delivery), ports);
}

Result<std::string> Operator::handle(const Message& message) {
  if (!up) return kNobodyAnswers;
  if (message.route == "hello") {
    const OpenedHello opened = TF_TRY(open_hello(message.body));
    return settle(TF_TRY(hello(opened, message.authorization, by_dsim(opened.hello.dsim_id), ports)));
  }
  if (message.route == "request") return on_request(message.body);
  if (message.route == "envelope") {
    const std::string delivery = TF_TRY(open_envelope_request(message.body));
    return hand_over(by_id(delivery), told.contains({delivery, message.from}), ports);
  }
  if (message.route == "receipt") {
    const OpenedReceipt receipt = TF_TRY(open_receipt(message.body));
    return settle(TF_TRY(receive_receipt(receipt, by_id(receipt.claim.delivery), ports)));
  }
  return Error{Code::not_found, "onboard.no_such_route", message.route};
}

// Unique by DSIM_ID and nonce hash: asked again, the same envelope.
Result<std::string> Operator::handle_hss(const Message& message) {
  if (!hss_up) return kNobodyAnswers;
  CredentialsRequest request = TF_TRY(decode_credentials_request(message.body));
  const auto key = std::pair(request.dsim_id, request.nonce_hash);
  if (const auto found = made.find(key); found != made.end()) {
    if (found->second.device != request.device_hash) return Error{Code::refused, "hss.other_device", "made for another module"};
    return encode(found->second.answer);
  }
  const pki::Certificate module = TF_TRY(check_credentials_request(request, world.verifier, world.clock.now_ms()));
  const Hash256 device = request.device_hash;
  SubscriberCredential credential;
  credential.imsi = fmt::format("99970{}{:09}", id == "a" ? 1 : 2, made.size() + 1);
  credential.iccid = fmt::format("8999{:014}", made.size() + 1);
  credential.key = crypto::AkaKey::random(algorithm, world.random);
  const std::string imsi = credential.imsi;
  crypto::AkaKey its_key = credential.key.clone();
  if (hss_does) hss_does(credential, request);
  Bytes envelope = TF_TRY(compose_envelope(request, id, module, credential, issuer, world.clock.now_ms()));
  CredentialsAnswer answer{std::move(envelope), imsi_hash(request.nonce_hash, imsi)};
  std::string reply = encode(answer);
  made.emplace(key, MadeCredential{device, std::move(answer), imsi, std::move(its_key)});
  return reply;
}

}  // namespace tf::onboard::test
