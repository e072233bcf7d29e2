// What a platform is born with for its certificate authority: the issuing authorities, each by the root, the root's OCSP signer, and the
// profiles as files.
#pragma once
#include <string>
#include <vector>

#include "pki/issuer.hpp"
#include "pki/profile/profile.hpp"
#include "platform/certificates.hpp"
#include "platform/context.hpp"
#include "vault/vault.hpp"

namespace tf::platform {

struct AuthorityKind {
  std::string_view name;  // "users"; certificates of kind "authority-users", key "pki.users" in the vault
  std::string_view title;
  std::vector<pki::Usage> usages;
};
std::vector<AuthorityKind> issuing_authorities();
inline std::string kind_of_authority(std::string_view name) { return std::string(kind::authority_prefix) + std::string(name); }

// The root signs; keys are made in the vault.
Result<std::vector<OwnCertificate>> found_authorities(const pki::Issuer& root, vault::Vault& vault, std::int64_t now_ms, Random& random);
// A new key and the name it has in the vault.
Result<std::pair<std::string, crypto::PublicKey>> make_root_ocsp_key(vault::Vault& vault, std::int64_t now_ms);
Status install_profiles(const std::string& directory);

// Of a platform that an earlier version made. Names of the profiles that init would install and the directory does not have.
Result<std::vector<std::string>> missing_profiles(const std::string& directory);
Result<pki::Profile> default_profile(const std::string& name);  // Code::not_found "pki.no_default_profile"
// Into the context's directory of profiles, in force from the next start on. Only one that the next start will take: Code::conflict
// "pki.profile_there"; Code::refused "pki.profile_issuer", also where its authority is missing.
Status write_default_profile(Context& context, const std::string& name);
// The same as an operator's act.
Status add_default_profile(Context& context, const std::string& actor, const std::string& name);

}  // namespace tf::platform
