// Certificates that the sides show each other: a chain up to a root that is believed, and for whom the leaf is.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "pki/path/shown_chain.hpp"
#include "protocols/onboard/messages.hpp"

namespace tf::onboard {

using Shown = pki::ShownChains::Found;  // the issuer is who answers for the leaf's revocation

// Leaves that were verified, a thousand of the last ones: parsed for as long as they have a place, and vouched for, by usage and issuer, for a
// minute at most and never past the end of a certificate above or of their own. Nothing is kept of what was refused.
class VerifiedLeaves {
 public:
  explicit VerifiedLeaves(const std::vector<pki::Certificate>& anchors);
  [[nodiscard]] std::optional<Shown> find(const Chain& chain, pki::Usage usage, std::int64_t at_ms) const;
  [[nodiscard]] std::optional<pki::Certificate> leaf(ByteView der) const;
  void keep(const Chain& chain, pki::Usage usage, std::int64_t at_ms, const Shown& shown);

 private:
  struct Entry {
    Shown shown;
    Hash256 issuer{};  // as it was shown
    pki::Usage usage;
    std::int64_t from_ms, until_ms;
  };
  std::int64_t anchors_end_ms_;
  mutable std::mutex mutex_;
  std::map<Hash256, Entry> entries_;
  std::deque<Hash256> order_;
};

// Path validation under these roots; authorities and leaves are remembered for a minute. Threads may share one; copies share what is remembered.
class ChainVerifier {
 public:
  explicit ChainVerifier(std::vector<pki::Certificate> anchors)
      : leaves_(std::make_shared<VerifiedLeaves>(anchors)), chains_(std::make_shared<const pki::ShownChains>(std::move(anchors))) {}
  // Errors of pki/path/path.hpp; Code::malformed "pki.certificate".
  [[nodiscard]] Result<Shown> verify(const Chain& chain, pki::Usage usage, std::int64_t at_ms) const;
  // A server's: the leaf's common name must be this id. Code::refused "onboard.other_name".
  [[nodiscard]] Result<Shown> verify_named(const Chain& chain, pki::Usage usage, std::string_view name, std::int64_t at_ms) const;
  // A module's: the leaf's serialNumber must be the DSIM_ID. Code::refused "onboard.other_module".
  [[nodiscard]] Result<Shown> verify_module(const Chain& chain, pki::Usage usage, std::string_view dsim_id, std::int64_t at_ms) const;

  // A certificate that was believed before, parsed and not judged again. Code::malformed "pki.certificate".
  [[nodiscard]] Result<pki::Certificate> parsed(ByteView der) const;

 private:
  std::shared_ptr<VerifiedLeaves> leaves_;
  std::shared_ptr<const pki::ShownChains> chains_;
};

Chain chain_of(const std::vector<pki::Certificate>& certificates);

}  // namespace tf::onboard
