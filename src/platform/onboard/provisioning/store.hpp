// The provisioning server's table: deliveries that wait for their device, and receipts that wait for their operator. Accounts lie sealed;
// an envelope is never in it.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dm/auth.hpp"
#include "protocols/onboard/messages_servers.hpp"
#include "store/database.hpp"
#include "vault/vault.hpp"

namespace tf::platform::provisioning {

inline constexpr const char* kComponent = "onboard_provisioning";
inline constexpr store::Migration kMigrations[] = {
    {1, "deliveries",
     "CREATE TABLE onboard_deliveries ("
     " delivery TEXT NOT NULL PRIMARY KEY, account_user TEXT NOT NULL UNIQUE, dsim_id TEXT NOT NULL, credentialing TEXT NOT NULL,"
     " kek TEXT, account BYTEA, nonce_send BYTEA NOT NULL, nonce_expect BYTEA NOT NULL, notify TEXT, items BYTEA, state TEXT NOT NULL,"
     " receipt TEXT, due_ms BIGINT NOT NULL, tries BIGINT NOT NULL, changed_ms BIGINT NOT NULL);"
     "CREATE INDEX onboard_deliveries_due ON onboard_deliveries (state, due_ms);"},
    {2, "ends of deliveries",
     "ALTER TABLE onboard_deliveries ADD COLUMN refused BIGINT NOT NULL DEFAULT 0;"
     "ALTER TABLE onboard_deliveries ADD COLUMN put_ms BIGINT NOT NULL DEFAULT 0;"
     "UPDATE onboard_deliveries SET put_ms = changed_ms;"
     "CREATE INDEX onboard_deliveries_of ON onboard_deliveries (credentialing, state, due_ms);"
     "CREATE INDEX onboard_deliveries_put ON onboard_deliveries (put_ms);"},
};

// waiting: for its device. delivered: the receipt waits for the operator. closed: the operator has it. refused: he refused so many receipts
// that this account is worth nothing; he may deliver anew.
namespace state {
inline constexpr std::string_view waiting = "waiting", delivered = "delivered", closed = "closed", refused = "refused";
}

struct Row {
  std::string delivery, user, dsim_id;
  std::string credentialing;  // the peer's name
  std::optional<vault::Wrapped> account;  // none once it is closed
  dm::Nonces nonces;
  std::string notify;         // empty: the device begins
  std::vector<onboard::Item> items;
  std::string state, receipt;
  std::int64_t tries = 0;
};

vault::RowId account_row(const std::string& delivery);

Result<bool> is_kept(store::Session& session, std::string_view delivery);
// How many wait for devices or with receipts, by peer.
Result<std::map<std::string, std::int64_t>> count_waiting(store::Session& session);
// Also in the place of the same delivery; nobody else's. False: it is another operator's, or closed.
Result<bool> put(store::Session& session, const Row& row, std::int64_t due_ms, std::int64_t now_ms);
Result<std::optional<Row>> load_by_user(store::Session& session, std::string_view user);
// In a state, due now; of one peer where he is named.
Result<std::vector<Row>> due(store::Session& session, std::string_view in_state, std::int64_t now_ms, std::int64_t limit, std::string_view credentialing = {});
Status keep_nonces(store::Session& session, std::string_view delivery, const dm::Nonces& nonces);
Status postpone(store::Session& session, std::string_view delivery, std::int64_t due_ms);
// The device has it.
Status keep_receipt(store::Session& session, std::string_view delivery, std::string_view receipt, std::int64_t now_ms);
// The operator has the receipt: the account goes.
Status close(store::Session& session, std::string_view delivery, std::int64_t now_ms);
// The operator does not take the receipt: the delivery waits for its device again; after so many receipts its account goes.
Status refuse_receipt(store::Session& session, std::string_view delivery, std::int64_t most, std::int64_t now_ms);
// What is over since, and what nobody fetched since it was put.
Result<std::int64_t> forget(store::Session& session, std::int64_t over_before_ms, std::int64_t put_before_ms);

}  // namespace tf::platform::provisioning
