#include "protocols/wallet/keys.hpp"

#include "crypto/digest.hpp"
#include "wire/encoding.hpp"
#include "wire/fields.hpp"

namespace tf::wallet {

using wire::FieldWriter;

Secret<32> derive(const Secret<32>& key, std::string_view salt, std::string_view label, ByteView context) {
  return crypto::hkdf_expand<32>(crypto::hkdf_extract(as_bytes(salt), key.reveal()), label, context);
}

SecretBytes as_password(const Secret<32>& key) {
  std::string text = wire::hex_lower(key.reveal());
  SecretBytes out{as_bytes(text)};
  wipe(text.data(), text.size());
  return out;
}

Bytes activating_fields(std::string_view label, const Activating& what, ByteView answer) {
  return FieldWriter().field(label).field(what.platform).field(what.registration).field(what.number).field(what.thumbprint).field(what.nonce_p)
      .field(answer).take();
}

namespace {

Bytes session_context(const SessionBinding& binding) {
  return FieldWriter().field(binding.platform).field(binding.number).field(binding.thumbprint).field(binding.phone_point)
      .field(binding.platform_point).take();
}

}  // namespace

Secret<32> session_seal_key(const Secret<32>& r, const Secret<32>& shared, const SessionBinding& binding) {
  SecretBytes both(64);
  std::ranges::copy(r.reveal(), both.reveal_mutable().begin());
  std::ranges::copy(shared.reveal(), both.reveal_mutable().begin() + 32);
  return crypto::hkdf_expand<32>(crypto::hkdf_extract(as_bytes(binding.nonce_p), both.reveal()), label::session, session_context(binding));
}

Hash256 session_digest(const Secret<32>& r, const SessionBinding& binding, std::string_view session, ByteView message_key, ByteView pin_key) {
  const Bytes before = FieldWriter().field(label::session_digest).field(session_context(binding)).field(binding.nonce_p).field(session).take();
  SecretBytes fields(before.size() + 64);
  auto at = std::ranges::copy(before, fields.reveal_mutable().begin()).out;
  at = std::ranges::copy(message_key, at).out;
  std::ranges::copy(pin_key, at);
  return crypto::hmac_sha256(r.reveal(), fields.reveal());
}

Bytes classic_login_fields(const Secret<32>& r, std::string_view platform, std::string_view number, const SecretBytes& password, std::int64_t time_ms) {
  // Only its hash leaves this room (a signature); the password goes in hashed with R, so that no copy stays behind.
  const Hash256 bound = crypto::hmac_sha256(r.reveal(), password.reveal());
  return FieldWriter().field(label::classic_login).field(platform).field(crypto::sha256(r.reveal())).field(number).field(bound)
      .number(static_cast<std::uint64_t>(time_ms)).take();
}

Bytes classic_pay_fields(const ClassicPayment& payment) {
  FieldWriter writer;
  writer.field(label::classic_pay).field(payment.order).field(payment.number).field(payment.content);
  if (payment.pin_block) {
    writer.field(*payment.pin_block);
  } else {
    writer.field(std::string_view());
  }
  return writer.take();
}

Bytes classic_inquiry_fields(const ClassicInquiry& inquiry) {
  return FieldWriter().field(label::classic_inquiry).field(inquiry.order).field(inquiry.number).field(inquiry.refund)
      .number(static_cast<std::uint64_t>(inquiry.amount)).number(static_cast<std::uint64_t>(inquiry.time_ms)).field(inquiry.nonce_t).take();
}

}  // namespace tf::wallet
