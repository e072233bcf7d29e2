#include "ca/lists.hpp"

namespace tf::ca {

namespace {

// What the shard lists: what is revoked and was not yet on a list made after its end (RFC 5280 §3.3).
Result<std::vector<pki::Revoked>> revoked_in(store::Session& session, const std::string& authority, std::uint32_t shard, std::int64_t last_update_ms) {
  std::vector<pki::Revoked> out;
  TF_CHECK(session.query("SELECT serial, revoked_ms, reason FROM pki_certificates WHERE authority = $1 AND shard = $2 AND state = 'revoked' "
                         "AND not_after_ms > $3",
                         {std::string_view(authority), static_cast<std::int64_t>(shard), last_update_ms}, [&](const store::Row& row) -> Status {
                           out.push_back({row.text(0), static_cast<pki::RevocationReason>(row.integer(2)), row.integer(1)});
                           return {};
                         }));
  return out;
}

std::shared_ptr<const List> list_of(const store::Row& row) {  // number, this, next, der from column 2 on
  return std::make_shared<const List>(List{static_cast<std::uint64_t>(row.integer(2)), row.integer(3), row.integer(4), row.bytes(5)});
}

}  // namespace

Status note_change(store::Session& session, const std::string& authority, std::uint32_t shard) {
  TF_TRY(session.execute("UPDATE pki_lists SET changes = changes + 1 WHERE authority = $1 AND shard = $2",
                         {std::string_view(authority), static_cast<std::int64_t>(shard)}));
  return {};
}

Status RevocationLists::load() {
  decltype(lists_) fresh;
  TF_CHECK(ports_.database.read([&](store::Session& session) {
    return session.query("SELECT authority, shard, number, this_update_ms, next_update_ms, der FROM pki_lists", {}, [&](const store::Row& row) -> Status {
      fresh.emplace(std::pair(row.text(0), static_cast<std::uint32_t>(row.integer(1))), list_of(row));
      return {};
    });
  }));
  const std::lock_guard lock(mutex_);
  lists_ = std::move(fresh);
  return {};
}

Result<std::shared_ptr<const List>> RevocationLists::find(std::string_view authority, std::uint32_t shard) const {
  const std::lock_guard lock(mutex_);
  const auto found = lists_.find(std::pair(std::string(authority), shard));
  if (found == lists_.end()) return Error{Code::not_found, "ca.no_such_list", "there is no such revocation list"};
  return found->second;
}

void RevocationLists::put(const std::string& authority, std::uint32_t shard, std::shared_ptr<const List> list) {
  const std::lock_guard lock(mutex_);
  lists_[std::pair(authority, shard)] = std::move(list);
}

Result<std::vector<std::uint32_t>> RevocationLists::due(const Authority& authority, std::int64_t now_ms) const {
  std::vector<bool> there(authority.places.shards);
  std::vector<std::uint32_t> out;
  TF_CHECK(ports_.database.read([&](store::Session& session) {
    return session.query("SELECT shard, number, this_update_ms, next_update_ms, changes, listed FROM pki_lists WHERE authority = $1",
                         {std::string_view(authority.name)}, [&](const store::Row& row) -> Status {
                           const auto shard = static_cast<std::uint32_t>(row.integer(0));
                           if (shard >= there.size()) return {};
                           there[shard] = true;
                           const bool old = now_ms >= row.integer(2) + (row.integer(3) - row.integer(2)) / 2;
                           if (old || row.integer(4) != row.integer(5)) out.push_back(shard);
                           return {};
                         });
  }));
  for (std::uint32_t shard = 0; shard < there.size(); ++shard)
    if (!there[shard]) out.push_back(shard);
  return out;
}

Result<std::int64_t> RevocationLists::refresh(const Authority& authority) {
  const auto wanted = TF_TRY(due(authority, ports_.clock.now_ms()));
  if (wanted.empty()) return 0;
  TF_TRY(make(authority, wanted));
  return static_cast<std::int64_t>(wanted.size());
}

Result<std::shared_ptr<const List>> RevocationLists::renew(const Authority& authority, std::uint32_t shard) {
  if (shard >= authority.places.shards) return Error{Code::not_found, "ca.no_such_list", "there is no such revocation list"};
  return TF_TRY(make(authority, {shard})).front();
}

Result<RevocationLists::Made> RevocationLists::sign(store::Session& session, const Authority& authority, const pki::Issuer& issuer, std::uint32_t shard) const {
  Made out{.shard = shard};
  std::int64_t last_ms = 0;
  TF_CHECK(session.query("SELECT number, this_update_ms, changes FROM pki_lists WHERE authority = $1 AND shard = $2",
                         {std::string_view(authority.name), static_cast<std::int64_t>(shard)}, [&](const store::Row& row) -> Status {
                           out.before = row.integer(0);
                           last_ms = row.integer(1);
                           out.changes = row.integer(2);
                           return {};
                         }));
  const auto revoked = TF_TRY(revoked_in(session, authority.name, shard, last_ms));
  const std::int64_t now = ports_.clock.now_ms() / 1000 * 1000;
  const pki::Shard place{shard, authority.places.shards, TF_TRY(pki::shard_url(authority.places.crl_pattern, shard))};
  const auto number = static_cast<std::uint64_t>(out.before + 1);
  const auto made = TF_TRY(pki::issue_crl_shard(issuer, place, number, revoked, now, now + list_ms_));
  out.list = std::make_shared<const List>(List{number, now, now + list_ms_, made.der()});
  return out;
}

Status RevocationLists::store(store::Session& session, const Authority& authority, const Made& made) {
  const auto name = std::string_view(authority.name);
  const auto shard = static_cast<std::int64_t>(made.shard), number = made.before + 1;
  if (made.before == 0) {
    TF_TRY(session.execute("INSERT INTO pki_lists (authority, shard, number, this_update_ms, next_update_ms, changes, listed, der) "
                           "VALUES ($1, $2, $3, $4, $5, 0, 0, $6)",
                           {name, shard, number, made.list->this_update_ms, made.list->next_update_ms, ByteView(made.list->der)}));
    return {};
  }
  const std::int64_t changed = TF_TRY(session.execute(
      "UPDATE pki_lists SET number = $3, this_update_ms = $4, next_update_ms = $5, listed = $6, der = $7 WHERE authority = $1 AND shard = $2 AND number = $8",
      {name, shard, number, made.list->this_update_ms, made.list->next_update_ms, made.changes, ByteView(made.list->der), made.before}));
  if (changed == 1) return {};
  return Error{Code::conflict, "ca.list_changed", "the list was made by somebody else meanwhile"};
}

// A revocation that comes between snapshot and write is a change that is not listed: the next round finds it.
Result<std::vector<std::shared_ptr<const List>>> RevocationLists::make(const Authority& authority, const std::vector<std::uint32_t>& shards) {
  const std::lock_guard one_at_a_time(making_);
  const pki::Issuer issuer{authority.certificate, TF_TRY(ports_.vault.signing_handle(authority.key_name))};
  std::vector<Made> made;
  TF_CHECK(ports_.database.read([&](store::Session& session) -> Status {
    for (const std::uint32_t shard : shards) made.push_back(TF_TRY(sign(session, authority, issuer, shard)));
    return {};
  }));
  TF_CHECK(ports_.database.write([&](store::Session& session) -> Status {
    for (const Made& one : made) TF_CHECK(store(session, authority, one));
    return {};
  }));
  std::vector<std::shared_ptr<const List>> out;
  for (const Made& one : made) {
    put(authority.name, one.shard, one.list);
    out.push_back(one.list);
  }
  return out;
}

}  // namespace tf::ca
