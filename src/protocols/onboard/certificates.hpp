// Certificates that the sides show each other: a chain up to a root that is believed, and for whom the leaf is.
#pragma once
#include <memory>
#include <string_view>
#include <vector>

#include "pki/shown_chain.hpp"
#include "protocols/onboard/messages.hpp"

namespace tf::onboard {

using Shown = pki::ShownChains::Found;  // the issuer is who answers for the leaf's revocation

// Path validation under these roots; authorities are remembered for a minute. Threads may share one; copies share what is remembered.
class ChainVerifier {
 public:
  explicit ChainVerifier(std::vector<pki::Certificate> anchors) : chains_(std::make_shared<const pki::ShownChains>(std::move(anchors))) {}
  // Errors of pki/path.hpp; Code::malformed "pki.certificate".
  [[nodiscard]] Result<Shown> verify(const Chain& chain, pki::Usage usage, std::int64_t at_ms) const;
  // A server's: the leaf's common name must be this id. Code::refused "onboard.other_name".
  [[nodiscard]] Result<Shown> verify_named(const Chain& chain, pki::Usage usage, std::string_view name, std::int64_t at_ms) const;
  // A module's: the leaf's serialNumber must be the DSIM_ID. Code::refused "onboard.other_module".
  [[nodiscard]] Result<Shown> verify_module(const Chain& chain, pki::Usage usage, std::string_view dsim_id, std::int64_t at_ms) const;

 private:
  std::shared_ptr<const pki::ShownChains> chains_;
};

Chain chain_of(const std::vector<pki::Certificate>& certificates);

}  // namespace tf::onboard
