#include "platform/onboard/registration/role.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "platform/onboard/registration/store.hpp"
#include "platform/onboard/signer.hpp"

namespace tf::platform {
namespace {

constexpr std::int64_t kExpiryEveryMs = 60'000;

// With its nonce.
Result<onboard::RegisteredDevice> opened_row(vault::Vault& vault, registration::Registration row) {
  const SecretBytes nonce = TF_TRY(vault.open_record(row.nonce, registration::nonce_row(row.registered.dsim_id)));
  if (nonce.size() != 32) return Error{Code::integrity, "vault.row", "a registration nonce has another size"};
  row.registered.nonce = onboard::RegistrationNonce(nonce.reveal().first<32>());
  return std::move(row.registered);
}

Result<std::optional<onboard::RegisteredDevice>> look_up(vault::Vault& vault, store::Session& session, const std::string& dsim_id) {
  auto row = TF_TRY(registration::load(session, dsim_id));
  if (!row) return std::optional<onboard::RegisteredDevice>();
  return std::optional(TF_TRY(opened_row(vault, std::move(*row))));
}

std::string tally(const std::vector<onboard::RowResult>& results, std::string_view good) {
  const auto done = std::ranges::count_if(results, [&](const onboard::RowResult& row) { return row.result == good; });
  return fmt::format("{{\"rows\":{},\"{}\":{}}}", results.size(), good, done);
}

}  // namespace

RegistrationRole::RegistrationRole(OnboardOpened& opened)
    : opened_(opened), verifier_(onboard_verifier(opened)),
      ports_{*opened.clock, opened.random, verifier_, onboard_signer(opened, onboard_key::registration), onboard_access_policy(opened.settings, opened.settings.registration.access)},
      registered_(opened.metrics.counter("trustferry_onboard_registrations_total", "Registrations taken")),
      referred_(opened.metrics.counter("trustferry_onboard_referrals_total", "Devices referred to their operator")) {}

Result<std::unique_ptr<OnboardRole>> RegistrationRole::open(OnboardOpened& opened) {
  TF_CHECK(opened.database->migrate(registration::kComponent, registration::kMigrations));
  return std::unique_ptr<OnboardRole>(new RegistrationRole(opened));
}

std::vector<OnboardRoute> RegistrationRole::routes() {
  const std::vector<std::string> from{std::string(onboard_role::credentialing)};
  return {{.path = "/onboard/v1/registrations", .from = from, .handler = [this](const OnboardCall& call, std::string&) { return put(call); }},
          {.path = "/onboard/v1/registrations/remove", .from = from, .handler = [this](const OnboardCall& call, std::string&) { return remove(call); }},
          {.path = "/onboard/v1/referral", .prompt = [this](const OnboardCall& call, std::string& subject) { return refer(call, subject); }}};
}

// The whole call is one transaction; rows that are refused are told one by one.
Result<std::string> RegistrationRole::put(const OnboardCall& call) {
  const auto rows = TF_TRY(onboard::decode_registrations(call.request.body));
  std::vector<vault::Wrapped> sealed;  // outside the writer's thread
  for (const auto& row : rows) sealed.push_back(TF_TRY(opened_.vault->seal_record(SecretBytes(row.nonce.reveal()), registration::nonce_row(row.dsim_id))));
  std::vector<onboard::RowResult> results;
  const std::int64_t now = opened_.clock->now_ms();
  TF_CHECK(opened_.database->write([&](store::Session& session) -> Status {
    results.clear();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto there = TF_TRY(look_up(*opened_.vault, session, rows[i].dsim_id));
      const auto write = onboard::put_registration(rows[i], call.peer->operator_id, there, now);
      if (write && *write) TF_CHECK(registration::put(session, **write, sealed[i]));
      results.push_back({rows[i].dsim_id, write ? "registered" : write.error().reason});
    }
    return append_act(opened_, session, {"server:" + call.peer->name, "onboard.registrations", call.peer->operator_id, tally(results, "registered")});
  }));
  registered_.add(results.size());
  return onboard::encode(results);
}

Result<std::string> RegistrationRole::remove(const OnboardCall& call) {
  const auto rows = TF_TRY(onboard::decode_removals(call.request.body));
  std::vector<onboard::RowResult> results;
  TF_CHECK(opened_.database->write([&](store::Session& session) -> Status {
    results.clear();
    for (const auto& row : rows) {
      const auto there = TF_TRY(look_up(*opened_.vault, session, row.dsim_id));
      const auto gone = onboard::remove_registration(row, call.peer->operator_id, there);
      if (gone && *gone) TF_CHECK(registration::remove(session, row.dsim_id));
      results.push_back({row.dsim_id, gone ? "removed" : gone.error().reason});
    }
    return append_act(opened_, session, {"server:" + call.peer->name, "onboard.registrations_removed", call.peer->operator_id, tally(results, "removed")});
  }));
  return onboard::encode(results);
}

// Nothing is written: what is told is sealed to the module, and telling it again changes nothing.
Result<std::string> RegistrationRole::refer(const OnboardCall& call, std::string& subject) {
  const auto request = TF_TRY(onboard::open_referral(call.request.body));
  subject = request.dsim_id;
  std::optional<onboard::RegisteredDevice> registered;
  TF_CHECK(opened_.database->read([&](store::Session& session) -> Status {
    registered = TF_TRY(look_up(*opened_.vault, session, request.dsim_id));
    return {};
  }));
  auto referred = TF_TRY(onboard::refer(request, authorization_of(call.request), registered, ports_));
  referred_.add();
  return std::move(referred.reply);
}

void RegistrationRole::work(std::int64_t now_ms) {
  if (now_ms < next_expiry_ms_) return;
  next_expiry_ms_ = now_ms + kExpiryEveryMs;
  std::int64_t gone = 0;
  const Status done = opened_.database->write([&](store::Session& session) -> Status {
    gone = TF_TRY(registration::remove_expired(session, now_ms));
    if (gone == 0) return {};
    return append_act(opened_, session, {"system", "onboard.registrations_expired", opened_.settings.name, fmt::format("{{\"rows\":{}}}", gone)});
  });
  if (!done) log::error("onboard: expiry of registrations: " + describe(done.error()));
}

}  // namespace tf::platform
