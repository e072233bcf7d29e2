#include "platform/access/keys.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/jose/jose.hpp"

namespace tf::platform {
namespace {

constexpr std::string_view kP256 = "access.p256.";
constexpr std::string_view kRsa = "access.rsa.";
constexpr std::string_view kTicket = "access.ticket.";
constexpr int kRsaBits = 3072;

Status make(vault::Vault& vault, std::string_view prefix, std::int64_t number) {
  const std::string name = fmt::format("{}{}", prefix, number);
  if (prefix == kRsa) return TF_TRY(vault.generate(name, crypto::KeyKind::rsa, kRsaBits, vault::Purpose::decrypt)), Status();
  const auto purpose = prefix == kP256 ? vault::Purpose::agree : vault::Purpose::sign;
  return TF_TRY(vault.generate(name, crypto::KeyKind::p256, 0, purpose)), Status();
}

// Names are numbered by time, so that the longest and then the greatest is the newest.
bool newer(const std::string& a, const std::string& b) { return a.size() != b.size() ? a.size() > b.size() : a > b; }

std::string set_of(const std::vector<vault::KeyInfo>& keys, std::string_view prefix, std::string_view other, std::string_view use) {
  std::string out = R"({"keys":[)";
  for (const vault::KeyInfo& key : keys) {
    if (!key.name.starts_with(prefix) && (other.empty() || !key.name.starts_with(other))) continue;
    if (out.back() != '[') out += ',';
    out += crypto::jwk_of(key.public_key, key.name, use, use == "sig" ? "ES256" : key.kind == crypto::KeyKind::rsa ? "RSA-OAEP-256" : "ECDH-ES+A256KW");
  }
  return out + "]}";
}

}  // namespace

Status ensure_access_keys(vault::Vault& vault) {
  const auto keys = TF_TRY(vault.list());
  for (const std::string_view prefix : {kP256, kRsa, kTicket})
    if (std::ranges::none_of(keys, [&](const vault::KeyInfo& key) { return key.name.starts_with(prefix); })) TF_CHECK(make(vault, prefix, 1));
  return {};
}

Status rotate_access_keys(vault::Vault& vault, std::int64_t now_ms) {
  for (const std::string_view prefix : {kP256, kRsa, kTicket}) TF_CHECK(make(vault, prefix, now_ms));
  return {};
}

std::optional<std::pair<std::string, crypto::KeyKind>> access_platform_key(const vault::Vault& vault, std::string_view kid) {
  if (!kid.starts_with(kP256) && !kid.starts_with(kRsa)) return std::nullopt;
  const auto key = vault.public_key(kid);
  if (!key) return std::nullopt;
  return std::pair{std::string(kid), key->kind()};
}

Result<std::string> newest_ticket_key(const vault::Vault& vault) {
  std::string out;
  for (const vault::KeyInfo& key : TF_TRY(vault.list()))
    if (key.name.starts_with(kTicket) && (out.empty() || newer(key.name, out))) out = key.name;
  if (out.empty()) return Error{Code::internal, "access.no_ticket_key", "the vault has no key for tickets"};
  return out;
}

Result<std::string> access_key_set(const vault::Vault& vault) { return set_of(TF_TRY(vault.list()), kP256, kRsa, "enc"); }
Result<std::string> ticket_key_set(const vault::Vault& vault) { return set_of(TF_TRY(vault.list()), kTicket, "", "sig"); }

}  // namespace tf::platform
