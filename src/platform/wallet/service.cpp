#include "platform/wallet/service.hpp"

#include <array>
#include <future>

#include "base/log.hpp"
#include "platform/wallet/message.hpp"
#include "protocols/wallet/refusal.hpp"
#include "wire/encoding.hpp"

namespace tf::platform {
namespace {

Secret<32> fresh_wallet_key(Random& random) {
  Secret<32> out;
  random.fill(out.reveal_mutable());
  return out;
}

}  // namespace

WalletService::WalletService(Context& context, audit::RefusalSampler& sampler, WalletSettings settings, WalletParts parts, std::unique_ptr<WalletKeys> keys)
    : context_(context), refusals_(context.database, context.trail, context.clock, sampler), settings_(std::move(settings)), parts_(parts), keys_(std::move(keys)),
      challenges_("wallet challenge", fresh_wallet_key(context.random), context.random),
      ports_{.clock = context.clock, .random = context.random, .vault = context.vault, .challenges = challenges_, .platform = settings_.name,
             .encryption_key = [this](std::string_view kid) { return keys_->encryption_key(kid); },
             .result_key = keys_->result_key(),
             .check_certificate = [this](const pki::Certificate& certificate) { return check_certificate(certificate); },
             .keep_pin_key = [&context](SecretBytes key, const vault::RowId& row) -> Result<vault::Wrapped> {
               return std::move(TF_TRY(context.vault.wrap(std::move(key), pin_key_spec(), row)).wrapped);
             }},
      sessions_(context.clock, settings_.sessions),
      registered_(context.metrics.counter("trustferry_wallet_registrations_total", "Phones that registered")),
      activated_(context.metrics.counter("trustferry_wallet_activations_total", "Registrations that became active")),
      logins_(context.metrics.counter("trustferry_wallet_logins_total", "Sessions begun")),
      payments_(context.metrics.counter("trustferry_wallet_payments_total", "Orders taken into the books")),
      refused_(context.metrics.counter("trustferry_wallet_refusals_total", "Messages refused")),
      alarms_(context.metrics.counter("trustferry_wallet_alarms_total", "What should not happen to an honest user")) {}

Result<std::unique_ptr<WalletService>> WalletService::make(Context& context, audit::RefusalSampler& sampler, WalletSettings settings, WalletParts parts) {
  auto keys = TF_TRY(WalletKeys::open(context, parts.authority, settings.name));
  std::unique_ptr<WalletService> out(new WalletService(context, sampler, std::move(settings), parts, std::move(keys)));
  if (out->settings_.policy.key_of_platform) TF_CHECK(out->start_files());
  return out;
}

WalletService::~WalletService() {
  files_.reset();
  refusals_.drain();
}

bool WalletService::is_slow(const std::string& route) {
  static constexpr std::array slow{"register", "activate", "registration", "login", "instruments"};
  return std::ranges::find(slow, route) != slow.end();
}

Result<std::string> WalletService::published() const { return keys_->published(); }

Status WalletService::check_certificate(const pki::Certificate& certificate) const {
  return standing_of(certificate, TF_TRY(ca::find_shown(context_.database, certificate.serial_hex())));
}

Status WalletService::check_validity(const pki::Certificate& certificate) const {
  const std::int64_t now = context_.clock.now_ms();
  if (now >= certificate.not_before_ms() && now < certificate.not_after_ms()) return {};
  return Error{Code::refused, "wallet.certificate_expired", "the user's certificate is not valid now"};
}

Status WalletService::standing_of(const pki::Certificate& certificate, const std::optional<ca::Shown>& record) const {
  TF_CHECK(check_validity(certificate));
  if (record && record->state == ca::State::issued && record->der == certificate.der()) return {};
  return Error{Code::refused, "wallet.certificate_revoked", "the user's certificate is " + std::string(record ? name_of(record->state) : "not of ours")};
}

void WalletService::handle(const std::string& route, const wire::HttpRequest& request, Reply reply) {
  auto message = std::make_shared<Message>(Message{.route = route, .body = request.body, .reply = std::move(reply)});
  if (route == "challenge") {
    auto nonce = wallet::challenge(message->body, ports_);
    return nonce ? message->reply(std::move(*nonce)) : refuse(*message, nonce.error());
  }
  if (route == "instruments") {
    auto shown = cards(*message);
    return shown ? message->reply(std::move(*shown)) : refuse(*message, shown.error());
  }
  proceed(message);
}

void WalletService::proceed(const Pending& message) {
  auto done = step(*message);
  if (!done) return refuse(*message, done.error());
  if (message->brought && !std::exchange(message->asked, true)) return ask_gateway(message);
  commit(message, std::make_shared<wallet::Step>(std::move(*done)));
}

Result<wallet::Step> WalletService::step(Message& message) {
  ++message.attempt;
  if (message.route == "register") return register_(message);
  if (message.route == "activate") return activate(message);
  if (message.route == "registration") return fetch(message);
  if (message.route == "login") return login(message);
  if (message.route == "pay") return pay(message);
  return message.route == "query" ? query(message) : refund(message);
}

// What a member of the group commit runs: it may run twice, so it only reads what it holds.
store::WriteFn WalletService::writes_of(const std::shared_ptr<wallet::Step>& step, vault::Wrapped person) {
  return [this, step, person = std::move(person), now = context_.clock.now_ms(), alarm = wire::hex_lower(context_.random.array<8>())](store::Session& session) -> Status {
    const wallet::Writes& writes = step->writes;
    TF_CHECK(perform_wallet(session, writes, person, alarm, now));
    if (writes.action.empty()) return {};
    return context_.trail.append(session, {.at_ms = now, .actor = "phone:" + writes.subject, .action = writes.action, .subject = writes.subject,
                                           .outcome = step->refusal ? audit::Outcome::refused : audit::Outcome::accepted,
                                           .reason = step->refusal ? step->refusal->reason : "", .detail = writes.detail.empty() ? "{}" : writes.detail});
  };
}

void WalletService::commit(const Pending& message, const std::shared_ptr<wallet::Step>& step) {
  if (step->writes.order) return place(message, step);
  if (step->writes.refund) return give_back(message, step);
  vault::Wrapped person;
  if (step->writes.made) {
    auto sealed = seal_person(context_.vault, *step->writes.made);
    if (!sealed) return refuse(*message, sealed.error());
    person = std::move(*sealed);
  }
  if (step->writes.once.empty() && step->writes.action.empty()) return committed(message, step);  // nothing to write
  context_.database.write_async(writes_of(step, std::move(person)), [this, message, step](const Status& written) {
    if (!written && written.error().code == Code::conflict && message->attempt < 3) return proceed(message);
    if (!written) return refuse(*message, written.error());
    committed(message, step);
  });
}

// Effects, in the order that a lost process harms least: what is in memory, what leaves, the answer.
void WalletService::committed(const Pending& message, const std::shared_ptr<wallet::Step>& step) {
  wallet::Writes& writes = step->writes;
  if (writes.alarm) alarms_.add();
  if (step->refusal) {
    refused_.add();
    return message->reply(*step->refusal);  // in the audit trail already
  }
  if (writes.made) registered_.add();
  if (writes.changed && writes.changed->to.state == wallet::RegistrationState::active && writes.changed->state_was != wallet::RegistrationState::active) activated_.add();
  for (const std::string& id : writes.superseded) end_user(id);
  if (writes.sms) send(std::move(*writes.sms));
  if (writes.session) {
    if (const Status kept = sessions_.put(std::move(*writes.session)); !kept) return refuse(*message, kept.error());
    logins_.add();
  }
  if (step->file && files_) files_->want(step->file->registration);
  if (step->certificate) return certify(message, std::move(*step->certificate));
  message->reply(std::move(step->reply));
}

// A lost SMS costs a registration, not the platform: the phone registers again.
void WalletService::send(wallet::Sms sms) {
  parts_.sms.send({.to = sms.number, .text = std::move(sms.text), .reference = wire::hex_lower(context_.random.array<8>())}, [](Result<sms::Receipt> sent) {
    if (!sent) log::error("an SMS was not taken: " + describe(sent.error()));
  });
}

// A superseded registration's certificates are worth nothing any more.
void WalletService::end_user(const std::string& registration) {
  sessions_.end_of(registration);
  parts_.authority.revoke_holder("wallet:" + registration, pki::RevocationReason::superseded, "wallet", [registration](Result<std::int64_t> done) {
    if (!done) log::error("the certificates of registration " + registration + " could not be revoked: " + describe(done.error()));
  });
}

void WalletService::refuse(Message& message, const Error& error) {
  refused_.add();
  refusals_.record({"wallet." + message.route, message.subject, error});
  message.reply(error);
}

Status WalletService::keep_house() {
  TF_CHECK(keys_->renew());
  return context_.database.write([&](store::Session& session) -> Status { return TF_TRY(expire_wallet(session, context_.clock.now_ms())), Status(); });
}

Status WalletService::approve(const std::string& actor, const std::string& registration) {
  return perform_act(context_, {actor, "wallet.approve", registration}, [&](store::Session& session) { return approve_wallet(session, registration); });
}

Status WalletService::unlock(const std::string& actor, const std::string& registration) {
  return perform_act(context_, {actor, "wallet.unlock", registration}, [&](store::Session& session) { return unlock_wallet(session, registration); });
}

Status WalletService::close(const std::string& actor, const std::string& registration) {
  TF_CHECK(perform_act(context_, {actor, "wallet.close", registration}, [&](store::Session& session) { return close_wallet(session, registration); }));
  end_user(registration);
  return {};
}

}  // namespace tf::platform
