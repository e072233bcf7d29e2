// What the holder of a certificate may do with its key: the extended key usages that Trustferry knows. In a CA they say
// what the certificates below it may be for.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace tf::pki {

enum class Usage : std::uint8_t {
  key_distribution_host,  // work certificate: serves keys to the devices in its DSN ranges
  device,                 // a terminal, named by its DSN
  loader,                 // issues device certificates for the DSN ranges of its batch
  tls_server,
  tls_client,  // an operator; a device or user where the authority says so
  ocsp_signing,  // answers for the authority that issued it (RFC 6960 §4.2.2.2)
  wallet_encryption,  // a platform's key that phones encrypt to
  wallet_results,     // a platform's key that signs results of payments
  onboard_module,             // a secure module, named by its DSIM_ID: signs
  onboard_module_decryption,  // the same: opens what is sealed to it
  onboard_operator,           // a credentialing server of the operator that its common name names
  onboard_issuer,             // the operator's HSS: signs envelopes
  onboard_registration,       // a registration server: signs referrals
  onboard_access,             // a PHLR: signs access tokens
  cardsign_payment,           // a key of a smart card that signs payments it sees
  cardsign_hash,              // a key of a smart card that signs payments by their hash
  cardsign_server,            // a platform's key that signs what is shown before a card signs, and what came of it
};

std::string_view name_of(Usage usage);

class UsageSet {
 public:
  constexpr UsageSet() = default;
  constexpr UsageSet(std::initializer_list<Usage> usages) {
    for (const Usage usage : usages) add(usage);
  }
  constexpr void add(Usage usage) { bits_ = bits_ | std::uint32_t{1} << static_cast<unsigned>(usage); }
  [[nodiscard]] constexpr bool has(Usage usage) const { return (bits_ >> static_cast<unsigned>(usage) & 1U) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr bool within(UsageSet other) const { return (bits_ & ~other.bits_) == 0; }
  friend constexpr bool operator==(UsageSet, UsageSet) = default;

 private:
  std::uint32_t bits_ = 0;
};

}  // namespace tf::pki
