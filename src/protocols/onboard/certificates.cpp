#include "protocols/onboard/certificates.hpp"

namespace tf::onboard {

Result<Shown> ChainVerifier::verify(const Chain& chain, pki::Usage usage, std::int64_t at_ms) const {
  return chains_->find(chain, usage, at_ms);
}

Result<Shown> ChainVerifier::verify_named(const Chain& chain, pki::Usage usage, std::string_view name, std::int64_t at_ms) const {
  Shown out = TF_TRY(verify(chain, usage, at_ms));
  if (out.leaf.common_name() == name) return out;
  return Error{Code::refused, "onboard.other_name", "the certificate is of " + out.leaf.common_name() + ", not of " + std::string(name)};
}

Result<Shown> ChainVerifier::verify_module(const Chain& chain, pki::Usage usage, std::string_view dsim_id, std::int64_t at_ms) const {
  Shown out = TF_TRY(verify(chain, usage, at_ms));
  if (out.leaf.subject_serial_number() == dsim_id) return out;
  return Error{Code::refused, "onboard.other_module", "the certificate is of module " + out.leaf.subject_serial_number()};
}

Chain chain_of(const std::vector<pki::Certificate>& certificates) {
  Chain out;
  for (const pki::Certificate& certificate : certificates) out.push_back(certificate.der());
  return out;
}

}  // namespace tf::onboard
