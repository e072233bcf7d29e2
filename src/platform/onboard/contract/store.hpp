// The contract front end's tables: what owners asked for and what became of it, and the tokens by which owners may ask.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "protocols/onboard/messages_servers.hpp"
#include "store/database.hpp"

namespace tf::platform::contract {

inline constexpr const char* kComponent = "onboard_contract";
inline constexpr store::Migration kMigrations[] = {
    {1, "contracts and owners' tokens",
     "CREATE TABLE onboard_contracts ("
     " dsim_id TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL, plan TEXT NOT NULL, chains BYTEA, state TEXT NOT NULL, result TEXT NOT NULL, changed_ms BIGINT NOT NULL);"
     "CREATE INDEX onboard_contracts_accepted ON onboard_contracts (dsim_id) WHERE state = 'accepted';"
     "CREATE TABLE onboard_owner_tokens ("
     " hash BYTEA NOT NULL PRIMARY KEY, owner TEXT NOT NULL, remaining BIGINT NOT NULL, expires_ms BIGINT NOT NULL);"},
    {2, "which order for a device a result is about", "ALTER TABLE onboard_contracts ADD COLUMN version BIGINT NOT NULL DEFAULT 0;"},
};

// accepted: durable here, not with the operator's credentialing server yet. registered, refused: its word.
namespace state {
inline constexpr std::string_view accepted = "accepted", registered = "registered", refused = "refused";
}

struct Contract {
  onboard::Subscription row;
  std::string state, result;
  std::int64_t changed_ms = 0;
  std::int64_t version = 0;  // one more with each order for the device
};
// An order that the credentialing server is to be told.
struct Order {
  onboard::Subscription row;
  std::int64_t version = 0;
};
Result<std::optional<Contract>> load(store::Session& session, std::string_view dsim_id);
Status accept(store::Session& session, const Order& order, std::int64_t now_ms);
// Nothing where another order has taken this one's place meanwhile.
Status decide(store::Session& session, const Order& order, std::string_view result, std::int64_t now_ms);
Result<std::vector<Order>> accepted(store::Session& session, std::int64_t limit);
Result<std::vector<Contract>> list(store::Session& session, std::string_view in_state, std::string_view after, std::int64_t limit);
Result<std::vector<std::pair<std::string, std::int64_t>>> count(store::Session& session);

struct OwnerToken {
  std::string owner;
  std::int64_t remaining = 0, expires_ms = 0;
};
Status keep_token(store::Session& session, const Hash256& hash, const OwnerToken& token);
Result<std::optional<OwnerToken>> load_token(store::Session& session, const Hash256& hash);
// Code::refused "onboard.token_used_up" when there are fewer left.
Status use_token(store::Session& session, const Hash256& hash, std::int64_t devices);
Status forget_tokens(store::Session& session, std::int64_t now_ms);

}  // namespace tf::platform::contract
