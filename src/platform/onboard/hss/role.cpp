#include "platform/onboard/hss/role.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "hss/authentication_centre.hpp"
#include "hss/osmo/hlr.hpp"
#include "net/problem.hpp"
#include "platform/onboard/aka/known_subscribers.hpp"
#include "platform/onboard/signer.hpp"
#include "protocols/onboard/envelope.hpp"
#include "protocols/onboard/refusal.hpp"

namespace tf::platform {
namespace {

using hss_role::Credential;

constexpr int kMostBurnt = 8;  // numbers that an HLR has already, of one request
constexpr std::int64_t kForgetEveryMs = 3'600'000;
constexpr std::int64_t kUnderWayMs = 24 * 3'600'000LL;  // no request takes longer

// Our key is not in the keeper, and never will be: the number is somebody else's, or the keeper (another one than when the credential was made) knows no key of this algorithm.
bool has_no_place(const Status& created) {
  const std::string_view reason = created ? "" : created.error().reason;
  return reason == "hss.other_key" || reason == "hss.not_ours" || reason == "hss.algorithm";
}

Result<std::unique_ptr<hss::Subscribers>> keeper_of(OnboardOpened& opened) {
  const OnboardSettings::Hss& settings = opened.settings.hss;
  if (settings.osmo.empty()) return std::unique_ptr<hss::Subscribers>(TF_TRY(hss::AuthenticationCentre::open(*opened.database, *opened.vault)));
  return hss::open_osmo_hlr({.host = settings.osmo, .control_port = static_cast<std::uint16_t>(settings.osmo_control), .gsup_port = static_cast<std::uint16_t>(settings.osmo_gsup),
                             .name = opened.settings.name});
}

std::string detail_of(const Credential& credential) { return fmt::format("{{\"imsi\":\"{}\",\"plan\":\"{}\"}}", credential.imsi, credential.plan); }

}  // namespace

HssRole::HssRole(OnboardOpened& opened, std::unique_ptr<hss::Subscribers> subscribers)
    : opened_(opened), verifier_(onboard_verifier(opened)), issuer_(onboard_signer(opened, onboard_key::issuer)), subscribers_(std::move(subscribers)),
      numbers_(*opened.database, opened.settings.hss), made_(opened.metrics.counter("trustferry_onboard_credentials_total", "Credentials made")) {}

Result<std::unique_ptr<OnboardRole>> HssRole::open(OnboardOpened& opened) {
  return open(opened, TF_TRY(keeper_of(opened)));
}

Result<std::unique_ptr<OnboardRole>> HssRole::open(OnboardOpened& opened, std::unique_ptr<hss::Subscribers> keeper) {
  TF_CHECK(opened.database->migrate(hss_role::kComponent, hss_role::kMigrations));
  std::unique_ptr<HssRole> role(new HssRole(opened, std::make_unique<KnownSubscribers>(std::move(keeper), *opened.database, hss_role::is_subscriber)));
  role->digest_ = TF_TRY(open_digest(opened, opened.settings.hss.realm, *role->subscribers_, opened.settings.hss.osmo.empty() ? hss::kSeparated : crypto::Amf{}));
  return std::unique_ptr<OnboardRole>(std::move(role));
}

std::vector<OnboardRoute> HssRole::routes() {
  const std::vector<std::string> from{std::string(onboard_role::credentialing)};
  return {{.path = "/onboard/v1/credentials", .from = from, .handler = [this](const OnboardCall& call, std::string& subject) { return credentials(call, subject); }},
          {.path = "/onboard/v1/suspend", .from = from, .handler = [this](const OnboardCall& call, std::string& subject) { return suspend(call, subject); }},
          {.path = "/onboard/v1/authenticate", .raw = [this](const OnboardCall& call) { return authenticate(call); }}};
}

Status HssRole::check_operator(const OnboardCall& call) const {
  if (call.peer->operator_id == opened_.settings.operator_id) return {};
  return Error{Code::refused, "onboard.other_operator", call.peer->name + " is of another operator"};
}

Result<std::optional<Credential>> HssRole::find(std::string_view dsim_id, const Hash256& nonce_hash) {
  std::optional<Credential> out;
  TF_CHECK(opened_.database->read([&](store::Session& session) -> Status {
    out = TF_TRY(hss_role::load(session, dsim_id, nonce_hash));
    return {};
  }));
  return out;
}

// With who was in the row's place going first. joined: the subscriber himself, where he is a row beside it.
Status HssRole::keep(const Credential& row, const Credential* in_place_of, const std::optional<hss::Creation>& joined, std::int64_t now_ms) {
  TF_CHECK(opened_.database->write([&](store::Session& session) -> Status {
    if (in_place_of != nullptr) {
      TF_CHECK(hss_role::remove_made(session, *in_place_of));
      TF_CHECK(append_act(opened_, session, {"system", "onboard.number_burnt", in_place_of->dsim_id, detail_of(*in_place_of)}));
    }
    TF_CHECK(hss_role::insert(session, row, now_ms));
    if (joined) TF_CHECK(joined->write(session));
    return append_act(opened_, session, {"system", "onboard.credential", row.dsim_id, detail_of(row)});
  }));
  if (joined) joined->done();
  return {};
}

// The envelope is composed outside the writer; who comes second takes what the first one made, and a number is skipped. In a centre of our own
// the subscriber stands with the credential or not at all; elsewhere, and where the centre has the number, it is brought there afterwards.
Result<Credential> HssRole::make(const onboard::CredentialsRequest& request, const pki::Certificate& decryption, const Credential* in_place_of) {
  const hss_role::Numbers numbers = TF_TRY(numbers_.next());
  const onboard::SubscriberCredential credential{numbers.imsi, numbers.iccid, crypto::AkaKey::random(opened_.settings.hss.algorithm, opened_.random)};
  const hss::Subscription subscription{TF_TRY(hss::Imsi::parse(numbers.imsi)), credential.key.clone()};
  const std::int64_t now = opened_.clock->now_ms();
  Credential row{.dsim_id = request.dsim_id, .nonce_hash = request.nonce_hash, .device_hash = request.device_hash, .imsi = numbers.imsi, .iccid = numbers.iccid, .plan = request.plan,
                 .state = std::string(hss_role::state::made), .secret = {}, .envelope = {}, .imsi_hash = onboard::imsi_hash(request.nonce_hash, numbers.imsi)};
  row.envelope = TF_TRY(onboard::compose_envelope(request, opened_.settings.operator_id, decryption, credential, issuer_, now));
  const auto joined = TF_TRY(subscribers_->creation_in(*opened_.database, subscription));
  Status written = Error{Code::conflict, "hss.other_key", ""};
  if (joined) {
    row.state = hss_role::state::created;
    written = keep(row, in_place_of, joined, now);
  }
  if (has_no_place(written)) {
    row.state = hss_role::state::made;
    row.secret = TF_TRY(opened_.vault->seal_record(credential.key.octets(), hss_role::secret_row(row.imsi)));
    written = keep(row, in_place_of, std::nullopt, now);
  }
  if (!written && written.error().code == Code::conflict)
    if (auto there = TF_TRY(find(request.dsim_id, request.nonce_hash))) return std::move(*there);
  TF_CHECK(written);
  made_.add();
  return row;
}

Result<hss::Subscription> HssRole::subscription_of(const Credential& credential) const {
  auto key = crypto::AkaKey::of(TF_TRY(opened_.vault->open_record(*credential.secret, hss_role::secret_row(credential.imsi))));
  if (!key) return Error{Code::integrity, "vault.row", "a credential has another size"};
  return hss::Subscription{TF_TRY(hss::Imsi::parse(credential.imsi)), std::move(*key)};
}

// Once more is as good as once: a crash, or an HLR that was down, is made up for by the next request.
Status HssRole::bring_into_hlr(const Credential& credential) {
  if (credential.state != hss_role::state::made) return {};
  TF_CHECK(subscribers_->create(TF_TRY(subscription_of(credential))));
  const std::lock_guard lock(created_mutex_);
  created_.push_back({.dsim_id = {}, .imsi = credential.imsi, .iccid = {}, .plan = {}, .state = {}, .secret = {}, .envelope = {}});
  return {};
}

// In one transaction for all that were created meanwhile. Where it does not come to that, a row says "made" and is created once more.
void HssRole::note_created() {
  std::vector<Credential> some;
  {
    const std::lock_guard lock(created_mutex_);
    some.swap(created_);
  }
  if (some.empty()) return;
  const Status done = opened_.database->write([&](store::Session& session) -> Status {
    for (const Credential& credential : some) TF_CHECK(hss_role::set_created(session, credential));
    return {};
  });
  if (!done) log::error("onboard: the state of credentials: " + describe(done.error()));
}

void HssRole::work(std::int64_t now_ms) {
  note_created();
  (void)digest_->open_nonces();  // those whose time is over go
  if (now_ms < next_forget_ms_) return;
  next_forget_ms_ = now_ms + kForgetEveryMs;
  const Status done = opened_.database->write([&](store::Session& session) { return hss_role::forget_ended(session, now_ms - kUnderWayMs); });
  if (!done) log::error("onboard: ended registrations: " + describe(done.error()));
}

Result<Credential> HssRole::provide(const onboard::CredentialsRequest& request, const pki::Certificate& decryption) {
  bool ended = false;
  std::optional<Credential> there;
  TF_CHECK(opened_.database->read([&](store::Session& session) -> Status {
    ended = TF_TRY(hss_role::is_ended(session, request.dsim_id, request.nonce_hash));
    there = TF_TRY(hss_role::load(session, request.dsim_id, request.nonce_hash));
    return {};
  }));
  if (ended) return Error{Code::refused, "onboard.withdrawn", "the registration was suspended before it had a credential"};
  Credential credential = there ? std::move(*there) : TF_TRY(make(request, decryption));
  for (int burnt = 0;; ++burnt) {
    if (credential.device_hash != request.device_hash) return Error{Code::refused, "onboard.used_by_other", "the registration's credential is another module's"};
    if (credential.state == hss_role::state::suspended || credential.state == hss_role::state::removed) return Error{Code::refused, "onboard.withdrawn", "the credential is suspended"};
    const Status brought = bring_into_hlr(credential);
    if (brought) return credential;
    if (!has_no_place(brought)) return brought.error();
    if (burnt == kMostBurnt) return Error{Code::unavailable, "onboard.numbers_taken", "the HLR has these numbers already: see hss.imsi_first"};
    log::error(fmt::format("onboard: credential {} does not come into the HLR, its number is not used: {}", credential.imsi, describe(brought.error())));
    const Credential without_place = std::exchange(credential, {});  // nobody was given it
    credential = TF_TRY(make(request, decryption, &without_place));
  }
}

Result<std::string> HssRole::credentials(const OnboardCall& call, std::string& subject) {
  TF_CHECK(check_operator(call));
  const auto request = TF_TRY(onboard::decode_credentials_request(call.request.body));
  subject = request.dsim_id;
  const auto decryption = TF_TRY(onboard::check_credentials_request(request, verifier_, opened_.clock->now_ms()));
  const std::lock_guard lock(lock_of(request.dsim_id));
  const Credential credential = TF_TRY(provide(request, decryption));
  return onboard::encode(onboard::CredentialsAnswer{credential.envelope, credential.imsi_hash});
}

// While the secret is there nobody knows whether the HLR has our subscriber under this number, none, or somebody else's, who is not touched:
// only ours takes our key.
Status HssRole::take_from_hlr(const Credential& credential) {
  if (credential.secret) {
    const Status ours = subscribers_->create(TF_TRY(subscription_of(credential)));
    if (has_no_place(ours)) return {};
    TF_CHECK(ours);
  }
  const Status removed = subscribers_->remove(TF_TRY(hss::Imsi::parse(credential.imsi)));
  return removed || removed.error().code == Code::not_found ? Status() : removed;
}

Result<std::string> HssRole::suspend(const OnboardCall& call, std::string& subject) {
  TF_CHECK(check_operator(call));
  const auto request = TF_TRY(onboard::decode_suspend_request(call.request.body));
  subject = request.dsim_id;
  const std::lock_guard lock(lock_of(request.dsim_id));
  const auto credential = TF_TRY(find(request.dsim_id, request.nonce_hash));
  if (!credential)
    TF_CHECK(opened_.database->write([&](store::Session& session) -> Status {
      TF_CHECK(hss_role::note_ended(session, request.dsim_id, request.nonce_hash, opened_.clock->now_ms()));
      return append_act(opened_, session, {"server:" + call.peer->name, "onboard.suspend", request.dsim_id, "{}"});
    }));
  if (!credential || credential->state == hss_role::state::removed) return onboard::encode_result("suspended");
  // First here, so that no repetition of the request brings it back.
  if (credential->state != hss_role::state::suspended)
    TF_CHECK(opened_.database->write([&](store::Session& session) -> Status {
      TF_CHECK(hss_role::set_suspended(session, *credential));
      return append_act(opened_, session, {"server:" + call.peer->name, "onboard.suspend", request.dsim_id, detail_of(*credential)});
    }));
  TF_CHECK(take_from_hlr(*credential));
  TF_CHECK(opened_.database->write([&](store::Session& session) { return hss_role::set_removed(session, *credential); }));
  return onboard::encode_result("suspended");
}

// First use, and every other: the device has the credential that was made for it.
wire::HttpResponse HssRole::authenticate(const OnboardCall& call) {
  std::string subject;
  auto outcome = prove_by_digest(opened_, *digest_, call.request, "onboard.authenticate", subject);
  Status done = outcome ? Status() : Status(outcome.error());
  if (outcome) {
    if (auto* challenged = std::get_if<wire::HttpResponse>(&*outcome)) return std::move(*challenged);
    done = onboard_act(opened_, {"subscriber:" + subject, "onboard.authenticate", subject},
                       [&](store::Session& session) { return hss_role::note_used(session, subject, opened_.clock->now_ms()); });
  }
  if (done) return {.status = 200, .content_type = "application/json", .body = onboard::encode_result("authenticated"), .headers = {}};
  opened_.refusals->record({"onboard.authenticate", subject, done.error()});
  if (done.error().code == Code::refused)
    return {.status = 403, .content_type = std::string(net::kProblemType), .body = onboard::refusal_body(done.error()), .headers = {}};
  return net::to_problem(done.error());
}

}  // namespace tf::platform
