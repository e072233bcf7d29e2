#include "platform/onboard/provisioning/role.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "dm/package0.hpp"
#include "protocols/onboard/identity.hpp"

namespace tf::platform {
namespace {

constexpr std::int64_t kDeliveryDayMs = 24LL * 3600 * 1000;
constexpr std::int64_t kDeliveryHourMs = 3'600'000;
constexpr std::int64_t kDeliveryMinuteMs = 60'000;
constexpr std::int64_t kKeepOverMs = 7 * kDeliveryDayMs;
constexpr std::int64_t kNotices = 8;  // then the device has to come by itself

}  // namespace

Result<std::unique_ptr<OnboardRole>> ProvisioningRole::open(OnboardOpened& opened) {
  TF_CHECK(opened.database->migrate(provisioning::kComponent, provisioning::kMigrations));
  auto places = TF_TRY(NotifyPlaces::parse(opened.settings.provisioning.notify));
  auto lines = TF_TRY(OnboardLines::open(opened, onboard_role::credentialing));
  std::unique_ptr<ProvisioningRole> role(new ProvisioningRole(opened, std::move(lines), std::move(places)));
  TF_CHECK(role->count());
  return std::unique_ptr<OnboardRole>(std::move(role));
}

std::vector<OnboardRoute> ProvisioningRole::routes() {
  return {{.path = "/onboard/v1/deliveries", .from = {std::string(onboard_role::credentialing)}, .handler = [this](const OnboardCall& call, std::string& subject) { return take(call, subject); }},
          {.path = "/onboard/v1/dm", .raw = [this](const OnboardCall& call) { return management_.handle(call.request); }}};
}

Result<std::string> ProvisioningRole::take(const OnboardCall& call, std::string& subject) {
  const auto delivery = TF_TRY(onboard::decode_delivery(call.request.body));
  subject = delivery.dsim_id;
  if (delivery.credentialing != call.peer->url)
    return Error{Code::refused, "onboard.other_url", "the settings know " + call.peer->name + " at " + call.peer->url + ", not at " + delivery.credentialing};
  if (delivery.account.user != onboard::account_user(delivery.delivery, opened_.settings.provisioning.server_id))
    return Error{Code::refused, "onboard.other_account", delivery.account.user + " is no account of " + opened_.settings.provisioning.server_id + " for delivery " + delivery.delivery};
  provisioning::Row row{.delivery = delivery.delivery, .user = delivery.account.user, .dsim_id = delivery.dsim_id, .credentialing = call.peer->name, .account = {},
                        .nonces = {to_bytes(delivery.account.server_nonce), to_bytes(delivery.account.client_nonce)}, .notify = delivery.notify.value_or(""), .items = delivery.items,
                        .state = {}, .receipt = {}};
  row.account = TF_TRY(opened_.vault->seal_record(onboard::encode(delivery.account), provisioning::account_row(row.delivery)));
  const std::int64_t now = opened_.clock->now_ms();
  bool full = false;
  {
    const std::lock_guard lock(mutex_);
    full = waiting_[call.peer->name] >= opened_.settings.provisioning.waiting;
  }
  bool taken = false, kept = false;
  const Status written = opened_.database->write([&](store::Session& session) -> Status {
    kept = TF_TRY(provisioning::is_kept(session, row.delivery));
    if (full && !kept) return Error{Code::overloaded, "onboard.deliveries_full", call.peer->name + " has as many deliveries here as may wait"};
    taken = TF_TRY(provisioning::put(session, row, row.notify.empty() ? INT64_MAX : now, now));  // due: for package 0
    return append_act(opened_, session, {"server:" + call.peer->name, taken ? "onboard.delivery" : "onboard.delivery_refused", row.dsim_id, fmt::format("{{\"delivery\":\"{}\"}}", row.delivery)});
  });
  TF_CHECK(written);
  if (!taken) return Error{Code::refused, "onboard.delivery_closed", "the delivery is closed, or another operator's"};
  management_.drop(row.user);
  if (!kept) {
    const std::lock_guard lock(mutex_);
    ++waiting_[call.peer->name];
  }
  if (!row.notify.empty() && places_.kind_of(row.notify) == NotifyPlaces::Kind::none) log::warn("onboard: " + row.dsim_id + " is not notified: provisioning.notify does not allow " + row.notify);
  taken_.add();
  return onboard::encode_result("taken");
}

// Package 0 to those who listen for it, a few times. When names are not resolved, the round goes on without them.
void ProvisioningRole::notify_due(std::int64_t now_ms) {
  std::vector<provisioning::Row> rows;
  (void)opened_.database->read([&](store::Session& session) -> Status {
    rows = TF_TRY(provisioning::due(session, provisioning::state::waiting, now_ms, 100));
    return {};
  }).has_value();
  bool resolved = true;
  for (const provisioning::Row& row : rows) {
    const NotifyPlaces::Kind kind = row.notify.empty() ? NotifyPlaces::Kind::none : places_.kind_of(row.notify);
    const bool last = kind == NotifyPlaces::Kind::none || row.tries + 1 >= kNotices;
    const std::int64_t next = last ? INT64_MAX : now_ms + (2000LL << std::min<std::int64_t>(row.tries, 6));
    (void)opened_.database->write([&](store::Session& session) { return provisioning::postpone(session, row.delivery, next); }).has_value();
    if (kind == NotifyPlaces::Kind::none || (kind == NotifyPlaces::Kind::name && !resolved)) continue;
    const Status sent = notify(row, kind);
    if (sent) continue;
    log::warn("onboard: notification of " + row.dsim_id + ": " + describe(sent.error()));
    if (std::string_view(sent.error().reason) == "onboard.resolver") resolved = false;
  }
}

Status ProvisioningRole::notify(const provisioning::Row& row, NotifyPlaces::Kind kind) {
  const auto number = opened_.random.array<2>();
  const auto session = static_cast<std::uint16_t>(1 + (number[0] << 8 | number[1]) % 65535);
  const auto settings = TF_TRY(management_.settings_of(row, dm::session_text(session)));
  const auto notice = TF_TRY(dm::encode(dm::Notification{.session = session, .server = settings.server.name, .vendor = {}}, settings.server, row.nonces.send));
  return send_datagram(row.notify, kind, notice);
}

Status ProvisioningRole::count() {
  std::map<std::string, std::int64_t> counted;
  TF_CHECK(opened_.database->read([&](store::Session& session) -> Status {
    counted = TF_TRY(provisioning::count_waiting(session));
    return {};
  }));
  const std::lock_guard lock(mutex_);
  waiting_ = std::move(counted);
  return {};
}

void ProvisioningRole::housekeeping(std::int64_t now_ms) {
  if (now_ms >= next_forget_ms_) {
    next_forget_ms_ = now_ms + kDeliveryHourMs;
    next_count_ms_ = now_ms;
    const Status done = opened_.database->write([&](store::Session& session) -> Status {
      TF_TRY(provisioning::forget(session, now_ms - kKeepOverMs, now_ms - opened_.settings.provisioning.keep_days * kDeliveryDayMs));
      return {};
    });
    if (!done) log::error("onboard: old deliveries: " + describe(done.error()));
  }
  if (now_ms < next_count_ms_) return;
  next_count_ms_ = now_ms + kDeliveryMinuteMs;
  if (const Status counted = count(); !counted) log::error("onboard: deliveries are not counted: " + describe(counted.error()));
}

void ProvisioningRole::work(std::int64_t now_ms) {
  notify_due(now_ms);
  management_.carry_receipts(now_ms);
  management_.forget_sessions(now_ms);
  housekeeping(now_ms);
}

}  // namespace tf::platform
