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
const vault::SymmetricSpec kCentreKey{vault::SymmetricAlgorithm::aes, 32, vault::SymmetricPurpose::subscription};

vault::RowId row_id(string_view imsi) { return {"hss_subscribers", std::string(imsi), 1}; }

SecretBytes both(const crypto::MilenageKey& key) {
  SecretBytes out(32);
  std::ranges::copy(key.k.reveal(), out.reveal_mutable().begin());
  std::ranges::copy(key.opc.reveal(), out.reveal_mutable().begin() + 16);
  return out;
}

}  // namespace

std::vector<Status> AuthenticationCentre::create(std::span<const Subscription> subscriptions) {
  std::vector<Status> out;
  for (; !subscriptions.empty(); subscriptions = subscriptions.subspan(std::min(kBatch, subscriptions.size())))
    std::ranges::move(create_some(subscriptions.first(std::min(kBatch, subscriptions.size()))), std::back_inserter(out));
  return out;
}

Status AuthenticationCentre::insert(Session& session, const Imsi& imsi, crypto::Amf amf, const vault::Wrapped& wrapped) const {
  const std::int64_t number = amf[0] << 8 | amf[1];
  TF_TRY(session.execute("INSERT INTO hss_subscribers (imsi, amf, kek, wrapped, next_seq) VALUES ($1, $2, $3, $4, $5)",
                         {string_view(imsi.text()), number, string_view(wrapped.kek), ByteView(wrapped.blob), static_cast<std::int64_t>(kFirstSeq + options_.block)}));
  return note(session, "hss.create", imsi);
}

std::uint64_t AuthenticationCentre::removals() {
  const std::scoped_lock lock(mutex_);
  return removals_;
}

// Nobody gives way to it: whoever finds no room reserves his next block when he comes.
void AuthenticationCentre::put_first_block(const Imsi& imsi, crypto::Amf amf, SharedKey wrapped, std::uint64_t removals_before) {
  const std::scoped_lock lock(mutex_);
  if (removals_ == removals_before && at_hand_.size() < options_.at_hand)
    at_hand_.try_emplace(imsi.text(), AtHand{amf, std::move(wrapped), kFirstSeq, kFirstSeq + options_.block});
}

Result<std::optional<Creation>> AuthenticationCentre::creation_in(const store::Database& database, const Subscription& subscription) {
  if (&database != &database_) return std::optional<Creation>();
  auto made = TF_TRY(vault_.wrap(both(subscription.key), kCentreKey, row_id(subscription.imsi.text())));
  const auto wrapped = std::make_shared<const vault::Wrapped>(std::move(made.wrapped));
  return Creation{.write = [this, imsi = subscription.imsi, amf = subscription.amf, wrapped](Session& session) -> Status {
                    if (TF_TRY(row_of(session, imsi))) return other_key(imsi);
                    return insert(session, imsi, amf, *wrapped);
                  },
                  .done = [this, imsi = subscription.imsi, amf = subscription.amf, wrapped, before = removals()] { put_first_block(imsi, amf, wrapped, before); }};
}

std::vector<Status> AuthenticationCentre::create_some(std::span<const Subscription> subscriptions) {
  std::vector<SecretBytes> keys;
  std::vector<Result<vault::Made>> made;
  for (const Subscription& each : subscriptions) {
    keys.push_back(both(each.key));
    made.push_back(vault_.wrap(keys.back().clone(), kCentreKey, row_id(each.imsi.text())));
  }
  std::vector<Status> out(subscriptions.size());
  // What concerns one subscription alone, before anything is written of it; nothing: it is there already.
  const auto missing = [&](Session& session, std::size_t i) -> Result<bool> {
    const Subscription& each = subscriptions[i];
    if (!made[i]) return made[i].error();
    const auto row = TF_TRY(row_of(session, each.imsi));
    if (!row) return true;
    const bool same = TF_TRY(vault_.is_key({row->wrapped, kCentreKey, row_id(each.imsi.text())}, keys[i])) && row->amf == each.amf;
    return same ? Result<bool>(false) : Result<bool>(other_key(each.imsi));
  };
  const std::uint64_t before = removals();
  std::vector<bool> inserted(subscriptions.size());
  const Status written = database_.write([&](Session& session) -> Status {
    for (std::size_t i = 0; i < subscriptions.size(); ++i) {
      const auto wanted = missing(session, i);
      out[i] = wanted ? Status() : Status(wanted.error());
      inserted[i] = wanted && *wanted;
      if (inserted[i]) TF_CHECK(insert(session, subscriptions[i].imsi, subscriptions[i].amf, made[i]->wrapped));
    }
    return {};
  });
  for (std::size_t i = 0; i < subscriptions.size(); ++i) {
    if (!written) out[i] = written;
    else if (inserted[i]) put_first_block(subscriptions[i].imsi, subscriptions[i].amf, std::make_shared<const vault::Wrapped>(std::move(made[i]->wrapped)), before);
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
  std::vector<std::pair<std::string, vault::Wrapped>> rows;
  TF_CHECK(database_.read([&](Session& session) {
    return session.query("SELECT imsi, kek, wrapped FROM hss_subscribers WHERE kek <> $1 LIMIT $2", {string_view(kek), kRewrapBatch},
                         [&](const Row& row) -> Status {
                           rows.emplace_back(row.text(0), vault::Wrapped{row.text(1), row.bytes(2)});
                           return {};
                         });
  }));
  TF_CHECK(database_.write([&](Session& session) -> Status {
    for (const auto& [imsi, wrapped] : rows) {
      const vault::Wrapped fresh = TF_TRY(vault_.rewrap({wrapped, kCentreKey, row_id(imsi)}));
      const auto changed = TF_TRY(session.execute("UPDATE hss_subscribers SET kek = $2, wrapped = $3 WHERE imsi = $1 AND kek = $4",
                                                  {string_view(imsi), string_view(fresh.kek), ByteView(fresh.blob), string_view(wrapped.kek)}));
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
