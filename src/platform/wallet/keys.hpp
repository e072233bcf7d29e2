// The platform's own keys for wallet, in the vault, and their certificates, which phones check up to their pinned root: what phones
// encrypt to (P-256 and RSA), and what signs results. The name of a key is its kid. Certificates are renewed at half of their life.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "ca/certificate_authority.hpp"
#include "platform/context.hpp"
#include "protocols/wallet/messages.hpp"

namespace tf::platform {

namespace wallet_key {
inline constexpr const char* encryption_p256 = "wallet.p256";
inline constexpr const char* encryption_rsa = "wallet.rsa";
inline constexpr const char* results = "wallet.results";
}  // namespace wallet_key

class WalletKeys {
 public:
  // Makes what is missing. Profiles "wallet-encryption", "wallet-encryption-rsa" and "wallet-results" issue the certificates.
  static Result<std::unique_ptr<WalletKeys>> open(Context& context, ca::CertificateAuthority& authority, std::string platform);

  // For a kid that phones encrypt to; nothing for any other name.
  [[nodiscard]] std::optional<std::pair<std::string, crypto::KeyKind>> encryption_key(std::string_view kid) const;
  [[nodiscard]] std::string result_key() const { return wallet_key::results; }
  // The body of GET keys.
  [[nodiscard]] Result<std::string> published() const;
  Status renew();

 private:
  WalletKeys(Context& context, ca::CertificateAuthority& authority, std::string platform)
      : context_(context), authority_(authority), platform_(std::move(platform)) {}
  Result<wallet::PublishedChain> chain_of(const std::string& key);

  Context& context_;
  ca::CertificateAuthority& authority_;
  const std::string platform_;
  mutable std::mutex mutex_;
  std::string published_;
  std::int64_t renew_ms_ = 0;  // the first half-life that ends
};

}  // namespace tf::platform
