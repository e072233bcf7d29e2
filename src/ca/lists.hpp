// The revocation lists in force: every authority's fixed shards, kept in memory for serving and in the database for their numbers, which
// only rise. A revocation counts as a change of its shard, in its own transaction; whatever is changed or old is made anew by refresh().
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ca/authority.hpp"
#include "ca/register.hpp"
#include "pki/issuer.hpp"

namespace tf::ca {

struct List {
  std::uint64_t number = 0;
  std::int64_t this_update_ms = 0;
  std::int64_t next_update_ms = 0;
  Bytes der;
};

class RevocationLists {
 public:
  RevocationLists(const Ports& ports, std::int64_t list_ms) : ports_(ports), list_ms_(list_ms) {}
  Status load();

  // Code::not_found "ca.no_such_list".
  [[nodiscard]] Result<std::shared_ptr<const List>> find(std::string_view authority, std::uint32_t shard) const;
  // Makes every list of the authority that is missing, changed, or past half its life; how many.
  Result<std::int64_t> refresh(const Authority& authority);
  // This one in any case.
  Result<std::shared_ptr<const List>> renew(const Authority& authority, std::uint32_t shard);

 private:
  struct Made {
    std::uint32_t shard = 0;
    std::int64_t before = 0;   // number of the list there was; 0: none
    std::int64_t changes = 0;  // counted when it was made
    std::shared_ptr<const List> list = {};
  };
  [[nodiscard]] Result<std::vector<std::uint32_t>> due(const Authority& authority, std::int64_t now_ms) const;
  Result<Made> sign(store::Session& session, const Authority& authority, const pki::Issuer& issuer, std::uint32_t shard) const;
  static Status store(store::Session& session, const Authority& authority, const Made& made);
  Result<std::vector<std::shared_ptr<const List>>> make(const Authority& authority, const std::vector<std::uint32_t>& shards);
  void put(const std::string& authority, std::uint32_t shard, std::shared_ptr<const List> list);

  Ports ports_;
  std::int64_t list_ms_;
  mutable std::mutex mutex_;
  std::mutex making_;  // one at a time: numbers rise
  std::map<std::pair<std::string, std::uint32_t>, std::shared_ptr<const List>, std::less<>> lists_;
};

// In the transaction of what changed.
Status note_change(store::Session& session, const std::string& authority, std::uint32_t shard);

}  // namespace tf::ca
