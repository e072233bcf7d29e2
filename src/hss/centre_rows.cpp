// Writing subscribers, and taking their rows over to another KEK.
#include <algorithm>

#include "hss/authentication_centre.hpp"

namespace tf::hss {
namespace {

using std::string_view;
using store::Row;
using store::Session;

constexpr std::size_t kBatch = 256;
constexpr std::int64_t kRewrapBatch = 500;
constexpr std::uint64_t kFirstSeq = 1;

vault::RowId row_id(string_view imsi) { return {"hss_subscribers", std::string(imsi), 1}; }

}  // namespace

// What was wrapped for one algorithm does not open under another's name.
AuthenticationCentre::Key AuthenticationCentre::Key::in_row(string_view algorithm, vault::Wrapped wrapped) {
  return {algorithm == name_of(crypto::AkaAlgorithm::tuak) ? crypto::AkaAlgorithm::tuak : crypto::AkaAlgorithm::milenage, std::move(wrapped)};
}

Result<AuthenticationCentre::Key> AuthenticationCentre::wrap(const Subscription& subscription) const {
  const auto algorithm = subscription.key.algorithm();
  return Key{algorithm, TF_TRY(vault_.wrap(subscription.key.octets().clone(), vault::subscription_spec(algorithm), row_id(subscription.imsi.text()))).wrapped};
}

std::vector<Status> AuthenticationCentre::create(std::span<const Subscription> subscriptions) {
  std::vector<Status> out;
  for (; !subscriptions.empty(); subscriptions = subscriptions.subspan(std::min(kBatch, subscriptions.size())))
    std::ranges::move(create_some(subscriptions.first(std::min(kBatch, subscriptions.size()))), std::back_inserter(out));
  return out;
}

Status AuthenticationCentre::insert(Session& session, const Imsi& imsi, crypto::Amf amf, const Key& key) const {
  const std::int64_t number = amf[0] << 8 | amf[1];
  TF_TRY(session.execute("INSERT INTO hss_subscribers (imsi, amf, kek, wrapped, next_seq, algorithm) VALUES ($1, $2, $3, $4, $5, $6)",
                         {string_view(imsi.text()), number, string_view(key.wrapped.kek), ByteView(key.wrapped.blob), static_cast<std::int64_t>(kFirstSeq + options_.block),
                          name_of(key.algorithm)}));
  return note(session, "hss.create", imsi);
}

std::uint64_t AuthenticationCentre::removals() {
  const std::scoped_lock lock(mutex_);
  return removals_;
}

// Nobody gives way to it: whoever finds no room reserves his next block when he comes.
void AuthenticationCentre::put_first_block(const Imsi& imsi, crypto::Amf amf, SharedKey key, std::uint64_t removals_before) {
  const std::scoped_lock lock(mutex_);
  if (removals_ == removals_before && at_hand_.size() < options_.at_hand)
    at_hand_.try_emplace(imsi.text(), AtHand{amf, std::move(key), kFirstSeq, kFirstSeq + options_.block});
}

Result<std::optional<Creation>> AuthenticationCentre::creation_in(const store::Database& database, const Subscription& subscription) {
  if (&database != &database_) return std::optional<Creation>();
  auto made = TF_TRY(wrap(subscription));
  const auto key = std::make_shared<const Key>(std::move(made));
  return Creation{.write = [this, imsi = subscription.imsi, amf = subscription.amf, key](Session& session) -> Status {
                    if (TF_TRY(row_of(session, imsi))) return other_key(imsi);
                    return insert(session, imsi, amf, *key);
                  },
                  .done = [this, imsi = subscription.imsi, amf = subscription.amf, key, before = removals()] { put_first_block(imsi, amf, key, before); }};
}

std::vector<Status> AuthenticationCentre::create_some(std::span<const Subscription> subscriptions) {
  std::vector<Result<Key>> made;
  for (const Subscription& each : subscriptions) made.push_back(wrap(each));
  std::vector<Status> out(subscriptions.size());
  // What concerns one subscription alone, before anything is written of it; nothing: it is there already.
  const auto missing = [&](Session& session, std::size_t i) -> Result<bool> {
    const Subscription& each = subscriptions[i];
    if (!made[i]) return made[i].error();
    const auto row = TF_TRY(row_of(session, each.imsi));
    if (!row) return true;
    const bool same = TF_TRY(vault_.is_key({row->key.wrapped, row->key.spec(), row_id(each.imsi.text())}, each.key.octets())) && row->amf == each.amf;
    return same ? Result<bool>(false) : Result<bool>(other_key(each.imsi));
  };
  const std::uint64_t before = removals();
  std::vector<bool> inserted(subscriptions.size());
  const Status written = database_.write([&](Session& session) -> Status {
    for (std::size_t i = 0; i < subscriptions.size(); ++i) {
      const auto wanted = missing(session, i);
      out[i] = wanted ? Status() : Status(wanted.error());
      inserted[i] = wanted && *wanted;
      if (inserted[i]) TF_CHECK(insert(session, subscriptions[i].imsi, subscriptions[i].amf, *made[i]));
    }
    return {};
  });
  for (std::size_t i = 0; i < subscriptions.size(); ++i) {
    if (!written) out[i] = written;
    else if (inserted[i]) put_first_block(subscriptions[i].imsi, subscriptions[i].amf, std::make_shared<const Key>(std::move(*made[i])), before);
  }
  return out;
}

Result<std::int64_t> AuthenticationCentre::count() const {
  std::int64_t out = 0;
  TF_CHECK(database_.read([&](Session& session) {
    return session.query("SELECT COUNT(*) FROM hss_subscribers", {}, [&](const Row& row) -> Status {
      out = row.integer(0);
      return {};
    });
  }));
  return out;
}

Result<std::int64_t> AuthenticationCentre::rewrap_some(const std::string& kek) {
  std::vector<std::pair<std::string, Key>> rows;
  TF_CHECK(database_.read([&](Session& session) {
    return session.query("SELECT imsi, kek, wrapped, algorithm FROM hss_subscribers WHERE kek <> $1 LIMIT $2", {string_view(kek), kRewrapBatch},
                         [&](const Row& row) -> Status {
                           rows.emplace_back(row.text(0), Key::in_row(row.text_view(3), {row.text(1), row.bytes(2)}));
                           return {};
                         });
  }));
  TF_CHECK(database_.write([&](Session& session) -> Status {
    for (const auto& [imsi, key] : rows) {
      const vault::Wrapped fresh = TF_TRY(vault_.rewrap({key.wrapped, key.spec(), row_id(imsi)}));
      const auto changed = TF_TRY(session.execute("UPDATE hss_subscribers SET kek = $2, wrapped = $3 WHERE imsi = $1 AND kek = $4",
                                                  {string_view(imsi), string_view(fresh.kek), ByteView(fresh.blob), string_view(key.wrapped.kek)}));
      if (changed != 1) return Error{Code::conflict, "vault.rewrap", "a row changed meanwhile"};
    }
    return {};
  }));
  return static_cast<std::int64_t>(rows.size());
}

Result<std::int64_t> AuthenticationCentre::rewrap() {
  const auto keks = vault_.state().keks;
  if (keks.empty()) return Error{Code::sealed, "vault.sealed", "the vault is sealed"};
  std::int64_t out = 0;
  for (std::int64_t some = -1; some != 0; out += some) some = TF_TRY(rewrap_some(keks.back()));
  const std::scoped_lock lock(mutex_);
  at_hand_.clear();  // they hold the rows as they were
  ++removals_;
  return out;
}

}  // namespace tf::hss
