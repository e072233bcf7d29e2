#include "hss/authentication_centre.hpp"

#include <algorithm>

#include "crypto/aka/usim.hpp"

namespace tf::hss {
namespace {

using std::string_view;
using store::Row;
using store::Session;

constexpr std::uint64_t kMaxSeq = crypto::kMaxSqn >> crypto::kIndBits;

vault::RowId row_id(const Imsi& imsi) { return {"hss_subscribers", imsi.text(), 1}; }
std::uint64_t sqn_of(std::uint64_t seq) { return seq << crypto::kIndBits | seq % crypto::kIndCount; }

Error exhausted(const Imsi& imsi) { return {Code::refused, "hss.sqn_exhausted", "subscriber " + imsi.text() + " has no sequence number left"}; }

}  // namespace

Result<std::unique_ptr<AuthenticationCentre>> AuthenticationCentre::open(store::Database& database, const vault::Vault& vault, CentreOptions options) {
  TF_CHECK(database.migrate(kComponent, kMigrations));
  return std::unique_ptr<AuthenticationCentre>(new AuthenticationCentre(database, vault, std::move(options)));
}

Status AuthenticationCentre::note(Session& session, const char* act, const Imsi& imsi) const {
  return options_.note ? options_.note(session, act, imsi) : Status();
}

Result<std::optional<AuthenticationCentre::Held>> AuthenticationCentre::row_of(Session& session, const Imsi& imsi) const {
  return session.query_one("SELECT amf, kek, wrapped, next_seq, algorithm FROM hss_subscribers WHERE imsi = $1", {string_view(imsi.text())}, [](const Row& row) {
    const auto amf = static_cast<std::uint64_t>(row.integer(0));
    const auto seq = static_cast<std::uint64_t>(row.integer(3));
    return Held{{static_cast<std::uint8_t>(amf >> 8), static_cast<std::uint8_t>(amf)}, Key::in_row(row.text_view(4), {row.text(1), row.bytes(2)}), seq, seq};
  });
}

Status AuthenticationCentre::remove(const Imsi& imsi) {
  TF_CHECK(database_.write([&](Session& session) -> Status {
    const auto gone = TF_TRY(session.execute("DELETE FROM hss_subscribers WHERE imsi = $1", {string_view(imsi.text())}));
    return gone == 1 ? note(session, "hss.remove", imsi) : Status(no_such_subscriber(imsi));
  }));
  forget(imsi);
  return {};
}

void AuthenticationCentre::forget(const Imsi& imsi) {
  const std::scoped_lock lock(mutex_);
  ++removals_;
  at_hand_.erase(imsi.text());
}

std::optional<AuthenticationCentre::Lease> AuthenticationCentre::take(const VectorRequest& request) {
  const std::scoped_lock lock(mutex_);
  const auto found = at_hand_.find(request.imsi.text());
  if (found == at_hand_.end() || found->second.end - found->second.next < request.count) return std::nullopt;
  const Lease out{found->second.amf, found->second.key, found->second.next};
  found->second.next += request.count;
  return out;
}

Result<AuthenticationCentre::Held> AuthenticationCentre::reserve_one(Session& session, const VectorRequest& request) const {
  auto row = TF_TRY(row_of(session, request.imsi));
  if (!row) return no_such_subscriber(request.imsi);
  row->end = row->next + std::max<std::uint64_t>(options_.block, request.count);
  if (row->end > kMaxSeq + 1) return exhausted(request.imsi);
  TF_TRY(session.execute("UPDATE hss_subscribers SET next_seq = $2 WHERE imsi = $1",
                         {string_view(request.imsi.text()), static_cast<std::int64_t>(row->end)}));
  return std::move(*row);
}

AuthenticationCentre::Lease AuthenticationCentre::put_at_hand(const VectorRequest& request, Held held, bool keep) {
  Lease out{held.amf, std::make_shared<const Key>(std::move(held.key)), held.next};
  if (!keep) return out;
  if (at_hand_.size() >= options_.at_hand && !at_hand_.contains(request.imsi.text())) at_hand_.erase(at_hand_.begin());
  at_hand_[request.imsi.text()] = {held.amf, out.key, held.next + request.count, held.end};
  return out;
}

std::vector<Result<AuthenticationCentre::Lease>> AuthenticationCentre::reserve(const std::vector<const VectorRequest*>& requests) {
  std::uint64_t before = 0;
  {
    const std::scoped_lock lock(mutex_);
    before = removals_;
  }
  std::vector<Result<Held>> rows;
  const Status written = database_.write([&](Session& session) -> Status {
    rows.clear();  // this may run twice
    for (const VectorRequest* request : requests) {
      rows.push_back(reserve_one(session, *request));
      // An unknown IMSI or worn-out numbers concern one request; anything else is the database's.
      if (!rows.back() && rows.back().error().code != Code::not_found && rows.back().error().code != Code::refused) return rows.back().error();
    }
    return {};
  });
  std::vector<Result<Lease>> out;
  const std::scoped_lock lock(mutex_);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (!written) {
      out.emplace_back(written.error());
    } else if (!rows[i]) {
      out.emplace_back(rows[i].error());
    } else {
      out.emplace_back(put_at_hand(*requests[i], std::move(*rows[i]), removals_ == before));
    }
  }
  return out;
}

