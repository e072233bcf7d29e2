#include "platform/onboard/contract/store.hpp"

#include "wire/fields.hpp"

namespace tf::platform::contract {
namespace {

constexpr std::size_t kMostCertificate = 16 * 1024;
constexpr const char* kColumns = "SELECT dsim_id, owner, plan, chains, state, result, changed_ms, version FROM onboard_contracts ";

// Signing certificates, an empty field, decryption certificates.
Bytes packed(const onboard::Subscription& row) {
  wire::FieldWriter writer;
  for (const Bytes& certificate : row.signing) writer.field(certificate);
  writer.field("");
  for (const Bytes& certificate : row.decryption) writer.field(certificate);
  return writer.take();
}

Status unpack(ByteView bytes, onboard::Subscription& row) {
  wire::FieldReader reader(bytes);
  onboard::Chain* chain = &row.signing;
  while (!reader.finish()) {
    const ByteView field = TF_TRY(reader.field(kMostCertificate));
    if (field.empty()) chain = &row.decryption;
    else chain->push_back(to_bytes(field));
  }
  return {};
}

Result<Contract> read(const store::Row& row) {
  Contract out;
  out.row.dsim_id = row.text(0), out.row.owner = row.text(1), out.row.plan = row.text(2);
  if (!row.is_null(3)) TF_CHECK(unpack(row.bytes_view(3), out.row));
  out.state = row.text(4), out.result = row.text(5), out.changed_ms = row.integer(6), out.version = row.integer(7);
  return out;
}

}  // namespace

Result<std::optional<Contract>> load(store::Session& session, std::string_view dsim_id) {
  return session.query_one(std::string(kColumns) + "WHERE dsim_id = $1", {dsim_id}, read);
}

Status accept(store::Session& session, const Order& order, std::int64_t now_ms) {
  const onboard::Subscription& row = order.row;
  const Bytes chains = row.signing.empty() ? Bytes() : packed(row);
  TF_TRY(session.execute("INSERT INTO onboard_contracts (dsim_id, owner, plan, chains, state, result, changed_ms, version) VALUES ($1, $2, $3, $4, 'accepted', '', $5, $6)"
                         " ON CONFLICT (dsim_id) DO UPDATE SET owner = $2, plan = $3, chains = $4, state = 'accepted', result = '', changed_ms = $5, version = $6",
                         {row.dsim_id, row.owner, row.plan, chains.empty() ? store::Value(store::kNull) : store::Value(ByteView(chains)), now_ms, order.version}));
  return {};
}

Status decide(store::Session& session, const Order& order, std::string_view result, std::int64_t now_ms) {
  TF_TRY(session.execute("UPDATE onboard_contracts SET state = $2, result = $3, changed_ms = $4 WHERE dsim_id = $1 AND state = 'accepted' AND version = $5",
                         {order.row.dsim_id, result == "registered" ? state::registered : state::refused, result, now_ms, order.version}));
  return {};
}

Result<std::vector<Order>> accepted(store::Session& session, std::int64_t limit) {
  std::vector<Order> out;
  TF_CHECK(session.query(std::string(kColumns) + "WHERE state = 'accepted' ORDER BY dsim_id LIMIT $1", {limit}, [&](const store::Row& row) -> Status {
    Contract one = TF_TRY(read(row));
    out.push_back({std::move(one.row), one.version});
    return {};
  }));
  return out;
}

Result<std::vector<Contract>> list(store::Session& session, std::string_view in_state, std::string_view after, std::int64_t limit) {
  std::vector<Contract> out;
  TF_CHECK(session.query(std::string(kColumns) + "WHERE dsim_id > $1 AND ($2 = '' OR state = $2) ORDER BY dsim_id LIMIT $3", {after, in_state, limit}, [&](const store::Row& row) -> Status {
    out.push_back(TF_TRY(read(row)));
    return {};
  }));
  return out;
}

Result<std::vector<std::pair<std::string, std::int64_t>>> count(store::Session& session) {
  std::vector<std::pair<std::string, std::int64_t>> out;
  TF_CHECK(session.query("SELECT state, COUNT(*) FROM onboard_contracts GROUP BY state ORDER BY state", {}, [&](const store::Row& row) -> Status {
    out.emplace_back(row.text(0), row.integer(1));
    return {};
  }));
  return out;
}

Status keep_token(store::Session& session, const Hash256& hash, const OwnerToken& token) {
  TF_TRY(session.execute("INSERT INTO onboard_owner_tokens (hash, owner, remaining, expires_ms) VALUES ($1, $2, $3, $4)", {ByteView(hash), token.owner, token.remaining, token.expires_ms}));
  return {};
}

Result<std::optional<OwnerToken>> load_token(store::Session& session, const Hash256& hash) {
  return session.query_one("SELECT owner, remaining, expires_ms FROM onboard_owner_tokens WHERE hash = $1", {ByteView(hash)},
                           [](const store::Row& row) { return OwnerToken{row.text(0), row.integer(1), row.integer(2)}; });
}

Status use_token(store::Session& session, const Hash256& hash, std::int64_t devices) {
  if (devices == 0) return {};
  if (TF_TRY(session.execute("UPDATE onboard_owner_tokens SET remaining = remaining - $2 WHERE hash = $1 AND remaining >= $2", {ByteView(hash), devices})) == 1) return {};
  return Error{Code::refused, "onboard.token_used_up", "the owner's token is for fewer devices"};
}

Status forget_tokens(store::Session& session, std::int64_t now_ms) {
  TF_TRY(session.execute("DELETE FROM onboard_owner_tokens WHERE expires_ms <= $1", {now_ms}));
  return {};
}

}  // namespace tf::platform::contract
