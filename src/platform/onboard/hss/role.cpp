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

Secret<16> fresh_key(Random& random) {
  Secret<16> out;
  random.fill(out.reveal_mutable());
  return out;
}

SecretBytes joined(const Secret<16>& k, const Secret<16>& opc) {
  SecretBytes out(32);
  std::copy_n(k.reveal().begin(), 16, out.reveal_mutable().begin());
  std::copy_n(opc.reveal().begin(), 16, out.reveal_mutable().begin() + 16);
  return out;
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
      digest_(opened.settings.hss.realm, *subscribers_, *opened.clock), numbers_(*opened.database, opened.settings.hss), made_(opened.metrics.counter("trustferry_onboard_credentials_total", "Credentials made")) {}

Result<std::unique_ptr<OnboardRole>> HssRole::open(OnboardOpened& opened) {
  TF_CHECK(opened.database->migrate(hss_role::kComponent, hss_role::kMigrations));
  std::unique_ptr<hss::Subscribers> keeper = TF_TRY(keeper_of(opened));
  return std::unique_ptr<OnboardRole>(new HssRole(opened, std::make_unique<KnownSubscribers>(std::move(keeper), *opened.database, hss_role::is_subscriber)));
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

// The envelope is composed outside the writer; who comes second takes what the first one made, and a number is skipped.
Result<Credential> HssRole::make(const onboard::CredentialsRequest& request, const pki::Certificate& decryption) {
  const hss_role::Numbers numbers = TF_TRY(numbers_.next());
  const onboard::SubscriberCredential credential{numbers.imsi, numbers.iccid, fresh_key(opened_.random), fresh_key(opened_.random)};
  const std::int64_t now = opened_.clock->now_ms();
  Credential row{.dsim_id = request.dsim_id, .nonce_hash = request.nonce_hash, .device_hash = request.device_hash, .imsi = numbers.imsi, .iccid = numbers.iccid, .plan = request.plan,
                 .state = "made", .secret = {}, .envelope = {}, .imsi_hash = onboard::imsi_hash(request.nonce_hash, numbers.imsi)};
  row.envelope = TF_TRY(onboard::compose_envelope(request, opened_.settings.operator_id, decryption, credential, issuer_, now));
  row.secret = TF_TRY(opened_.vault->seal_record(joined(credential.k, credential.opc), hss_role::secret_row(row.imsi)));
  const Status written = opened_.database->write([&](store::Session& session) -> Status {
    TF_CHECK(hss_role::insert(session, row, now));
    return append_act(opened_, session, {"system", "onboard.credential", row.dsim_id, detail_of(row)});
  });
  if (!written && written.error().code == Code::conflict)
    if (auto there = TF_TRY(find(request.dsim_id, request.nonce_hash))) return std::move(*there);
  TF_CHECK(written);
  made_.add();
  return row;
}

// Once more is as good as once: a crash, or an HLR that was down, is made up for by the next request.
Status HssRole::bring_into_hlr(const Credential& credential) {
  if (credential.state != "made") return {};
  const SecretBytes secret = TF_TRY(opened_.vault->open_record(*credential.secret, hss_role::secret_row(credential.imsi)));
  if (secret.size() != 32) return Error{Code::integrity, "vault.row", "a credential has another size"};
  TF_CHECK(subscribers_->create(hss::Subscription{TF_TRY(hss::Imsi::parse(credential.imsi)), {Secret<16>(secret.reveal().first<16>()), Secret<16>(secret.reveal().last<16>())}}));
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

void HssRole::work(std::int64_t) {
  note_created();
  digest_.housekeeping();
}

Result<std::string> HssRole::credentials(const OnboardCall& call, std::string& subject) {
  TF_CHECK(check_operator(call));
  const auto request = TF_TRY(onboard::decode_credentials_request(call.request.body));
  subject = request.dsim_id;
  const auto decryption = TF_TRY(onboard::check_credentials_request(request, verifier_, opened_.clock->now_ms()));
  const auto there = TF_TRY(find(request.dsim_id, request.nonce_hash));
  const Credential credential = there ? *there : TF_TRY(make(request, decryption));
  if (credential.device_hash != request.device_hash) return Error{Code::refused, "onboard.used_by_other", "the registration's credential is another module's"};
  if (credential.state == "suspended") return Error{Code::refused, "onboard.withdrawn", "the credential is suspended"};
  TF_CHECK(bring_into_hlr(credential));
  return onboard::encode(onboard::CredentialsAnswer{credential.envelope, credential.imsi_hash});
}

Result<std::string> HssRole::suspend(const OnboardCall& call, std::string& subject) {
  TF_CHECK(check_operator(call));
  const auto request = TF_TRY(onboard::decode_suspend_request(call.request.body));
  subject = request.dsim_id;
  const auto credential = TF_TRY(find(request.dsim_id, request.nonce_hash));
  if (!credential) return onboard::encode_result("suspended");
  // First here, so that no repetition of the request brings it back.
  if (credential->state != "suspended")
    TF_CHECK(opened_.database->write([&](store::Session& session) -> Status {
      TF_CHECK(hss_role::set_suspended(session, *credential));
      return append_act(opened_, session, {"server:" + call.peer->name, "onboard.suspend", request.dsim_id, detail_of(*credential)});
    }));
  const Status removed = subscribers_->remove(TF_TRY(hss::Imsi::parse(credential->imsi)));
  if (!removed && removed.error().code != Code::not_found) return removed.error();
  return onboard::encode_result("suspended");
}

// First use, and every other: the device has the credential that was made for it.
wire::HttpResponse HssRole::authenticate(const OnboardCall& call) {
  std::string subject;
  auto outcome = digest_.handle(call.request, subject);
  Status done = outcome ? Status() : Status(outcome.error());
  if (outcome) {
    if (auto* challenged = std::get_if<DigestDesk::Challenged>(&*outcome)) return std::move(challenged->response);
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
