// The derivations of rki, pure functions. Names as in the source: DIK1, DIK2, AT, TK1, TK2, TK.
#pragma once
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "protocols/rki/suite.hpp"

namespace tf::rki {

inline constexpr std::size_t kAtSize = 24;          // S308
inline constexpr std::size_t kClassicTkSize = 24;   // classic TK1, TK2, TK
inline constexpr std::size_t kModernTkSize = 32;    // modern TK1, TK2, TK
inline constexpr std::size_t kFactorMin = 8;        // bytes
inline constexpr std::size_t kFactorMax = 64;

// --- DIK2, the device's own key -----------------------------------------------------------------------------------
// Source [0049]: DATA1 = SHA-256(DSN)[0..24), KEY1 = TDES-ECB-encrypt(DIK1, DATA1), DATA2 = SHA-256(factor)[0..24),
// DIK2 = TDES-ECB-decrypt(KEY1, DATA2). No parity adjustment. In two halves, as the first happens inside the vault.
ByteArray<24> classic_data1(std::string_view dsn);
Result<SecretBytes> classic_dik2_from_key1(const SecretBytes& key1, ByteView factor);
Result<SecretBytes> classic_dik2(ByteView dik1, std::string_view dsn, ByteView factor);
// HKDF-Expand(DIK1, "rki dik2" ‖ field(DSN) ‖ field(factor), 32), which is one HMAC-SHA256 under DIK1 of this message.
Bytes modern_dik2_message(std::string_view dsn, ByteView factor);
Secret<32> modern_dik2(const Secret<32>& dik1, std::string_view dsn, ByteView factor);

// --- classic ------------------------------------------------------------------------------------------------------
// Keys apart from DIK2 for S310: HMAC-SHA256(DIK2, label), the first 24 bytes for TDES.
struct ClassicTokenKeys {
  SecretBytes encryption;  // 24 bytes
  Secret<32> mac;
};
ClassicTokenKeys classic_token_keys(const SecretBytes& dik2);
// IV(8) ‖ TDES-CBC(AT ‖ TK1) ‖ HMAC-SHA256(transcript ‖ IV ‖ ciphertext)
Result<Bytes> classic_seal_token(const SecretBytes& dik2, const Hash256& transcript, const ByteArray<8>& iv,
                                 const SecretBytes& at_tk1);
Result<SecretBytes> classic_open_token(const SecretBytes& dik2, const Hash256& transcript, ByteView token);

// --- modern -------------------------------------------------------------------------------------------------------
// The key under which the factor travels: HKDF(Z, salt = transcript, "rki factor").
Secret<32> modern_factor_key(const Secret<32>& z, const Hash256& transcript);
// K = HKDF-Extract(salt = transcript including the proof, Z ‖ DIK2)
Secret<32> modern_k(const Secret<32>& z, const Secret<32>& dik2, const Hash256& transcript);
// HKDF-Expand(K, label ‖ transcript, 32)
Secret<32> modern_subkey(const Secret<32>& k, std::string_view label, const Hash256& transcript);

// --- the transport key and what hangs from it ---------------------------------------------------------------------
SecretBytes xor_components(const SecretBytes& tk1, const SecretBytes& tk2);
// modern: HKDF-Expand(HKDF-Extract(salt = TK1 xor TK2, K), "rki tk" ‖ transcript, 32)
SecretBytes modern_tk(const Secret<32>& k, const SecretBytes& tk1_xor_tk2, const Hash256& transcript);

// A key derived from TK for one purpose in this conversation. classic: HMAC-SHA256(TK, label ‖ transcript);
// modern: HKDF-Expand(TK, label ‖ transcript, 32).
Secret<32> transport_subkey(Suite suite, const SecretBytes& tk, std::string_view label, const Hash256& transcript);
// The KBPK of a delivery: the first 24 (classic) or all 32 bytes (modern) of the subkey "rki kbpk".
SecretBytes transport_kbpk(Suite suite, const SecretBytes& tk, const Hash256& transcript);

}  // namespace tf::rki
