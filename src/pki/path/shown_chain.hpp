// Chains that peers show at a server's pace: an authority is validated up to its root once a minute, a leaf under it costs one signature
// verification and the house rules, as with pki/device/verifier.hpp. For whoever asks OCSP about the leaf: no revocation list is looked
// at. Threads may share one.
#pragma once
#include <memory>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

#include "pki/path/path.hpp"

namespace tf::pki {

class ShownChains {
 public:
  explicit ShownChains(std::vector<Certificate> anchors) : anchors_(std::move(anchors)) {}

  struct Found {
    Certificate leaf;
    Certificate issuer;
  };
  // chain: DER, leaf first, 1 to 4. Refusals as validate_path for this usage; Code::malformed "pki.certificate" for what does not parse.
  [[nodiscard]] Result<Found> find(const std::vector<Bytes>& chain, Usage usage, std::int64_t at_ms) const;
  // The same of a leaf right under its issuer.
  [[nodiscard]] Result<Found> find(const Certificate& leaf, const Certificate& issuer, Usage usage, std::int64_t at_ms) const;

 private:
  struct Authority {
    Certificate certificate;
    std::int64_t from_ms;   // validated then
    std::int64_t until_ms;  // to be validated again; no later than its end and its root's
  };
  struct ByFingerprint {
    std::size_t operator()(const Hash256& hash) const;
  };
  using AuthorityPtr = std::shared_ptr<const Authority>;

  [[nodiscard]] AuthorityPtr known(const Hash256& fingerprint, std::int64_t at_ms) const;
  [[nodiscard]] Result<Found> found_anew(const std::vector<Bytes>& chain, Usage usage, std::int64_t at_ms) const;

  std::vector<Certificate> anchors_;
  mutable std::shared_mutex mutex_;
  mutable std::unordered_map<Hash256, AuthorityPtr, ByFingerprint> authorities_;
};

}  // namespace tf::pki
