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
    if (kind == std::string(kind::authority_prefix) + std::string(one.name)) return one;
  return std::nullopt;
}

Error refused(const std::string& detail) { return Error{Code::refused, "work.kind", detail}; }

}  // namespace

bool is_root_item(std::string_view kind) { return kind == kind::ocsp_root || authority_kind(kind); }

Result<std::vector<RootItem>> request_root_items(Context& context) {
  std::vector<RootItem> out;
  auto [name, key] = TF_TRY(make_root_ocsp_key(context.vault, context.clock.now_ms()));
  out.push_back({std::string(kind::ocsp_root), std::move(name), key.spki()});
  for (const AuthorityKind& one : issuing_authorities()) {
    const std::string kind = std::string(kind::authority_prefix) + std::string(one.name);
    if (context.certificates.current(kind)) continue;
    const std::string key_name = std::string(key_name::authority_prefix) + std::string(one.name);
    auto there = context.vault.public_key(key_name);
    if (!there) there = context.vault.generate(key_name, crypto::KeyKind::p256, 0, vault::Purpose::certificate);
    out.push_back({kind, key_name, TF_TRY(std::move(there)).spki()});
  }
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
  if (!authority || !certificate.is_ca() || !std::ranges::all_of(authority->usages, [&](pki::Usage usage) { return certificate.has_usage(usage); }))
    return refused("not a certificate for \"" + std::string(kind) + "\"");
  return {};
}

void take_root_items(Context& context) {
  if (context.authority != nullptr) context.authority->put_offline_delegates(root_delegates(context.certificates));
}

}  // namespace tf::platform
