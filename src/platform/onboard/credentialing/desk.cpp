#include "platform/onboard/credentialing/desk.hpp"

#include <fmt/format.h>

#include "base/file.hpp"
#include "base/log.hpp"
#include "platform/onboard/signer.hpp"
#include "wire/encoding.hpp"

namespace tf::platform::credentialing {
namespace {

constexpr std::int64_t kRegistrationDayMs = 24LL * 3600 * 1000;
constexpr std::size_t kMostItem = 16 * 1024;
constexpr std::int64_t kSuspendAgainMs = 30'000;

onboard::CredentialingPorts ports_of(OnboardOpened& opened, const onboard::ChainVerifier& verifier) {
  const OnboardSettings& settings = opened.settings;
  return {.clock = *opened.clock, .random = opened.random, .verifier = verifier, .operator_id = settings.operator_id,
          .signer = onboard_signer(opened, onboard_key::operator_), .route = {settings.own_url()}, .own_url = settings.own_url(),
          .access = onboard_access_policy(settings, settings.credentialing.access), .registration_ms = settings.credentialing.registration_days * kRegistrationDayMs};
}

}  // namespace

Result<std::unique_ptr<Desk>> Desk::open(OnboardOpened& opened) {
  TF_CHECK(opened.database->migrate(kComponent, kMigrations));
  auto& metrics = opened.metrics;
  std::vector<onboard::Item> items;
  for (const auto& item : opened.settings.credentialing.items)
    items.push_back({item.name, item.type, TF_TRY(read_file(item.file.starts_with('/') ? item.file : opened.paths.directory + "/" + item.file, kMostItem))});
  auto registration = TF_TRY(OnboardLines::open(opened, onboard_role::registration));
  auto hss = TF_TRY(OnboardLines::open(opened, onboard_role::hss));
  auto provisioning = TF_TRY(OnboardLines::open(opened, onboard_role::provisioning));
  auto revocation = TF_TRY(RevocationDesk::open(opened));
  if (registration.empty() || hss.empty() || provisioning.empty())
    return Error{Code::invalid, "config.value", "a credentialing server needs a [[peer]] each of roles registration, hss and provisioning"};
  auto verifier = std::make_unique<const onboard::ChainVerifier>(onboard_verifier(opened));
  auto ports = ports_of(opened, *verifier);
  auto out = std::unique_ptr<Desk>(new Desk{
      .opened = opened, .verifier = std::move(verifier), .ports = std::move(ports), .registration = std::move(registration), .hss = std::move(hss),
      .provisioning = std::move(provisioning), .revocation = std::move(revocation), .items = std::move(items),
      .sessions = SessionBook(static_cast<std::size_t>(opened.settings.credentialing.sessions)),
      .subscribed = metrics.counter("trustferry_onboard_subscriptions_total", "Subscriptions registered"),
      .released = metrics.counter("trustferry_onboard_releases_total", "Credentials released"),
      .closed = metrics.counter("trustferry_onboard_receipts_total", "Deliveries closed by a receipt"),
      .raised = metrics.counter("trustferry_onboard_alarms_total", "Alarms of the credentialing server")});
  return out;
}

Result<onboard::Registration> Desk::opened_row(Kept row) {
  const SecretBytes nonce = TF_TRY(opened.vault->open_record(row.nonce, nonce_row(row.value.id)));
  if (nonce.size() != 32) return Error{Code::integrity, "vault.row", "a registration nonce has another size"};
  row.value.nonce = onboard::RegistrationNonce(nonce.reveal().first<32>());
  return std::move(row.value);
}

Result<onboard::DeviceSnapshot> Desk::newest(const std::string& dsim_id) {
  std::optional<Kept> row;
  TF_CHECK(opened.database->read([&](store::Session& session) -> Status {
    row = TF_TRY(load_newest(session, dsim_id));
    return {};
  }));
  onboard::DeviceSnapshot out;
  if (row) out.registration = TF_TRY(opened_row(std::move(*row)));
  return out;
}

Result<onboard::DeviceSnapshot> Desk::by_id(const std::string& id) {
  std::optional<Kept> row;
  TF_CHECK(opened.database->read([&](store::Session& session) -> Status {
    row = TF_TRY(load(session, id));
    return {};
  }));
  onboard::DeviceSnapshot out;
  if (row) out.registration = TF_TRY(opened_row(std::move(*row)));
  return out;
}

Result<vault::Wrapped> Desk::seal(const onboard::Registration& made) { return opened.vault->seal_record(SecretBytes(made.nonce.reveal()), nonce_row(made.id)); }

Status Desk::perform(store::Session& session, const onboard::Writes& writes, const std::optional<vault::Wrapped>& made) {
  const std::int64_t now = opened.clock->now_ms();
  if (writes.changed) TF_CHECK(update(session, *writes.changed, now));
  if (writes.made) TF_CHECK(insert(session, *writes.made, *made));
  if (writes.take_back && writes.changed)
    for (const auto& line : registration.all())
      TF_CHECK(place(session, line->peer().name, {writes.changed->to.id, writes.take_back->dsim_id, true, writes.take_back->nonce_hash, 0}, now));
  if (writes.suspend) TF_CHECK(want_suspension(session, *writes.suspend, now));
  return {};
}

Status Desk::commit(const onboard::Writes& writes, const Cause& cause, store::WriteFn also) {
  if (writes.action.empty() && !also) return {};
  std::optional<vault::Wrapped> made;
  if (writes.made) made = TF_TRY(seal(*writes.made));
  std::optional<Alarm> alarm;
  if (writes.alarm)
    alarm = Alarm{.id = wire::hex_lower(opened.random.array<8>()), .kind = std::string(onboard::name_of(writes.alarm->kind)), .dsim_id = writes.alarm->dsim_id, .detail = writes.detail,
                  .registration = cause.registration, .device = wire::hex_lower(cause.device), .at_ms = opened.clock->now_ms()};
  bool again = false;
  TF_CHECK(opened.database->write([&](store::Session& session) -> Status {
    TF_CHECK(perform(session, writes, made));
    again = alarm && !TF_TRY(raise(session, *alarm));
    if (also) TF_CHECK(also(session));
    const bool nothing_else = !writes.changed && !writes.made;
    if (writes.action.empty() || (again && nothing_else)) return {};
    return append_act(opened, session, {cause.actor, writes.action, writes.subject, writes.detail});
  }));
  if (alarm && !again) {
    raised.add();
    log::warn(fmt::format("onboard: alarm, {}: {}", alarm->kind, alarm->dsim_id));
  }
  return {};
}

Status Desk::suspend(const onboard::SuspendRequest& one, std::int64_t now_ms) {
  const auto answer = hss.post("suspend", onboard::encode(one));
  const Status noted = opened.database->write([&](store::Session& session) -> Status {
    if (!answer) return want_suspension(session, one, now_ms + kSuspendAgainMs);
    TF_CHECK(suspended(session, one));
    return append_act(opened, session, {"system", "onboard.suspended", one.dsim_id});
  });
  if (answer) return noted;
  if (!noted) log::error("onboard: suspensions: " + describe(noted.error()));
  return Error{Code::unavailable, "onboard.suspension", "the suspension of " + one.dsim_id + " is not done: " + describe(answer.error())};
}

Status Desk::suspend_of(const std::string& dsim_id) {
  std::vector<onboard::SuspendRequest> waiting;
  TF_CHECK(opened.database->read([&](store::Session& session) -> Status { return waiting = TF_TRY(suspensions_of(session, dsim_id)), Status(); }));
  for (const onboard::SuspendRequest& one : waiting) TF_CHECK(suspend(one, opened.clock->now_ms()));
  return {};
}

}  // namespace tf::platform::credentialing
