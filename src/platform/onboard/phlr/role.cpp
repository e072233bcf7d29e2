#include "platform/onboard/phlr/role.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "hss/authentication_centre.hpp"
#include "net/problem.hpp"
#include "platform/onboard/aka/known_subscribers.hpp"
#include "platform/onboard/signer.hpp"
#include "protocols/onboard/refusal.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::platform {
namespace {

constexpr std::size_t kMostRows = 1000;
constexpr const char* kComponent = "onboard_phlr";
constexpr store::Migration kMigrations[] = {
    {1, "preliminary identities", "CREATE TABLE onboard_pimsis (pimsi TEXT NOT NULL PRIMARY KEY, added_ms BIGINT NOT NULL);"},
};

Result<bool> is_known(store::Session& session, std::string_view pimsi) {
  return TF_TRY(session.query_one("SELECT 1 FROM onboard_pimsis WHERE pimsi = $1", {pimsi}, [](const store::Row&) { return true; })).value_or(false);
}

Result<Secret<16>> key_in(wire::JsonObject& object, std::string_view name) {
  std::string text = TF_TRY(object.text(name, 32));
  auto bytes = wire::secret_from_hex(text);
  wipe(text.data(), text.size());
  if (!bytes || bytes->size() != 16) return Error{Code::malformed, "onboard.key", std::string(name) + " is not 32 hex digits"};
  return Secret<16>(bytes->reveal().first<16>());
}

Result<std::vector<hss::Subscription>> read_subscribers(std::string_view body) {
  auto object = TF_TRY(wire::JsonObject::parse(body, {.size = 256 * 1024}));
  std::vector<hss::Subscription> out;
  for (auto& row : TF_TRY(object.objects("subscribers", kMostRows))) {
    auto imsi = TF_TRY(hss::Imsi::parse(TF_TRY(row.text("pimsi", 15))));
    const auto k = TF_TRY(key_in(row, "k"));
    const auto opc = TF_TRY(key_in(row, "opc"));
    TF_CHECK(row.finish());
    out.push_back({std::move(imsi), {k, opc}});
  }
  TF_CHECK(object.finish());
  return out;
}

}  // namespace

PhlrRole::PhlrRole(OnboardOpened& opened, std::unique_ptr<hss::Subscribers> subscribers)
    : opened_(opened), subscribers_(std::move(subscribers)), signer_(onboard_signer(opened, onboard_key::access)),
      granted_(opened.metrics.counter("trustferry_onboard_access_total", "Access tokens granted")),
      vectors_(opened.metrics.counter("trustferry_onboard_eap_vectors_total", "Vectors given to the EAP server")) {}

Result<std::unique_ptr<OnboardRole>> PhlrRole::open(OnboardOpened& opened) {
  TF_CHECK(opened.database->migrate(kComponent, kMigrations));
  if (opened.settings.phlr.hosts.empty()) return Error{Code::invalid, "config.value", "phlr.hosts names no host: a token would open nothing"};
  auto centre = TF_TRY(hss::AuthenticationCentre::open(*opened.database, *opened.vault));
  std::unique_ptr<PhlrRole> role(new PhlrRole(opened, std::make_unique<KnownSubscribers>(std::move(centre), *opened.database, is_known)));
  role->digest_ = TF_TRY(open_digest(opened, opened.settings.phlr.realm, *role->subscribers_));
  return std::unique_ptr<OnboardRole>(std::move(role));
}

Status PhlrRole::start() {
  if (opened_.settings.phlr.socket.empty()) return {};
  const std::string& path = opened_.settings.phlr.socket;
  hss::AucOptions options;
  options.path = path.starts_with('/') ? path : opened_.paths.directory + "/" + path;
  options.told = [this](const hss::AucEvent& event) { told(event); };
  socket_ = TF_TRY(hss::AucSocket::open(std::move(options), *subscribers_));
  return {};
}

// Vectors are counted and not audited one by one: the EAP server does not say what became of them.
void PhlrRole::told(const hss::AucEvent& event) {
  if (event.kind == hss::AucEvent::Kind::vector && event.outcome) vectors_.add();
  if (!event.outcome) opened_.refusals->record({event.kind == hss::AucEvent::Kind::vector ? "onboard.eap_vector" : "onboard.eap_resync", event.imsi.text(), event.outcome.error()});
}

