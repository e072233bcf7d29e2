// Certificates that the sides show each other: a chain up to a root that is believed, and for whom the leaf is.
#pragma once
#include <string_view>
#include <vector>

#include "pki/path.hpp"
#include "protocols/onboard/messages.hpp"

namespace tf::onboard {

struct Shown {
  pki::Certificate leaf;
  pki::Certificate issuer;  // who answers for its revocation
};

// Path validation under these roots. Threads may share one.
class ChainVerifier {
 public:
  explicit ChainVerifier(std::vector<pki::Certificate> anchors) : anchors_(std::move(anchors)) {}
  // Errors of pki/path.hpp; Code::malformed "pki.certificate".
  [[nodiscard]] Result<Shown> verify(const Chain& chain, pki::Usage usage, std::int64_t at_ms) const;
  // A server's: the leaf's common name must be this id. Code::refused "onboard.other_name".
  [[nodiscard]] Result<Shown> verify_named(const Chain& chain, pki::Usage usage, std::string_view name, std::int64_t at_ms) const;
  // A module's: the leaf's serialNumber must be the DSIM_ID. Code::refused "onboard.other_module".
  [[nodiscard]] Result<Shown> verify_module(const Chain& chain, pki::Usage usage, std::string_view dsim_id, std::int64_t at_ms) const;

 private:
  std::vector<pki::Certificate> anchors_;
};

Chain chain_of(const std::vector<pki::Certificate>& certificates);

}  // namespace tf::onboard
