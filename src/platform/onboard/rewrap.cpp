#include "platform/onboard/rewrap.hpp"

#include <fmt/format.h>

#include "hss/authentication_centre.hpp"
#include "platform/onboard/credentialing/store.hpp"
#include "platform/onboard/hss/store.hpp"
#include "platform/onboard/provisioning/store.hpp"
#include "platform/onboard/registration/store.hpp"

namespace tf::platform {
namespace {

using std::string_view;

constexpr std::int64_t kBatch = 500;

// A sealed column of a role's table; rows are named by one column.
struct Sealed {
  string_view role;
  const char* table;
  const char* name;    // the column that names the row
  const char* column;  // null where there is nothing
  vault::RowId (*row)(const std::string& name);
};
constexpr Sealed kSealed[] = {{onboard_role::registration, "onboard_registrations", "dsim_id", "nonce", registration::nonce_row},
                              {onboard_role::credentialing, "onboard_subscriptions", "id", "nonce", credentialing::nonce_row},
                              {onboard_role::provisioning, "onboard_deliveries", "delivery", "account", provisioning::account_row},
                              {onboard_role::hss, "onboard_credentials", "imsi", "secret", hss_role::secret_row}};

// A directory that was never served has no tables yet.
Status bring_up(OnboardOpened& opened) {
  const OnboardSettings& settings = opened.settings;
  if (settings.has(onboard_role::registration)) TF_CHECK(opened.database->migrate(registration::kComponent, registration::kMigrations));
  if (settings.has(onboard_role::credentialing)) TF_CHECK(opened.database->migrate(credentialing::kComponent, credentialing::kMigrations));
  if (settings.has(onboard_role::provisioning)) TF_CHECK(opened.database->migrate(provisioning::kComponent, provisioning::kMigrations));
  if (settings.has(onboard_role::hss)) TF_CHECK(opened.database->migrate(hss_role::kComponent, hss_role::kMigrations));
  return {};
}

// One durable batch; how many rows.
Result<std::int64_t> rewrap_some(OnboardOpened& opened, const Sealed& sealed, const std::string& kek) {
  std::vector<std::pair<std::string, vault::Wrapped>> held;
  const std::string select = fmt::format("SELECT {0}, kek, {1} FROM {2} WHERE {1} IS NOT NULL AND kek <> $1 LIMIT $2", sealed.name, sealed.column, sealed.table);
  const std::string update = fmt::format("UPDATE {2} SET kek = $1, {1} = $2 WHERE {0} = $3 AND kek = $4", sealed.name, sealed.column, sealed.table);
  TF_CHECK(opened.database->read([&](store::Session& session) {
    return session.query(select, {string_view(kek), kBatch}, [&](const store::Row& row) -> Status {
      held.emplace_back(row.text(0), vault::Wrapped{row.text(1), row.bytes(2)});
      return {};
    });
  }));
  TF_CHECK(opened.database->write([&](store::Session& session) -> Status {
    for (const auto& [name, wrapped] : held) {
      const vault::Wrapped fresh = TF_TRY(opened.vault->rewrap_record(wrapped, sealed.row(name)));
      if (TF_TRY(session.execute(update, {string_view(fresh.kek), ByteView(fresh.blob), string_view(name), string_view(wrapped.kek)})) != 1)
        return Error{Code::conflict, "vault.rewrap", "a row changed meanwhile: is the server running?"};
    }
    return {};
  }));
  return static_cast<std::int64_t>(held.size());
}

}  // namespace

Result<RewrapReport> rewrap_onboard(OnboardOpened& opened, const std::string& actor, const std::function<void(std::int64_t)>& progress) {
  TF_CHECK(bring_up(opened));
  RewrapReport out;
  if (opened.vault->state().keks.size() == 1) TF_TRY(opened.vault->rotate_kek());
  const std::vector<std::string> keks = opened.vault->state().keks;
  for (const Sealed& sealed : kSealed) {
    if (!opened.settings.has(sealed.role)) continue;
    for (std::int64_t some = -1; some != 0;) {
      some = TF_TRY(rewrap_some(opened, sealed, keks.back()));
      progress(out.rows += some);
    }
  }
  if (opened.settings.has(onboard_role::hss) || opened.settings.has(onboard_role::phlr)) {
    const auto centre = TF_TRY(hss::AuthenticationCentre::open(*opened.database, *opened.vault));
    progress(out.rows += TF_TRY(centre->rewrap()));
  }
  out.retired.assign(keks.begin(), keks.end() - 1);
  TF_CHECK(onboard_act(opened, {actor, "vault.rewrap", keks.back(), fmt::format(R"({{"rows":{},"retired":{}}})", out.rows, out.retired.size())},
                       [](store::Session&) -> Status { return {}; }));
  for (const std::string& old : out.retired) TF_CHECK(opened.vault->retire_kek(old));
  return out;
}

}  // namespace tf::platform
