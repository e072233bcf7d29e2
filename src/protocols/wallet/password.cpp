#include "protocols/wallet/password.hpp"

#include "crypto/digest.hpp"
#include "protocols/wallet/keys.hpp"
#include "wire/fields.hpp"

namespace tf::wallet {
namespace {

// Fields with secrets in them, wiped when they are done with.
class SecretFields {
 public:
  SecretFields& field(ByteView bytes) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    SecretBytes longer(content_.size() + 4 + bytes.size());
    const auto out = longer.reveal_mutable();
    std::ranges::copy(content_.reveal(), out.begin());
    for (std::size_t i = 0; i < 4; ++i) out[content_.size() + i] = static_cast<std::uint8_t>(size >> (24 - 8 * i));
    std::ranges::copy(bytes, out.begin() + static_cast<std::ptrdiff_t>(content_.size()) + 4);
    content_ = std::move(longer);
    return *this;
  }
  SecretFields& field(std::string_view text) { return field(as_bytes(text)); }
  [[nodiscard]] const SecretBytes& bytes() const { return content_; }

 private:
  SecretBytes content_;
};

}  // namespace

Status check_password(const SecretBytes& password) {
  if (password.size() >= 8 && password.size() <= 64) return {};
  return Error{Code::invalid, "wallet.password", "a password has 8 to 64 bytes"};
}

Result<Verifier> make_verifier(const SecretBytes& password, crypto::ScryptCost cost, Random& random) {
  TF_CHECK(check_password(password));
  const auto salt = random.array<16>();
  return Verifier{salt, TF_TRY(crypto::scrypt(password, salt, cost))};
}

Result<bool> verifies(const Verifier& verifier, const SecretBytes& password, crypto::ScryptCost cost) {
  return TF_TRY(crypto::scrypt(password, verifier.salt, cost)) == verifier.hash;
}

Result<Secret<32>> codes_key(std::string_view platform, std::string_view registration, const SecretBytes& registration_code,
                             const SecretBytes& confirmation_code, crypto::ScryptCost cost) {
  SecretFields codes;
  codes.field(registration_code.reveal()).field(confirmation_code.reveal());
  const Bytes salt = wire::FieldWriter().field(label::codes).field(platform).field(registration).take();
  return crypto::scrypt(codes.bytes(), salt, cost);
}

Secret<32> info3_key(const Subscriber& subscriber, const SecretBytes& password) {
  SecretFields fields;
  fields.field(label::info3).field(subscriber.number).field(subscriber.imei).field(subscriber.iccid).field(password.reveal());
  auto hash = crypto::sha256(fields.bytes().reveal());
  Secret<32> out{std::span<const std::uint8_t, 32>(hash)};
  wipe(hash.data(), hash.size());
  return out;
}

}  // namespace tf::wallet
