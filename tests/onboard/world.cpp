#include "tests/onboard/world.hpp"

#include <fmt/format.h>

#include "pki/ocsp/verify.hpp"
#include "protocols/onboard/identity.hpp"
#include "wire/json.hpp"

namespace tf::onboard::test {
namespace {

const Error kSilent{Code::unavailable, "test.silent", "nobody answers"};

}  // namespace

Ocsp::Ocsp(const Clock& clock) : clock_(clock) { responders.push_back(honest()); }

Responder Ocsp::honest() const { return answering(nullptr, 0, true); }
Responder Ocsp::silent() const {
  return [](const Question&, const std::optional<Bytes>&) -> Result<Bytes> { return Error{Code::unavailable, "ocsp.silent", "no answer"}; };
}

Responder Ocsp::answering(const pki::Issuer* by, std::int64_t age_ms, bool with_nonce) const {
  return [this, by, age_ms, with_nonce](const Question& question, const std::optional<Bytes>& nonce) -> Result<Bytes> {
    const std::int64_t then = clock_.now_ms() - age_ms;
    pki::ocsp::SingleResponse single{.cert_id = TF_TRY(pki::ocsp::cert_id(question.issuer, question.leaf.serial_hex())), .status = pki::ocsp::CertStatus::good,
                                     .this_update_ms = then, .next_update_ms = then + 60'000};
    if (revoked.contains(question.leaf.serial_hex())) {
      single.status = pki::ocsp::CertStatus::revoked;
      single.reason = pki::RevocationReason::key_compromise;
      single.revoked_at_ms = then - 1000;
    }
    const pki::Issuer& signer = by != nullptr ? *by : estate().authority_of(question.issuer).ocsp;
    const auto responder = TF_TRY(pki::ocsp::responder_of(signer.certificate, signer.key));
    return pki::ocsp::make_response({{single}, then, with_nonce ? nonce : std::optional<Bytes>()}, responder);
  };
}

// As net/ocsp/client.hpp asks.
Outcome Ocsp::ask(const Question& question) {
  ++asked;
  Bytes nonce(32);
  random_.fill(nonce);
  for (const Responder& responder : responders) {
    const auto response = responder(question, nonce);
    if (!response) continue;
    const auto verified = pki::ocsp::verify(*response, {.issuer = question.issuer, .serial_hex = question.leaf.serial_hex(), .now_ms = clock_.now_ms(), .nonce = nonce});
    return outcome_of(question, verified ? pki::ocsp::require_good(*verified) : Status(verified.error()));
  }
  return outcome_of(question, Error{Code::unavailable, "ocsp.silent", "no OCSP responder answers"});
}

Result<std::string> RegistrationServer::handle(const Message& message) {
  if (!up) return kSilent;
  const auto there = [&](const std::string& dsim_id) {
    const auto found = rows.find(dsim_id);
    return found == rows.end() ? std::optional<RegisteredDevice>() : std::optional(found->second.clone());
  };
  if (message.route == "referral") {
    const auto request = TF_TRY(open_referral(message.body));
    return TF_TRY(refer(request, message.authorization, there(request.dsim_id), ports)).reply;
  }
  std::vector<RowResult> out;
  if (message.route == "registrations") {
    for (const RegistrationRow& row : TF_TRY(decode_registrations(message.body))) {
      auto put = put_registration(row, message.from, there(row.dsim_id), ports.clock.now_ms());
      if (put && *put) rows.insert_or_assign(row.dsim_id, std::move(**put));
      out.push_back({row.dsim_id, put ? "registered" : put.error().reason});
    }
    return encode(out);
  }
  if (message.route == "registrations/remove") {
    for (const RemovalRow& row : TF_TRY(decode_removals(message.body))) {
      const auto remove = remove_registration(row, message.from, there(row.dsim_id));
      if (remove && *remove) rows.erase(row.dsim_id);
      out.push_back({row.dsim_id, remove ? "removed" : remove.error().reason});
    }
    return encode(out);
  }
  return Error{Code::not_found, "onboard.no_such_route", message.route};
}

Result<std::string> Carrier::handle(const Message& message) {
  if (!up) return kSilent;
  if (message.route == "deliveries") {
    Delivery delivery = TF_TRY(decode_delivery(message.body));
    const std::string name = delivery.delivery;
    if (delivery.account.user != account_user(name, this->name)) return Error{Code::refused, "onboard.other_account", delivery.account.user};
    deliveries.insert_or_assign(name, std::move(delivery));
    return encode_result("taken");
  }
  auto object = TF_TRY(wire::JsonObject::parse(message.body));
  const AccountUser user = TF_TRY(parse_account_user(TF_TRY(object.text("user", kMaxUser))));
  if (user.server_id != this->name) return Error{Code::refused, "onboard.other_account", "the account of " + user.server_id};
  const auto found = deliveries.find(user.delivery);
  const std::string password = TF_TRY(object.text("password", 64));
  if (found == deliveries.end() || as_text(found->second.account.password.reveal()) != password)
    return Error{Code::refused, "test.dm_credentials", "no such account"};
  const std::string to = TF_TRY(host_of(found->second.credentialing));
  if (message.route == "dm_receipt") {
    if (keeps_receipts) return encode_result("closed");
    return world.send({to, "receipt", encode_receipt(TF_TRY(object.text("receipt", 4096))), true, name});
  }
  if (message.route != "dm") return Error{Code::not_found, "onboard.no_such_route", message.route};
  Bytes envelope = TF_TRY(decode_envelope(TF_TRY(world.send({to, "envelope", encode_envelope_request(found->first), true, name}))));
  if (does) envelope = TF_TRY(does(found->first, std::move(envelope)));
  return encode_envelope(envelope);
}

World::World(std::string_view seed)
    : clock(estate().clock.now_ms()), random(std::string(seed) + " world"), openssl_random(std::string(seed) + " openssl"), guard(openssl_random),
      verifier({estate().root.certificate}), ocsp(clock) {
  for (const char* name : {"rs1", "rs2"}) {
    RegistrationPorts ports{clock, random, verifier, estate().signer("onboard-registration", name), {false, std::string(name) + ":443", {}}};
    registration_servers.emplace(name, RegistrationServer{name, std::move(ports), {}});
  }
  for (const char* name : {"dm1", "dm2"}) carriers.emplace(name, Carrier{*this, name, {}});
  add_operator("a");
  add_operator("b");
}

Operator& World::add_operator(const std::string& id, Estate& whose) {
  const std::string host = id + ".operator.test:443";
  const std::string url = "https://" + id + ".operator.test";
  CredentialingPorts ports{.clock = clock, .random = random, .verifier = verifier, .operator_id = id, .signer = whose.signer("onboard-operator", id), .route = {url},
                           .own_url = url, .access = {false, host, {}}};
  return operators.emplace(id, Operator{*this, id, host, std::move(ports), whose.signer("onboard-issuer", id)}).first->second;
}

Result<std::string> World::send(const Message& message) {
  const Deliver straight = [this](const Message& one) { return deliver(one); };
  return line ? line(message, straight) : deliver(message);
}

Result<std::string> World::deliver(const Message& message) {
  if (const auto server = registration_servers.find(message.to); server != registration_servers.end()) return server->second.handle(message);
  if (const auto carrier = carriers.find(message.to); carrier != carriers.end()) return carrier->second.handle(message);
  for (auto& [id, one] : operators) {
    if (message.to == one.host) return one.handle(message);
    if (message.to == "hss." + one.host) return one.handle_hss(message);
  }
  return kSilent;
}

}  // namespace tf::onboard::test
