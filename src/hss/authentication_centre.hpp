// An authentication centre of our own: subscribers in a database, keys as wrapped rows that the vault alone opens, vectors by
// Milenage or TUAK, as each one's key is. SQN = SEQ ‖ IND as in TS 33.102 annex C.1.1 with an IND of 5 bits, IND = SEQ mod 32, so that a
// USIM takes the vectors of a batch in any order.
//
//   create()    a row, its first block reserved with it and at hand
//   vectors()   SEQ at hand? ──yes──▶ vault
//                  │ no
//                  └─ next_seq of the row grows by a block (group commit, durable) ──▶ the block is at hand, in memory
//
// A crash loses what was left of the blocks: numbers are skipped and never repeated.
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "hss/schema.hpp"
#include "hss/subscribers.hpp"
#include "vault/vault.hpp"

namespace tf::hss {

struct CentreOptions {
  std::uint64_t block = 64;           // SEQs that are reserved at once for a subscriber
  std::size_t at_hand = 100'000;      // subscribers with a block in memory; the block of one that gives way is skipped
  // Written with the change, in its transaction: "hss.create", "hss.remove", "hss.resync". May run more than once.
  std::function<Status(store::Session&, const char* act, const Imsi&)> note = {};
};

class AuthenticationCentre final : public Subscribers {
 public:
  // Brings the tables up. database and vault outlive it.
  static Result<std::unique_ptr<AuthenticationCentre>> open(store::Database& database, const vault::Vault& vault, CentreOptions options = {});

  using Subscribers::create;
  using Subscribers::vectors;
  // Up to 256 subscriptions share a durable commit.
  std::vector<Status> create(std::span<const Subscription> subscriptions) override;
  Result<std::optional<Creation>> creation_in(const store::Database& database, const Subscription& subscription) override;
  Status remove(const Imsi& imsi) override;
  std::vector<Vectors> vectors(std::span<const VectorRequest> requests) override;
  Status resync(const Imsi& imsi, const crypto::Rand& rand, const crypto::Auts& auts) override;

  [[nodiscard]] Result<std::int64_t> count() const;
  // Every row under an older KEK, taken over to the newest; how many. While nobody else writes.
  Result<std::int64_t> rewrap();

 private:
  struct Key {
    crypto::AkaAlgorithm algorithm;
    vault::Wrapped wrapped;
    [[nodiscard]] vault::SymmetricSpec spec() const { return vault::subscription_spec(algorithm); }
    static Key in_row(std::string_view algorithm, vault::Wrapped wrapped);
  };
  struct Held {  // a row
    crypto::Amf amf{};
    Key key;
    std::uint64_t next = 0;  // SEQ
    std::uint64_t end = 0;   // behind the last that is ours
  };
  using SharedKey = std::shared_ptr<const Key>;
  struct Lease {  // for one request
    crypto::Amf amf{};
    SharedKey key;
    std::uint64_t first = 0;
  };
  struct AtHand {
    crypto::Amf amf{};
    SharedKey key;
    std::uint64_t next = 0, end = 0;
  };

  AuthenticationCentre(store::Database& database, const vault::Vault& vault, CentreOptions options)
      : database_(database), vault_(vault), options_(std::move(options)) {}
  Status insert(store::Session& session, const Imsi& imsi, crypto::Amf amf, const Key& key) const;
  [[nodiscard]] Result<Key> wrap(const Subscription& subscription) const;
  std::uint64_t removals();
  void put_first_block(const Imsi& imsi, crypto::Amf amf, SharedKey key, std::uint64_t removals_before);
  std::vector<Status> create_some(std::span<const Subscription> subscriptions);
  Result<std::optional<Held>> row_of(store::Session& session, const Imsi& imsi) const;
  Status note(store::Session& session, const char* act, const Imsi& imsi) const;
  std::optional<Lease> take(const VectorRequest& request);
  std::vector<Result<Lease>> reserve(const std::vector<const VectorRequest*>& requests);
  Result<Held> reserve_one(store::Session& session, const VectorRequest& request) const;
  Lease put_at_hand(const VectorRequest& request, Held held, bool keep);
  Vectors make(const VectorRequest& request, const Lease& lease) const;
  void forget(const Imsi& imsi);
  Result<std::int64_t> rewrap_some(const std::string& kek);

  store::Database& database_;
  const vault::Vault& vault_;
  const CentreOptions options_;
  std::mutex mutex_;
  std::unordered_map<std::string, AtHand> at_hand_;
  std::uint64_t removals_ = 0;  // what was read before a removal is not kept after it
};

}  // namespace tf::hss
