#include "pki/path/known_certificates.hpp"

#include "crypto/digest.hpp"

namespace tf::pki {
namespace {

std::string name_of(const Hash256& fingerprint) { return std::string(as_text(fingerprint)); }

}  // namespace

Result<Certificate> KnownCertificates::parse(ByteView der) const {
  if (auto known = kept_.find(name_of(crypto::sha256(der)))) return std::move(*known);
  return Certificate::from_der(der);
}

Result<std::vector<Certificate>> KnownCertificates::parse(const std::vector<Bytes>& chain) const {
  TF_CHECK(check_chain_length(chain.size()));
  std::vector<Certificate> out;
  for (const Bytes& der : chain) out.push_back(TF_TRY(parse(der)));
  return out;
}

void KnownCertificates::keep(const Certificate& certificate) { kept_.keep(name_of(certificate.fingerprint()), certificate); }

}  // namespace tf::pki
