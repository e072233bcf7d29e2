// What a platform is born with for its certificate authority: the issuing authorities, each by the root, the root's OCSP signer, and the
// profiles as files.
#pragma once
#include <string>
#include <vector>

#include "pki/issuer.hpp"
#include "platform/certificates.hpp"
#include "vault/vault.hpp"

namespace tf::platform {

struct AuthorityKind {
  std::string_view name;  // "users"; certificates of kind "authority-users", key "pki.users" in the vault
  std::string_view title;
  std::vector<pki::Usage> usages;
};
std::vector<AuthorityKind> issuing_authorities();

// The root signs; keys are made in the vault.
Result<std::vector<OwnCertificate>> found_authorities(const pki::Issuer& root, vault::Vault& vault, std::int64_t now_ms, Random& random);
// A new key and the name it has in the vault.
Result<std::pair<std::string, crypto::PublicKey>> make_root_ocsp_key(vault::Vault& vault, std::int64_t now_ms);
Status install_profiles(const std::string& directory);

}  // namespace tf::platform
