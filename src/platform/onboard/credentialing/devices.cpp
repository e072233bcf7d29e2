#include "platform/onboard/credentialing/devices.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "crypto/digest.hpp"
#include "platform/onboard/signer.hpp"
#include "protocols/onboard/transcript.hpp"

namespace tf::platform::credentialing {
namespace {

constexpr int kAttempts = 3;
constexpr std::size_t kEnough = 2;  // provisioning servers that have a delivery

bool is_conflict(const Status& status) { return !status && status.error().code == Code::conflict; }

Cause cause_of(const std::string& dsim_id, const std::string& registration, const Hash256& device) { return {"device:" + dsim_id, registration, device}; }

// Its word about this device is final. Whatever else it says is about how the two servers are set up, and may be another one later.
Error said_by_hss(Error error) {
  if (std::string_view(error.reason) == "onboard.peer_refused") error.code = Code::unavailable;
  return error;
}

}  // namespace

Result<Devices::Greeting> Devices::greet(const OnboardCall& call, std::string& subject) {
  const auto opened = TF_TRY(onboard::open_hello(call.request.body));
  subject = opened.hello.dsim_id;
  const auto snapshot = TF_TRY(desk_.newest(opened.hello.dsim_id));
  auto step = TF_TRY(onboard::hello(opened, authorization_of(call.request), snapshot, desk_.ports));
  const std::string registration = snapshot.registration ? snapshot.registration->id : "";
  return Greeting{std::move(step), cause_of(subject, registration, onboard::device_hash(opened.hello.signing.front(), opened.hello.decryption.front()))};
}

Result<std::string> Devices::greeted(onboard::Step step) {
  if (step.refusal) return *step.refusal;
  if (step.writes.session) TF_CHECK(desk_.sessions.keep(std::move(*step.writes.session), desk_.opened.clock->now_ms()));
  return std::move(step.reply);
}

Result<std::string> Devices::hello(const OnboardCall& call, std::string& subject) {
  auto greeting = TF_TRY(greet(call, subject));
  TF_CHECK(desk_.commit(greeting.step.writes, greeting.cause));
  return greeted(std::move(greeting.step));
}

std::optional<Result<std::string>> Devices::hello_promptly(const OnboardCall& call, std::string& subject) {
  auto greeting = greet(call, subject);
  if (!greeting) return Result<std::string>(greeting.error());
  if (!greeting->step.writes.action.empty()) return std::nullopt;
  return greeted(std::move(greeting->step));
}

// Until the writes stand: the HSS is asked once at most, and gives the same envelope for the same registration anyway. A device has one credential at a time:
// what is to be suspended of it is so first. Where this call releases it, the servers that will be given the delivery are noted in the same
// transaction. The snapshot on which the device was proved serves until the write finds that the registration has changed since.
Result<onboard::Released> Devices::release(const onboard::Proved& proved, const std::vector<onboard::Outcome>& outcomes, onboard::DeviceSnapshot snapshot, Lines& noted) {
  std::optional<onboard::CredentialsAnswer> answer;
  for (int attempt = 1;;) {
    auto step = TF_TRY(onboard::release(proved, outcomes, snapshot, answer, desk_.ports));
    if (step.credentials) {
      TF_CHECK(desk_.suspend_of(step.credentials->dsim_id));
      const auto said = desk_.hss.post("credentials", onboard::encode(*step.credentials));
      if (!said) return said_by_hss(said.error());
      answer = TF_TRY(onboard::decode_credentials_answer(as_text(said->reveal())));
      continue;
    }
    const bool first = step.released && snapshot.registration->state == onboard::RegistrationState::registered;
    const Status written = desk_.commit(step.writes, cause_of(proved.session.dsim_id, proved.session.registration, proved.session.device),
                                        [&](store::Session& session) -> Status {
                                          for (const OnboardLine* line : first ? noted : Lines()) TF_CHECK(note_told(session, proved.session.registration, line->peer().name));
                                          return {};
                                        });
    if (!first) noted.clear();
    if (is_conflict(written) && attempt++ < kAttempts) {
      snapshot = TF_TRY(desk_.by_id(proved.session.registration));
      continue;
    }
    TF_CHECK(written);
    if (step.refusal) return *step.refusal;
    desk_.released.add();
    return std::move(*step.released);
  }
}

// The first servers that take it, each with an account of its own, in the order of the settings; one that was silent lately only while nobody else
// took it. They are noted before READY names them: nobody else is given the envelope.
Result<std::vector<onboard::Provisioning>> Devices::deliver(onboard::Released& released, const Lines& servers, const Lines& noted) {
  released.delivery.notify = notify_address(desk_.opened.settings.credentialing.notify, released.dsim_id);
  released.delivery.items = desk_.items;
  std::vector<onboard::Provisioning> took;
  Lines with_it;
  for (OnboardLine* line : servers) {
    if (took.size() == kEnough || (!took.empty() && line->silent_lately())) break;
    released.delivery.account = onboard::new_account(released.delivery.delivery, line->peer().dm_name(), desk_.ports.random);
    const SecretBytes body = onboard::encode(released.delivery);
    const auto answer = line->post("deliveries", std::string(as_text(body.reveal())));
    if (answer && onboard::decode_result(as_text(answer->reveal()), "taken"))
      took.push_back({{line->peer().url, line->peer().dm_name()}, std::move(released.delivery.account)}), with_it.push_back(line);
    else log::warn("onboard: a delivery was not taken: " + (answer ? "another answer of " + line->peer().name : describe(answer.error())));
  }
  if (with_it == noted || (with_it.empty() && noted.empty())) return took;
  TF_CHECK(desk_.opened.database->write([&](store::Session& session) -> Status {
    for (const OnboardLine* line : noted) TF_CHECK(forget_told(session, released.delivery.delivery, line->peer().name));
    for (const OnboardLine* line : with_it) TF_CHECK(note_told(session, released.delivery.delivery, line->peer().name));
    return {};
  }));
  return took;
}

Result<std::string> Devices::request(const OnboardCall& call, std::string& subject) {
  const auto opened = TF_TRY(onboard::open_request(call.request.body));
  const auto session = desk_.sessions.take(opened.request.session);
  onboard::DeviceSnapshot snapshot;
  if (session) {
    subject = session->dsim_id;
    snapshot = TF_TRY(desk_.by_id(session->registration));
  }
  auto step = TF_TRY(onboard::prove(opened, session ? &*session : nullptr, snapshot, desk_.ports));
  TF_CHECK(desk_.commit(step.writes, session ? cause_of(subject, session->registration, session->device) : Cause{"device:" + subject}));
  if (step.refusal) return *step.refusal;
  const auto outcomes = desk_.revocation->judge({step.proved->session.signing, step.proved->session.decryption});
  const Lines servers = desk_.provisioning.to_try();
  Lines noted;
  for (OnboardLine* line : servers)
    if (noted.size() < kEnough && (noted.empty() || !line->silent_lately())) noted.push_back(line);
  auto released = TF_TRY(release(*step.proved, outcomes, std::move(snapshot), noted));
  const auto took = TF_TRY(deliver(released, servers, noted));
  return onboard::ready(released, took, desk_.ports);
}

Result<std::string> Devices::envelope(const OnboardCall& call, std::string& subject) {
  const std::string delivery = TF_TRY(onboard::open_envelope_request(call.request.body));
  std::optional<Kept> row;
  bool told = false;
  TF_CHECK(desk_.opened.database->read([&](store::Session& session) -> Status {
    row = TF_TRY(load(session, delivery));
    told = TF_TRY(is_told(session, delivery, call.peer->name));
    return {};
  }));
  onboard::DeviceSnapshot snapshot;
  if (row) snapshot.registration = TF_TRY(desk_.opened_row(std::move(*row)));
  if (snapshot.registration) subject = snapshot.registration->dsim_id;
  return onboard::hand_over(snapshot, told, desk_.ports);
}

std::optional<Result<std::string>> Devices::receipt_promptly(const OnboardCall& call) {
  if (!taken_.has(crypto::sha256(as_bytes(call.request.body)))) return std::nullopt;
  return Result<std::string>(onboard::encode_result("closed"));
}

Result<std::string> Devices::receipt(const OnboardCall& call, std::string& subject) {
  const Hash256 octets = crypto::sha256(as_bytes(call.request.body));
  if (taken_.has(octets)) return onboard::encode_result("closed");
  const auto opened = TF_TRY(onboard::open_receipt(call.request.body));
  for (int attempt = 1;; ++attempt) {
    const auto snapshot = TF_TRY(desk_.by_id(opened.claim.delivery));
    if (snapshot.registration) subject = snapshot.registration->dsim_id;
    auto step = TF_TRY(onboard::receive_receipt(opened, snapshot, desk_.ports));
    const auto& there = snapshot.registration;
    const Status written = desk_.commit(step.writes, there ? cause_of(subject, there->id, there->device) : Cause{"device:" + subject});
    if (is_conflict(written) && attempt < kAttempts) continue;
    TF_CHECK(written);
    if (step.refusal) return *step.refusal;
    if (step.writes.changed) desk_.closed.add();
    taken_.put(octets);
    return std::move(step.reply);
  }
}

}  // namespace tf::platform::credentialing
