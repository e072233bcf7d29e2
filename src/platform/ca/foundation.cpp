#include "platform/ca/foundation.hpp"

#include <filesystem>

#include "base/file.hpp"
#include "ca/profiles.hpp"
#include "pki/issue.hpp"
#include "platform/ca/default_profiles.hpp"

namespace tf::platform {
namespace {

Result<const DefaultProfile*> shipped(const std::string& name) {
  for (const DefaultProfile& one : default_profiles())
    if (TF_TRY(pki::parse_profile(one.text)).name == name) return &one;
  return Error{Code::not_found, "pki.no_default_profile", "no profile \"" + name + "\" comes with this version"};
}

std::string file_of(const Context& context, const DefaultProfile& profile) { return context.profiles_directory + "/" + profile.file; }

Status check_addable(const Context& context, const std::string& name) {
  if (context.profiles_directory.empty()) return Error{Code::unavailable, "pki.not_serving", "the certificate authority is not open in this process"};
  const pki::Profile profile = TF_TRY(default_profile(name));
  if (TF_TRY(ca::load_profiles(context.profiles_directory)).contains(name) || std::filesystem::exists(file_of(context, *TF_TRY(shipped(name)))))
    return Error{Code::conflict, "pki.profile_there", "the profile " + name + ", or a file of its name, is there already"};
  const auto authority = context.certificates.current(kind_of_authority(profile.authority));
  if (!authority) return Error{Code::refused, "pki.profile_issuer", "the platform has no authority \"" + profile.authority + "\": work request --authorities-only asks the root for it"};
  return pki::check_profile(profile, authority->certificate, context.clock.now_ms());
}

}  // namespace

// Users' certificates are for signing, encrypting, logging on: no extended key usage of the authority fits them all, and without one
// nothing below it passes for a terminal, an operator or the platform (pki/path/rules.hpp).
std::vector<AuthorityKind> issuing_authorities() {
  return {{"devices", "Trustferry devices CA", {pki::Usage::tls_client}}, {"users", "Trustferry users CA", {}}, {"servers", "Trustferry servers CA", {pki::Usage::tls_server}},
          {"platform", "Trustferry platform CA", {pki::Usage::wallet_encryption, pki::Usage::wallet_results, pki::Usage::cardsign_server}},
          {"modules", "Trustferry modules CA", {pki::Usage::onboard_module, pki::Usage::onboard_module_decryption}},
          // Its servers speak to each other: each is server and client.
          {"onboard", "Trustferry onboard CA",
           {pki::Usage::onboard_operator, pki::Usage::onboard_issuer, pki::Usage::onboard_registration, pki::Usage::onboard_access, pki::Usage::tls_server,
            pki::Usage::tls_client}},
          // Smart cards: what they sign payments with, and what they log on with. Nothing else: their usages pass nowhere but here.
          {"cards", "Trustferry cards CA", {pki::Usage::cardsign_payment, pki::Usage::cardsign_hash, pki::Usage::tls_client}}};
}

Result<std::pair<std::string, crypto::PublicKey>> make_root_ocsp_key(vault::Vault& vault, std::int64_t now_ms) {
  std::string name = std::string(key_name::ocsp_root) + "." + std::to_string(now_ms);
  auto key = TF_TRY(vault.generate(name, crypto::KeyKind::p256, 0, vault::Purpose::sign));
  return std::pair(std::move(name), std::move(key));
}

Result<std::vector<OwnCertificate>> found_authorities(const pki::Issuer& root, vault::Vault& vault, std::int64_t now_ms, Random& random) {
  std::vector<OwnCertificate> out;
  for (const AuthorityKind& one : issuing_authorities()) {
    const std::string name = std::string(key_name::authority_prefix) + std::string(one.name);
    const auto key = TF_TRY(vault.generate(name, crypto::KeyKind::p256, 0, vault::Purpose::certificate));
    out.push_back({kind_of_authority(one.name), name,
                   TF_TRY(pki::issue_authority(root, one.title, one.usages, key, {now_ms, pki::kAuthorityDays}, random))});
  }
  const auto [name, key] = TF_TRY(make_root_ocsp_key(vault, now_ms));
  out.push_back({std::string(kind::ocsp_root), name, TF_TRY(pki::issue_ocsp_signer(root, "OCSP for the root", key, {now_ms, pki::kRootOcspSignerDays}, random))});
  return out;
}

Status install_profiles(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return Error{Code::unavailable, "platform.directory", "cannot make " + directory + ": " + error.message()};
  for (const DefaultProfile& one : default_profiles()) TF_CHECK(write_file_atomic(directory + "/" + one.file, as_bytes(std::string_view(one.text)), 0644));
  return {};
}

Result<std::vector<std::string>> missing_profiles(const std::string& directory) {
  const ca::Profiles there = TF_TRY(ca::load_profiles(directory));
  std::vector<std::string> out;
  for (const DefaultProfile& one : default_profiles())
    if (const auto profile = TF_TRY(pki::parse_profile(one.text)); !there.contains(profile.name)) out.push_back(profile.name);
  return out;
}

Result<pki::Profile> default_profile(const std::string& name) { return pki::parse_profile(TF_TRY(shipped(name))->text); }

Status write_default_profile(Context& context, const std::string& name) {
  TF_CHECK(check_addable(context, name));
  const DefaultProfile& profile = *TF_TRY(shipped(name));
  return write_file_atomic(file_of(context, profile), as_bytes(std::string_view(profile.text)), 0644);
}

Status add_default_profile(Context& context, const std::string& actor, const std::string& name) {
  TF_CHECK(check_addable(context, name));
  TF_CHECK(perform_act(context, {actor, "pki.profile", name}, [](store::Session&) -> Status { return {}; }));
  return write_default_profile(context, name);
}

}  // namespace tf::platform
