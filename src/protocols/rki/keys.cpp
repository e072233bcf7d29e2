#include "protocols/rki/keys.hpp"

#include <algorithm>

#include "crypto/block_cipher.hpp"
#include "crypto/digest.hpp"
#include "wire/fields.hpp"

namespace tf::rki {
namespace {

using crypto::BlockCipher;
using crypto::Direction;

ByteArray<24> first24(const Hash256& hash) {
  ByteArray<24> out;
  std::copy_n(hash.begin(), out.size(), out.begin());
  return out;
}

Bytes labelled(std::string_view label, ByteView context) {
  Bytes out = to_bytes(as_bytes(label));
  append(out, context);
  return out;
}

Secret<32> secret_hmac(ByteView key, ByteView message) {
  Hash256 mac = crypto::hmac_sha256(key, message);
  Secret<32> out{std::span<const std::uint8_t, 32>(mac)};
  wipe(mac.data(), mac.size());
  return out;
}

}  // namespace

ByteArray<24> classic_data1(std::string_view dsn) { return first24(crypto::sha256(as_bytes(dsn))); }

Result<SecretBytes> classic_dik2_from_key1(const SecretBytes& key1, ByteView factor) {
  return crypto::ecb(BlockCipher::tdes, Direction::decrypt, key1.reveal(), first24(crypto::sha256(factor)));
}

Result<SecretBytes> classic_dik2(ByteView dik1, std::string_view dsn, ByteView factor) {
  if (dik1.size() != 24) return Error{Code::invalid, "rki.dik1_size", "DIK1 of the classic suite has 24 bytes"};
  const SecretBytes key1 = TF_TRY(crypto::ecb(BlockCipher::tdes, Direction::encrypt, dik1, classic_data1(dsn)));
  return classic_dik2_from_key1(key1, factor);
}

Bytes modern_dik2_message(std::string_view dsn, ByteView factor) {
  Bytes out = to_bytes(as_bytes("rki dik2"));
  append(out, wire::FieldWriter().field(dsn).field(factor).bytes());
  out.push_back(1);  // HKDF-Expand's first and only block
  return out;
}

Secret<32> modern_dik2(const Secret<32>& dik1, std::string_view dsn, ByteView factor) {
  return secret_hmac(dik1.reveal(), modern_dik2_message(dsn, factor));
}

ClassicTokenKeys classic_token_keys(const SecretBytes& dik2) {
  const Secret<32> encryption = secret_hmac(dik2.reveal(), as_bytes("rki classic token encryption"));
  return {SecretBytes(encryption.reveal().first<24>()), secret_hmac(dik2.reveal(), as_bytes("rki classic token mac"))};
}

Result<Bytes> classic_seal_token(const SecretBytes& dik2, const Hash256& transcript, const ByteArray<8>& iv,
                                 const SecretBytes& at_tk1) {
  const ClassicTokenKeys keys = classic_token_keys(dik2);
  Bytes out(iv.begin(), iv.end());
  const SecretBytes encrypted =
      TF_TRY(crypto::cbc(BlockCipher::tdes, Direction::encrypt, keys.encryption.reveal(), iv, at_tk1.reveal()));
  append(out, encrypted.reveal());
  append(out, crypto::hmac_sha256(keys.mac.reveal(), labelled(as_text(transcript), out)));
  return out;
}

Result<SecretBytes> classic_open_token(const SecretBytes& dik2, const Hash256& transcript, ByteView token) {
  const Error refused{Code::refused, "rki.token_not_authentic", "the token was not made with our DIK2 in this conversation"};
  if (token.size() != 8 + kAtSize + kClassicTkSize + 32) return refused;
  const ClassicTokenKeys keys = classic_token_keys(dik2);
  const ByteView sealed = token.first(token.size() - 32);
  if (!crypto::verify_hmac_sha256(keys.mac.reveal(), labelled(as_text(transcript), sealed), token.last(32))) return refused;
  return crypto::cbc(BlockCipher::tdes, Direction::decrypt, keys.encryption.reveal(), sealed.first(8), sealed.subspan(8));
}

Secret<32> modern_factor_key(const Secret<32>& z, const Hash256& transcript) {
  return crypto::hkdf_expand<32>(crypto::hkdf_extract(transcript, z.reveal()), "rki factor");
}

Secret<32> modern_k(const Secret<32>& z, const Secret<32>& dik2, const Hash256& transcript) {
  SecretBytes input(64);
  std::ranges::copy(z.reveal(), input.reveal_mutable().begin());
  std::ranges::copy(dik2.reveal(), input.reveal_mutable().begin() + 32);
  return crypto::hkdf_extract(transcript, input.reveal());
}

Secret<32> modern_subkey(const Secret<32>& k, std::string_view label, const Hash256& transcript) {
  return crypto::hkdf_expand<32>(k, label, transcript);
}

SecretBytes xor_components(const SecretBytes& tk1, const SecretBytes& tk2) {
  SecretBytes out = tk1.clone();
  const MutableByteView bytes = out.reveal_mutable();
  for (std::size_t i = 0; i < bytes.size() && i < tk2.size(); ++i) bytes[i] ^= tk2.reveal()[i];
  return out;
}

SecretBytes modern_tk(const Secret<32>& k, const SecretBytes& tk1_xor_tk2, const Hash256& transcript) {
  const Secret<32> prk = crypto::hkdf_extract(tk1_xor_tk2.reveal(), k.reveal());
  return SecretBytes(crypto::hkdf_expand<32>(prk, "rki tk", transcript).reveal());
}

Secret<32> transport_subkey(Suite suite, const SecretBytes& tk, std::string_view label, const Hash256& transcript) {
  if (suite == Suite::classic) return secret_hmac(tk.reveal(), labelled(label, transcript));
  Secret<32> out;
  crypto::hkdf_expand(tk.reveal(), label, transcript, out.reveal_mutable());
  return out;
}

SecretBytes transport_kbpk(Suite suite, const SecretBytes& tk, const Hash256& transcript) {
  const Secret<32> subkey = transport_subkey(suite, tk, "rki kbpk", transcript);
  SecretBytes out(subkey.reveal());
  if (suite == Suite::classic) out.shorten(24);
  return out;
}

}  // namespace tf::rki
