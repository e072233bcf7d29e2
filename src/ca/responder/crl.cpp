#include "ca/responder/crl.hpp"

#include <mutex>

namespace tf::ca {
namespace {

Error unknown(const std::string& authority) { return Error{Code::not_found, "ca.no_such_authority", "there is no authority " + authority}; }

}  // namespace

Status CrlSource::add(ListedAuthority authority) {
  Entry entry{.authority = std::move(authority), .urls = {}, .lists = {}};
  for (std::uint32_t shard = 0; shard < entry.authority.shards; ++shard) entry.urls.push_back(TF_TRY(pki::shard_url(entry.authority.pattern, shard)));
  entry.lists.resize(std::max<std::uint32_t>(entry.authority.shards, 1));
  const std::unique_lock lock(mutex_);
  std::string name = entry.authority.name;
  if (!authorities_.emplace(name, std::move(entry)).second) return Error{Code::conflict, "ca.authority_twice", "two authorities are called " + name};
  return {};
}

Result<CrlSource::List> CrlSource::read(const Entry& entry, std::uint32_t shard, ByteView der) const {
  const std::int64_t now_ms = clock_.now_ms();
  List out;
  const auto take = [&](const auto& list) -> Status {
    TF_CHECK(list.verify(entry.authority.certificate, now_ms));
    out.number = list.number();
    out.this_update_ms = list.this_update_ms();
    out.next_update_ms = list.next_update_ms();
    for (pki::Revoked& one : list.revoked()) out.revoked.emplace(one.serial_hex, std::move(one));
    return {};
  };
  if (entry.authority.shards == 0) {
    TF_CHECK(take(TF_TRY(pki::Crl::from_der(der))));
    return out;
  }
  const auto list = TF_TRY(pki::CrlShard::from_der(der));
  if (list.url() != entry.urls[shard]) return Error{Code::refused, "ca.list_other", "the list is that of " + list.url()};
  TF_CHECK(take(list));
  return out;
}

Result<bool> CrlSource::update(const std::string& name, std::uint32_t shard, ByteView der) {
  std::shared_ptr<const List> before;
  std::optional<Entry> entry;
  {
    const std::shared_lock lock(mutex_);
    const auto found = authorities_.find(name);
    if (found == authorities_.end() || shard >= found->second.lists.size()) return unknown(name);
    entry = found->second;
    before = entry->lists[shard];
  }
  auto after = std::make_shared<const List>(TF_TRY(read(*entry, shard, der)));
  {
    const std::unique_lock lock(mutex_);
    std::shared_ptr<const List>& place = authorities_.at(name).lists[shard];
    if (place && after->number < place->number) return Error{Code::refused, "ca.list_older", "a newer list was here already"};
    if (place && after->number == place->number) return false;
    before = place;
    place = after;
  }
  tell(name, before.get(), *after);
  return true;
}

void CrlSource::tell(const std::string& authority, const List* before, const List& after) const {
  if (!changed_) return;
  for (const auto& [serial, revoked] : after.revoked) {
    const auto old = before == nullptr ? after.revoked.end() : before->revoked.find(serial);
    if (before == nullptr || old == before->revoked.end() || !(old->second == revoked)) changed_(authority, serial);
  }
  if (before == nullptr) return;
  for (const auto& [serial, revoked] : before->revoked)
    if (!after.revoked.contains(serial)) changed_(authority, serial);
}

Result<Known> CrlSource::known(const std::string& name, std::string_view serial_hex) const {
  std::shared_ptr<const List> list;
  {
    const std::shared_lock lock(mutex_);
    const auto found = authorities_.find(name);
    if (found == authorities_.end()) return unknown(name);
    const std::uint32_t shards = found->second.authority.shards;
    list = found->second.lists[shards == 0 ? 0 : pki::shard_of(serial_hex, shards)];
  }
  if (!list) return Error{Code::unavailable, "ca.no_list", "no revocation list of " + name + " was fetched yet"};
  Known out{.standing = {.kind = StandingKind::good}, .as_of_ms = list->this_update_ms, .until_ms = list->next_update_ms};
  const auto revoked = list->revoked.find(std::string(serial_hex));
  if (revoked != list->revoked.end()) out.standing = {StandingKind::revoked, revoked->second.reason, revoked->second.at_ms};
  return out;
}

std::vector<std::string> CrlSource::missing() const {
  const std::int64_t now_ms = clock_.now_ms();
  std::vector<std::string> out;
  const std::shared_lock lock(mutex_);
  for (const auto& [name, entry] : authorities_)
    for (std::size_t i = 0; i < entry.lists.size(); ++i)
      if (!entry.lists[i] || entry.lists[i]->next_update_ms <= now_ms) out.push_back(name + "/" + std::to_string(i));
  return out;
}

}  // namespace tf::ca
