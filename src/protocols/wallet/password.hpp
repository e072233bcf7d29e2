// Passwords and codes, stretched by scrypt (RFC 7914). The platform knows a password by its verifier only.
#pragma once
#include "base/ports.hpp"
#include "crypto/keys.hpp"
#include "protocols/wallet/identity.hpp"

namespace tf::wallet {

// 16 MiB and about 0.15 s of a core (OWASP's smallest but one); codes are stretched at the same cost.
inline constexpr crypto::ScryptCost kPasswordCost{.n = 1 << 14, .r = 8, .p = 5};

struct Verifier {
  ByteArray<16> salt{};
  Secret<32> hash;  // scrypt(password, salt)

  [[nodiscard]] Verifier clone() const { return {salt, hash.clone()}; }
};

// Code::invalid "wallet.password": a password has 8 to 64 bytes.
Status check_password(const SecretBytes& password);
Result<Verifier> make_verifier(const SecretBytes& password, crypto::ScryptCost cost, Random& random);
// Constant time; false for another password.
Result<bool> verifies(const Verifier& verifier, const SecretBytes& password, crypto::ScryptCost cost);

// The key of both codes: scrypt over their length-prefixed fields, salted with platform and registration.
Result<Secret<32>> codes_key(std::string_view platform, std::string_view registration, const SecretBytes& registration_code,
                             const SecretBytes& confirmation_code, crypto::ScryptCost cost);
// info3 as 32 bytes: SHA-256 of label, number, IMEI, ICCID, password. What opens a certificate file is derived from it.
Secret<32> info3_key(const Subscriber& subscriber, const SecretBytes& password);

}  // namespace tf::wallet
