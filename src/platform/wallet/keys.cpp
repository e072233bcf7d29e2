#include "platform/wallet/keys.hpp"

#include <algorithm>

namespace tf::platform {
namespace {

constexpr int kWalletRsaBits = 3072;
constexpr const char* kEncryptionKeys[] = {wallet_key::encryption_p256, wallet_key::encryption_rsa};

Status ensure(vault::Vault& vault, const char* name, crypto::KeyKind kind, vault::Purpose purpose) {
  if (vault.public_key(name)) return {};
  return TF_TRY(vault.generate(name, kind, kWalletRsaBits, purpose)), Status();
}

std::string profile_of(const std::string& key) {
  if (key == wallet_key::results) return "wallet-results";
  return key == wallet_key::encryption_rsa ? "wallet-encryption-rsa" : "wallet-encryption";
}

}  // namespace

Result<std::unique_ptr<WalletKeys>> WalletKeys::open(Context& context, ca::CertificateAuthority& authority, std::string platform) {
  TF_CHECK(ensure(context.vault, wallet_key::encryption_p256, crypto::KeyKind::p256, vault::Purpose::agree));
  TF_CHECK(ensure(context.vault, wallet_key::encryption_rsa, crypto::KeyKind::rsa, vault::Purpose::decrypt));
  TF_CHECK(ensure(context.vault, wallet_key::results, crypto::KeyKind::p256, vault::Purpose::sign));
  std::unique_ptr<WalletKeys> out(new WalletKeys(context, authority, std::move(platform)));
  TF_CHECK(out->renew());
  return out;
}

std::optional<std::pair<std::string, crypto::KeyKind>> WalletKeys::encryption_key(std::string_view kid) const {
  for (const char* name : kEncryptionKeys)
    if (kid == name) return std::pair(std::string(name), kid == wallet_key::encryption_rsa ? crypto::KeyKind::rsa : crypto::KeyKind::p256);
  return std::nullopt;
}

Result<std::string> WalletKeys::published() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

// The newest certificate that has half of its life before it, or a new one.
Result<wallet::PublishedChain> WalletKeys::chain_of(const std::string& key) {
  const std::string holder = "platform:" + key;
  const std::int64_t now = context_.clock.now_ms();
  std::optional<ca::Record> best;
  for (const ca::Record& record : TF_TRY(authority_.list({.holder = holder, .state = ca::State::issued, .limit = 1000})))
    if (!best || record.not_after_ms > best->not_after_ms) best = record;
  const auto half = [](std::int64_t from, std::int64_t to) { return from + (to - from) / 2; };
  Bytes der;
  std::string issuer;
  std::int64_t renew_at = 0;
  if (best && now < half(best->not_before_ms, best->not_after_ms)) {
    der = TF_TRY(authority_.show(best->serial_hex)).der;
    issuer = best->authority;
    renew_at = half(best->not_before_ms, best->not_after_ms);
  } else {
    auto issued = TF_TRY(authority_.issue({.profile = profile_of(key), .holder = holder, .names = {.subject = {{"commonName", platform_}}, .alternative = {}},
                                           .key = TF_TRY(context_.vault.public_key(key)), .actor = "system"}));
    der = std::move(issued.der);
    issuer = issued.authority;
    renew_at = half(issued.not_before_ms, issued.not_after_ms);
  }
  renew_ms_ = renew_ms_ == 0 ? renew_at : std::min(renew_ms_, renew_at);
  return wallet::PublishedChain{.kid = key, .chain = {std::move(der), TF_TRY(authority_.authority(issuer)).certificate.der()}};
}

Status WalletKeys::renew() {
  const std::lock_guard lock(mutex_);
  if (!published_.empty() && context_.clock.now_ms() < renew_ms_) return {};
  renew_ms_ = 0;
  wallet::PlatformKeys keys{.platform = platform_, .encryption = {}, .results = {}};
  for (const char* name : kEncryptionKeys) keys.encryption.push_back(TF_TRY(chain_of(name)));
  keys.results.push_back(TF_TRY(chain_of(wallet_key::results)));
  published_ = wallet::encode(keys);
  return {};
}

}  // namespace tf::platform