Vectors AuthenticationCentre::make(const VectorRequest& request, const Lease& lease) const {
  std::vector<std::uint64_t> sqns(request.count);
  for (std::size_t i = 0; i < sqns.size(); ++i) sqns[i] = sqn_of(lease.first + i);
  return vault_.aka_vectors({lease.key->wrapped, lease.key->spec(), row_id(request.imsi)}, sqns, lease.amf);
}

std::vector<Vectors> AuthenticationCentre::vectors(std::span<const VectorRequest> requests) {
  std::vector<std::optional<Result<Lease>>> leases(requests.size());
  std::vector<const VectorRequest*> wanting;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (const Status fit = check_count(requests[i]); !fit) {
      leases[i].emplace(fit.error());
    } else if (auto lease = take(requests[i])) {
      leases[i].emplace(std::move(*lease));
    } else {
      wanting.push_back(&requests[i]);
      places.push_back(i);
    }
  }
  if (!wanting.empty()) {
    auto reserved = reserve(wanting);
    for (std::size_t i = 0; i < places.size(); ++i) leases[places[i]].emplace(std::move(reserved[i]));
  }
  std::vector<Vectors> out;
  out.reserve(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const Result<Lease>& lease = *leases[i];
    out.push_back(lease ? make(requests[i], *lease) : Vectors(lease.error()));
  }
  return out;
}

Status AuthenticationCentre::resync(const Imsi& imsi, const crypto::Rand& rand, const crypto::Auts& auts) {
  std::optional<Held> row;
  TF_CHECK(database_.read([&](Session& session) -> Status {
    row = TF_TRY(row_of(session, imsi));
    return {};
  }));
  if (!row) return no_such_subscriber(imsi);
  const auto named = vault_.open_auts({row->key.wrapped, row->key.spec(), row_id(imsi)}, rand, auts);
  if (!named && named.error().code == Code::refused) return Error{Code::refused, "hss.auts", named.error().detail};
  if (!named) return named.error();
  const std::uint64_t next = (*named >> crypto::kIndBits) + 1;
  if (next > kMaxSeq) return exhausted(imsi);
  // Upwards, as nothing that was given out is given out again. Downwards only when the USIM stands so far behind that it refuses every number
  // from here on (TS 33.102 annex C.2.1), as after 2^28 challenges that nobody answered: else the subscriber were lost for good. Its word is
  // made with K over this RAND, so nobody else brings numbers back; it never took one above the number it names, and with 2^28 between
  // them none of those is met again in practice.
  const std::uint64_t reach = next - 1 + crypto::kMaxSeqJump;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = at_hand_.find(imsi.text());
    if (found != at_hand_.end() && found->second.next >= next && found->second.next <= reach) return {};
  }
  TF_CHECK(database_.write([&](Session& session) -> Status {
    TF_TRY(session.execute("UPDATE hss_subscribers SET next_seq = $2 WHERE imsi = $1 AND (next_seq < $2 OR next_seq > $3)",
                           {string_view(imsi.text()), static_cast<std::int64_t>(next), static_cast<std::int64_t>(reach)}));
    return note(session, "hss.resync", imsi);
  }));
  forget(imsi);
  return {};
}

}  // namespace tf::hss
