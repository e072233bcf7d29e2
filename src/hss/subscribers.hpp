// The port to who keeps subscriptions: an authentication centre of our own (hss/authentication_centre.hpp) or an HLR (hss/osmo/hlr.hpp).
// One contract for both (tests/hss/contract.hpp). Every call may come from many threads at once, and waits for its answer.
//
// Errors common to all: Code::not_found "hss.no_such_subscriber"; Code::unavailable "hss.hlr_down" (nothing is known of what was under
// way: ask again, all calls may be repeated); what vault and database say.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "crypto/aka/key.hpp"
#include "hss/imsi.hpp"
#include "store/database.hpp"

namespace tf::hss {

// AMF with the separation bit (TS 33.102 annex H): EAP-AKA' demands it.
inline constexpr crypto::Amf kSeparated{0x80, 0x00};
inline constexpr std::size_t kMaxVectors = 32;  // of one request

struct Subscription {
  Imsi imsi;
  crypto::AkaKey key;
  crypto::Amf amf = kSeparated;  // an HLR has its own
};

struct VectorRequest {
  Imsi imsi;
  std::size_t count = 1;
};
using Vectors = Result<std::vector<crypto::AkaVector>>;

// A subscriber on his way into the database that somebody else writes to as well.
struct Creation {
  std::function<Status(store::Session&)> write;  // in the other's transaction; Code::conflict "hss.other_key" when the IMSI is there. May run more than once
  std::function<void()> done;                    // once that is durable
};

class Subscribers {
 public:
  virtual ~Subscribers() = default;

  // Each is answered for itself; what succeeded is durable. The same subscription once more succeeds again, so that who crashed may
  // repeat. Code::conflict "hss.other_key" when the IMSI has another key, "hss.not_ours" when an HLR has it without one: nobody can tell
  // whose it is, and it is not touched.
  virtual std::vector<Status> create(std::span<const Subscription> subscriptions) = 0;
  // Of a subscriber with a fresh key, where subscribers are rows of this very database: what goes with it shares its commit. None elsewhere.
  virtual Result<std::optional<Creation>> creation_in(const store::Database& /*database*/, const Subscription& /*subscription*/) { return std::optional<Creation>(); }
  virtual Status remove(const Imsi& imsi) = 0;
  // Fresh vectors: no SQN is given out twice, whatever happens in between. Code::invalid "hss.count" for none or too many.
  virtual std::vector<Vectors> vectors(std::span<const VectorRequest> requests) = 0;
  // The USIM's word (TS 33.102 §6.3.5) which number it has seen; the next vectors are above it, and within its reach. Code::refused "hss.auts" when it
  // is not the USIM's word for this RAND.
  virtual Status resync(const Imsi& imsi, const crypto::Rand& rand, const crypto::Auts& auts) = 0;

  Status create(const Subscription& subscription) { return std::move(create(std::span(&subscription, 1)).front()); }
  Vectors vectors(const Imsi& imsi, std::size_t count) {
    const VectorRequest request{imsi, count};
    return std::move(vectors(std::span(&request, 1)).front());
  }
};

Error no_such_subscriber(const Imsi& imsi);
Error other_key(const Imsi& imsi);
Error not_ours(const Imsi& imsi);
Status check_count(const VectorRequest& request);

}  // namespace tf::hss
