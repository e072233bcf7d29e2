#include "platform/ca/root_items.hpp"

#include <algorithm>

#include "ca/certificate_authority.hpp"
#include "pki/issue.hpp"
#include "pki/ocsp/response.hpp"
#include "platform/ca/foundation.hpp"
#include "platform/ca/office.hpp"

namespace tf::platform {
namespace {

std::optional<AuthorityKind> authority_kind(std::string_view kind) {
  for (const AuthorityKind& one : issuing_authorities())
    if (kind == kind_of_authority(one.name)) return one;
  return std::nullopt;
}

Error refused(const std::string& detail) { return Error{Code::refused, "work.kind", detail}; }

bool has_all_usages(const AuthorityKind& authority, const pki::Certificate& certificate) {
  return std::ranges::all_of(authority.usages, [&](pki::Usage usage) { return certificate.has_usage(usage); });
}

bool is_missing(const AuthorityKind& authority, const Certificates& certificates) {
  const auto own = certificates.current(kind_of_authority(authority.name));
  return !own || !has_all_usages(authority, own->certificate);
}

}  // namespace

bool is_root_item(std::string_view kind) { return kind == kind::ocsp_root || authority_kind(kind); }

std::vector<std::string> missing_authorities(const Certificates& certificates) {
  std::vector<std::string> out;
  for (const AuthorityKind& one : issuing_authorities())
    if (is_missing(one, certificates)) out.emplace_back(one.name);
  return out;
}

Result<std::vector<RootItem>> request_missing_authorities(Context& context) {
  std::vector<RootItem> out;
  for (const std::string& name : missing_authorities(context.certificates)) {
    const std::string key_name = std::string(key_name::authority_prefix) + name;
    auto there = context.vault.public_key(key_name);
    if (!there) there = context.vault.generate(key_name, crypto::KeyKind::p256, 0, vault::Purpose::certificate);
    out.push_back({kind_of_authority(name), key_name, TF_TRY(std::move(there)).spki()});
  }
  return out;
}

Result<std::vector<RootItem>> request_root_items(Context& context) {
  std::vector<RootItem> out;
  auto [name, key] = TF_TRY(make_root_ocsp_key(context.vault, context.clock.now_ms()));
  out.push_back({std::string(kind::ocsp_root), std::move(name), key.spki()});
  for (RootItem& item : TF_TRY(request_missing_authorities(context))) out.push_back(std::move(item));
  return out;
}

Result<pki::Certificate> sign_root_item(const pki::Issuer& root, std::string_view kind, const crypto::PublicKey& key, std::int64_t now_ms, Random& random) {
  if (kind == kind::ocsp_root) return pki::issue_ocsp_signer(root, "OCSP for the root", key, {now_ms, pki::kRootOcspSignerDays}, random);
  const auto authority = authority_kind(kind);
  if (!authority) return refused("the root signs no \"" + std::string(kind) + "\"");
  return pki::issue_authority(root, authority->title, authority->usages, key, {now_ms, pki::kAuthorityDays}, random);
}

Status check_root_item(std::string_view kind, const pki::Certificate& certificate, const pki::Certificate& root, std::int64_t now_ms) {
  if (!certificate.is_issued_by(root)) return refused("a certificate of another issuer than our root");
  if (kind == kind::ocsp_root) return pki::ocsp::check_responder(certificate, root, now_ms);
  if (now_ms < certificate.not_before_ms() || certificate.not_after_ms() <= now_ms) return refused("an authority's certificate that is not valid now");
  const auto authority = authority_kind(kind);
  if (!authority || !certificate.is_ca() || !has_all_usages(*authority, certificate))
    return refused("not a certificate for \"" + std::string(kind) + "\"");
  return {};
}

Status take_root_items(Context& context, const std::vector<std::string>& kinds) {
  if (context.authority != nullptr) context.authority->put_offline_delegates(root_delegates(context.certificates));
  if (context.profiles_directory.empty()) return {};
  for (const std::string& name : TF_TRY(missing_profiles(context.profiles_directory))) {
    const std::string authority = TF_TRY(default_profile(name)).authority;
    if (std::ranges::find(kinds, kind_of_authority(authority)) != kinds.end()) TF_CHECK(write_default_profile(context, name));
  }
  return {};
}

}  // namespace tf::platform
