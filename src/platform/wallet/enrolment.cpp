// WalletService: register, activate, the certificate file, login.
#include "base/log.hpp"
#include "platform/wallet/message.hpp"

namespace tf::platform {
Result<wallet::Step> WalletService::register_(Message& message) {
  const auto request = TF_TRY(wallet::open_register(message.body, ports_));
  wallet::RegisterSnapshot snapshot{.policy = settings_.policy};
  const std::int64_t hour_ago = context_.clock.now_ms() - 3'600'000;
  TF_CHECK(context_.database.read([&](store::Session& session) -> Status {
    snapshot.lately = TF_TRY(count_wallet_registrations(session, request.content.subscriber.number, hour_ago));
    return {};
  }));
  auto step = TF_TRY(wallet::registration_of(request, snapshot, ports_));
  message.subject = step.writes.subject;
  return step;
}

Result<wallet::ActivateSnapshot> WalletService::activation(const std::string& registration) const {
  std::optional<WalletRow> row, active;
  TF_CHECK(context_.database.read([&](store::Session& session) -> Status {
    row = TF_TRY(load_wallet(session, registration));
    if (row) active = TF_TRY(load_wallet_by_number(session, row->registration.subscriber.number));
    return {};
  }));
  wallet::ActivateSnapshot out{.policy = settings_.policy, .registration = {}, .active = {}};
  if (active && active->registration.id != registration) out.active = active->registration.id;
  if (!row) return out;
  out.approved = row->approved;
  out.registration = TF_TRY(open_person(context_.vault, std::move(*row)));
  return out;
}

Result<wallet::Step> WalletService::activate(Message& message) {
  if (!message.activate) message.activate = TF_TRY(wallet::open_activate(message.body, ports_));
  message.subject = message.activate->content.registration;
  return wallet::activate(*message.activate, TF_TRY(activation(message.subject)), ports_);
}

// The CA is asked after the commit that made the registration `proved`; what it gives is taken in by another one.
void WalletService::certify(const Pending& message, const wallet::CertificateWanted& wanted) {
  auto key = crypto::PublicKey::from_spki(wanted.spki);
  if (!key) return refuse(*message, key.error());
  ca::IssueRequest request{.profile = settings_.profile, .holder = "wallet:" + wanted.registration, .names = user_names(wanted.number, wanted.registration),
                           .key = std::move(*key), .actor = "wallet"};
  if (auto asked = pki::CertificateRequest::from_der(wanted.csr)) request.request = std::move(*asked);
  parts_.authority.issue(std::move(request), [this, message](Result<ca::Issued> issued) {
    if (!issued) {  // whatever it is, it is not the phone's fault
      Error error = issued.error();
      if (error.code == Code::invalid || error.code == Code::refused || error.code == Code::not_found) error.code = Code::unavailable;
      return refuse(*message, error);
    }
    auto step = finish(*message, issued->der);
    if (!step) return refuse(*message, step.error());
    commit(message, std::make_shared<wallet::Step>(std::move(*step)));
  });
}

Result<wallet::Step> WalletService::finish(Message& message, const Bytes& der) {
  message.attempt = 3;  // the nonce is used: a conflict from here on is told, and the phone activates again
  return wallet::finish_activate(*message.activate, TF_TRY(activation(message.subject)), TF_TRY(pki::Certificate::from_der(der)), ports_);
}

Result<wallet::Step> WalletService::fetch(Message& message) {
  const auto request = TF_TRY(wallet::open_file_request(message.body, ports_));
  message.subject = request.request.registration;
  return wallet::file_answer(request, TF_TRY(activation(message.subject)), ports_);
}

Status WalletService::start_files() {
  files_ = std::make_unique<FileMaker>([this](const std::string& registration, const crypto::PrivateKey& key) { return make_file(registration, key); }, settings_.keys_ahead);
  std::vector<WalletRow> left;  // by a process that ended
  TF_CHECK(context_.database.read([&](store::Session& session) -> Status {
    left = TF_TRY(list_wallet(session, {.state = std::string(name_of(wallet::RegistrationState::preparing)), .limit = 100'000}));
    return {};
  }));
  for (const WalletRow& row : left) files_->want(row.registration.id);
  return {};
}

Status WalletService::make_file(const std::string& registration, const crypto::PrivateKey& key) {
  auto snapshot = TF_TRY(activation(registration));
  if (!snapshot.registration || snapshot.registration->state != wallet::RegistrationState::preparing) return {};  // closed meanwhile
  const auto issued = TF_TRY(parts_.authority.issue({.profile = settings_.profile, .holder = "wallet:" + registration,
                                                     .names = user_names(snapshot.registration->subscriber.number, registration), .key = key.public_key(), .actor = "wallet"}));
  auto step = std::make_shared<wallet::Step>(TF_TRY(wallet::make_file(snapshot, key, TF_TRY(pki::Certificate::from_der(issued.der)), ports_)));
  auto writes = writes_of(step, {});
  TF_CHECK(context_.database.write([&](store::Session& session) { return writes(session); }));
  for (const std::string& id : step->writes.superseded) end_user(id);
  if (!step->refusal) activated_.add();
  return {};
}

Result<wallet::Step> WalletService::login(Message& message) {
  const auto request = TF_TRY(wallet::open_login(message.body, ports_));
  std::optional<WalletRow> row;
  TF_CHECK(context_.database.read([&](store::Session& session) -> Status {
    row = TF_TRY(load_wallet_by_number(session, request.number));
    return {};
  }));
  wallet::LoginSnapshot snapshot{.policy = settings_.policy, .user = {}};
  if (row) {
    message.subject = row->registration.id;
    snapshot.user = TF_TRY(open_person(context_.vault, std::move(*row)));
  }
  return wallet::login(request, snapshot, ports_);
}

}  // namespace tf::platform
