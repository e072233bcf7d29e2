#include "platform/onboard/contract/desk.hpp"

#include <fmt/format.h>

#include <set>

#include "base/log.hpp"
#include "crypto/digest.hpp"
#include "protocols/onboard/identity.hpp"
#include "wire/encoding.hpp"

namespace tf::platform::contract {
namespace {

constexpr std::int64_t kContractDayMs = 24LL * 3600 * 1000;
constexpr std::int64_t kLongestPauseMs = 60'000;

Hash256 token_hash(std::string_view token) { return crypto::sha256({as_bytes("onboard owner token\n"), as_bytes(token)}); }

// The leaves are what is pinned; what stands above them may be sent otherwise.
bool same_pins(const onboard::Subscription& one, const onboard::Subscription& other) {
  const auto leaf = [](const onboard::Chain& chain) { return chain.empty() ? Bytes() : chain.front(); };
  return leaf(one.signing) == leaf(other.signing) && leaf(one.decryption) == leaf(other.decryption);
}

}  // namespace

Result<Asker> Desk::asker_of(const OnboardPeer* staff, std::string_view token) {
  if (staff != nullptr) return Asker{"staff:" + staff->name, {}, {}};
  if (token.empty()) return Error{Code::refused, "onboard.no_token", "contracts are made by staff, or with an owner's token"};
  const Hash256 hash = token_hash(token);
  std::optional<OwnerToken> known;
  TF_CHECK(opened_.database->read([&](store::Session& session) -> Status {
    known = TF_TRY(load_token(session, hash));
    return {};
  }));
  if (!known || known->expires_ms <= opened_.clock->now_ms()) return Error{Code::refused, "onboard.token", "no such owner's token, or its time is over"};
  return Asker{"owner:" + known->owner, known->owner, hash};
}

Result<std::string> Desk::new_token(const std::string& owner, std::int64_t devices, std::int64_t days, const std::string& actor) {
  (void)TF_TRY(onboard::parse_owner(owner));
  std::string token = wire::base64url(opened_.random.array<24>());
  const OwnerToken row{owner, devices, opened_.clock->now_ms() + days * kContractDayMs};
  TF_CHECK(opened_.database->write([&](store::Session& session) -> Status {
    TF_CHECK(keep_token(session, token_hash(token), row));
    return append_act(opened_, session, {actor, "onboard.owner_token", owner, fmt::format("{{\"devices\":{},\"expires_ms\":{}}}", devices, row.expires_ms)});
  }));
  return token;
}

Result<std::optional<Contract>> Desk::find(const std::string& dsim_id) {
  std::optional<Contract> out;
  TF_CHECK(opened_.database->read([&](store::Session& session) -> Status {
    out = TF_TRY(load(session, dsim_id));
    return {};
  }));
  return out;
}

// What stands already keeps its result; the rest becomes accepted, in one transaction with the token that pays for it.
Status Desk::accept_rows(const std::vector<onboard::Subscription>& rows, const Asker& asker, bool again, std::vector<onboard::RowResult>& results,
                         std::vector<std::int64_t>& versions) {
  return opened_.database->write([&](store::Session& session) -> Status {
    results.clear();
    versions.assign(rows.size(), 0);
    std::set<std::string_view> seen;
    std::int64_t made = 0;
    for (const onboard::Subscription& row : rows) {
      onboard::RowResult& result = results.emplace_back(onboard::RowResult{row.dsim_id, std::string(state::accepted)});
      if (!seen.insert(row.dsim_id).second) {
        result.result = "onboard.twice";
        continue;
      }
      if (asker.owner && *asker.owner != row.owner) {
        result.result = "onboard.other_owner";
        continue;
      }
      const auto there = TF_TRY(load(session, row.dsim_id));
      const bool same = there && there->row.owner == row.owner && there->row.plan == row.plan && same_pins(there->row, row);
      versions[results.size() - 1] = there ? there->version : 0;
      if (there && there->state != state::refused && !again) {
        if (!same) result.result = "onboard.contract_exists";
        else if (there->state == state::registered) result.result = there->result;
        continue;
      }
      TF_CHECK(accept(session, {row, ++versions[results.size() - 1]}, opened_.clock->now_ms()));
      ++made;
    }
    if (asker.token) TF_CHECK(use_token(session, *asker.token, made));
    if (made == 0) return {};
    return append_act(opened_, session, {asker.actor, "onboard.contracts", asker.owner.value_or(""), fmt::format("{{\"rows\":{},\"accepted\":{}}}", rows.size(), made)});
  });
}

// In as many calls as their octets need: rows that were taken in several calls may be too many for one.
Result<std::vector<onboard::RowResult>> Desk::forward(const std::vector<Order>& orders) {
  std::vector<onboard::RowResult> out;
  for (std::size_t begin = 0; begin < orders.size();) {
    std::size_t end = begin;
    for (std::size_t octets = 0; end < orders.size(); ++end)
      if (octets += onboard::encode(std::vector{orders[end].row}).size(); end > begin && octets > onboard::kMaxBatch) break;
    const auto results = TF_TRY(forward_once(std::span(orders).subspan(begin, end - begin)));
    out.insert(out.end(), results.begin(), results.end());
    begin = end;
  }
  return out;
}

Result<std::vector<onboard::RowResult>> Desk::forward_once(std::span<const Order> orders) {
  std::vector<onboard::Subscription> rows;
  for (const Order& order : orders) rows.push_back(order.row);
  const SecretBytes said = TF_TRY(credentialing_.post("subscriptions", onboard::encode(rows)));
  auto results = TF_TRY(onboard::decode_row_results(as_text(said.reveal())));
  if (results.size() != rows.size()) return Error{Code::unavailable, "onboard.peer_answer", "the credentialing server answers for another number of rows"};
  TF_CHECK(opened_.database->write([&](store::Session& session) -> Status {
    for (std::size_t i = 0; i < orders.size(); ++i) TF_CHECK(decide(session, orders[i], results[i].result, opened_.clock->now_ms()));
    return {};
  }));
  return results;
}

Result<std::vector<onboard::RowResult>> Desk::subscribe(const std::vector<onboard::Subscription>& rows, const Asker& asker, bool again) {
  std::vector<onboard::RowResult> results;
  std::vector<std::int64_t> versions;
  TF_CHECK(accept_rows(rows, asker, again, results, versions));
  std::vector<Order> open;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (results[i].result == state::accepted) open.push_back({rows[i], versions[i]}), places.push_back(i);
  if (open.empty()) return results;
  const auto told = forward(open);
  if (!told) {
    log::warn("onboard: contracts wait for the credentialing server: " + describe(told.error()));
    return results;
  }
  for (std::size_t i = 0; i < places.size(); ++i) results[places[i]].result = (*told)[i].result;
  return results;
}

void Desk::forward_accepted(std::int64_t now_ms) {
  if (now_ms < next_ms_) return;
  std::vector<Order> rows;
  const Status read = opened_.database->read([&](store::Session& session) -> Status {
    rows = TF_TRY(accepted(session, opened_.settings.contract.chunk));
    return {};
  });
  if (!read || rows.empty()) return;
  const auto told = forward(rows);
  pause_ms_ = told ? 1000 : std::min(pause_ms_ * 2, kLongestPauseMs);
  next_ms_ = told ? now_ms : now_ms + pause_ms_;
  if (!told) log::warn("onboard: contracts wait for the credentialing server: " + describe(told.error()));
}

}  // namespace tf::platform::contract
