// What revocation lists tell, for a responder that has nothing else: it runs apart from the authority and believes what the authority
// signed. A number that is on no list is good, which is all that RFC 6960 §2.2 promises by it: whether it was ever given out is not on
// a list. Answers hold no longer than the list they come from.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "ca/responder/responder.hpp"
#include "pki/crl/shard.hpp"

namespace tf::ca {

struct ListedAuthority {
  std::string name;
  pki::Certificate certificate;
  std::string pattern;        // of the URLs that its lists bear; empty where it has one complete list
  std::uint32_t shards = 0;   // 0: one complete list
};

class CrlSource final : public StatusSource {
 public:
  // Told of every certificate that is on one of old and new list and not on the other, or differently, once the new one counts.
  using Changed = std::function<void(const std::string& authority, const std::string& serial_hex)>;
  explicit CrlSource(const Clock& clock, Changed changed) : clock_(clock), changed_(std::move(changed)) {}

  // Code::conflict "ca.authority_twice"; Code::invalid "pki.url" for a pattern that is none. Before anybody asks.
  Status add(ListedAuthority authority);

  // Takes a list over; whether it is a newer one. Code::malformed "pki.crl"; Code::refused "pki.crl_untrusted", "pki.crl_expired",
  // "ca.list_other" for another shard's, "ca.list_older" for one that was replaced already: nobody takes a revocation back so.
  Result<bool> update(const std::string& authority, std::uint32_t shard, ByteView der);

  [[nodiscard]] Result<Known> known(const std::string& authority, std::string_view serial_hex) const override;
  // Lists that are missing or out of date, "users/7".
  [[nodiscard]] std::vector<std::string> missing() const;

 private:
  struct List {
    std::uint64_t number = 0;
    std::int64_t this_update_ms = 0;
    std::int64_t next_update_ms = 0;
    std::unordered_map<std::string, pki::Revoked> revoked;
  };
  using Lists = std::vector<std::shared_ptr<const List>>;
  struct Entry {
    ListedAuthority authority;
    std::vector<std::string> urls;  // of the shards
    Lists lists;
  };
  Result<List> read(const Entry& entry, std::uint32_t shard, ByteView der) const;
  void tell(const std::string& authority, const List* before, const List& after) const;

  const Clock& clock_;
  Changed changed_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, Entry> authorities_;
};

}  // namespace tf::ca
