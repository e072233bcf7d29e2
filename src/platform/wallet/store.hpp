// Rows of wallet: registrations, used challenges, evidence, alarms. What tells about people is sealed by the vault, outside the
// transactions.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "payment/order.hpp"
#include "protocols/wallet/platform.hpp"
#include "store/session.hpp"

namespace tf::platform {

// As stored; its person and verifier are sealed still.
struct WalletRow {
  wallet::Registration registration;
  vault::Wrapped person;
  bool approved = false;
};
vault::RowId person_row(std::string_view registration);
Result<vault::Wrapped> seal_person(const vault::Vault& vault, const wallet::Registration& registration);
// The registration with its person and verifier.
Result<wallet::Registration> open_person(const vault::Vault& vault, WalletRow row);

Result<std::optional<WalletRow>> load_wallet(store::Session& session, const std::string& id);
Result<std::optional<WalletRow>> load_wallet_by_number(store::Session& session, const std::string& number);  // the active one
Result<bool> is_active_wallet(store::Session& session, const std::string& id);
// Registrations of this number since then.
Result<int> count_wallet_registrations(store::Session& session, const std::string& number, std::int64_t since_ms);

struct WalletFilter {
  std::string state = {};   // empty: any
  std::string number = {};  // empty: any
  std::string after = {};   // id; a page begins behind it
  std::int64_t limit = 100;
};
Result<std::vector<WalletRow>> list_wallet(store::Session& session, const WalletFilter& filter);

struct Evidence {
  Hash256 request{};
  std::string evidence;
  std::string content;
};
Result<std::optional<Evidence>> load_evidence(store::Session& session, const std::string& registration, const std::string& order, const std::string& refund);

// What a payment stands on, as the transaction that books it sees it: the registration is active, its certificate issued, the instrument (none: "") its
// own and open. Code::conflict "wallet.overtaken".
struct PaymentGround {
  std::string registration;
  pki::Certificate certificate;
  std::string instrument;
};
Status check_ground(store::Session& session, const PaymentGround& ground);

Status use_wallet_once(store::Session& session, const wallet::OneUse& once);  // Code::refused OneUse::reason
// Everything a step has to write but its audit entry. person: of writes.made, sealed. Errors: Code::conflict "wallet.overtaken"; Code::refused
// OneUse::reason.
Status perform_wallet(store::Session& session, const wallet::Writes& writes, const vault::Wrapped& person, const std::string& alarm_id, std::int64_t now_ms);
// A front end says of a decided order, or of a refund of it, that it went the other way: an alarm for whose order it is, one for each transaction.
Status raise_contradiction(store::Session& session, const payment::Order& order, const std::string& transaction, std::int64_t now_ms);
// Codes and approvals whose time is over; challenges that need not be remembered. The registrations that expired.
Result<std::vector<std::string>> expire_wallet(store::Session& session, std::int64_t now_ms);

// An operator's acts. Code::not_found "wallet.no_registration"; Code::conflict "wallet.not_waiting", "wallet.not_locked", "wallet.has_ended".
Status approve_wallet(store::Session& session, const std::string& id);
Status unlock_wallet(store::Session& session, const std::string& id);
Status close_wallet(store::Session& session, const std::string& id);

}  // namespace tf::platform