std::vector<OnboardRoute> PhlrRole::routes() {
  const std::vector<std::string> staff{std::string(onboard_role::staff)};
  return {{.path = "/onboard/v1/access", .raw = [this](const OnboardCall& call) { return access(call); }},
          {.path = "/onboard/v1/subscribers", .from = staff, .handler = [this](const OnboardCall& call, std::string&) { return add(call); }},
          {.path = "/onboard/v1/subscribers/remove", .from = staff, .handler = [this](const OnboardCall& call, std::string& subject) { return remove(call, subject); }}};
}

Result<std::string> PhlrRole::token_for(const std::string& pimsi) {
  const std::int64_t now_s = opened_.clock->now_ms() / 1000;
  const onboard::AccessClaim claim{.issuer = opened_.settings.name, .pimsi = pimsi, .issued_s = now_s, .expires_s = now_s + opened_.settings.phlr.token_minutes * 60,
                                   .hosts = opened_.settings.phlr.hosts};
  std::string token = TF_TRY(onboard::issue_access_token(claim, signer_));
  TF_CHECK(onboard_act(opened_, {"device:" + pimsi, "onboard.access", pimsi, fmt::format("{{\"until_s\":{}}}", claim.expires_s)}, [](store::Session&) -> Status { return {}; }));
  granted_.add();
  return onboard::encode_token(token);
}

wire::HttpResponse PhlrRole::access(const OnboardCall& call) {
  std::string subject;
  auto outcome = prove_by_digest(opened_, *digest_, call.request, "onboard.access", subject);
  Result<std::string> body = Error{};
  if (outcome) {
    if (auto* challenged = std::get_if<wire::HttpResponse>(&*outcome)) return std::move(*challenged);
    body = token_for(std::get<hss::Imsi>(*outcome).text());
  } else {
    body = outcome.error();
  }
  if (body) return {.status = 200, .content_type = "application/json", .body = std::move(*body), .headers = {{"Cache-Control", "no-store"}}};
  opened_.refusals->record({"onboard.access", subject, body.error()});
  if (body.error().code == Code::refused)
    return {.status = 403, .content_type = std::string(net::kProblemType), .body = onboard::refusal_body(body.error()), .headers = {}};
  return net::to_problem(body.error());
}

// Who is interrupted in between repeats the call.
Result<std::string> PhlrRole::add(const OnboardCall& call) {
  const auto rows = TF_TRY(read_subscribers(call.request.body));
  const std::int64_t now = opened_.clock->now_ms();
  const auto created = subscribers_->create(rows);
  for (const Status& one : created) TF_CHECK(one);
  TF_CHECK(opened_.database->write([&](store::Session& session) -> Status {
    for (const auto& row : rows)
      TF_TRY(session.execute("INSERT INTO onboard_pimsis (pimsi, added_ms) VALUES ($1, $2) ON CONFLICT (pimsi) DO NOTHING", {row.imsi.text(), now}));
    return append_act(opened_, session, {"staff:" + call.peer->name, "onboard.subscribers", opened_.settings.name, fmt::format("{{\"rows\":{}}}", rows.size())});
  }));
  return wire::JsonWriter().begin_object().member("added", static_cast<std::int64_t>(rows.size())).end_object().take();
}

Result<std::string> PhlrRole::remove(const OnboardCall& call, std::string& subject) {
  auto object = TF_TRY(wire::JsonObject::parse(call.request.body));
  const auto imsi = TF_TRY(hss::Imsi::parse(TF_TRY(object.text("pimsi", 15))));
  TF_CHECK(object.finish());
  subject = imsi.text();
  TF_CHECK(opened_.database->write([&](store::Session& session) -> Status {
    TF_TRY(session.execute("DELETE FROM onboard_pimsis WHERE pimsi = $1", {imsi.text()}));
    return append_act(opened_, session, {"staff:" + call.peer->name, "onboard.subscriber_removed", subject});
  }));
  const Status gone = subscribers_->remove(imsi);
  if (!gone && gone.error().code != Code::not_found) return gone.error();
  return wire::JsonWriter().begin_object().member("removed", subject).end_object().take();
}

}  // namespace tf::platform
