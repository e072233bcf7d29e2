// What a wrapped symmetric key is and may do. The record fixes algorithm, size and purpose; all three and the row's
// place are authenticated with the key, so a row that was moved or re-labelled does not open (security rules 6 and 8).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "crypto/aka/key.hpp"
#include "crypto/banking/key_block.hpp"
#include "crypto/block_cipher.hpp"

namespace tf::vault {

enum class SymmetricAlgorithm {
  tdes,
  aes,
  hmac
};
enum class SymmetricPurpose {
  diversify,       // DIK1: derives other keys; hmac 32 bytes or tdes 24 bytes
  key_encryption,  // TMK: exported in a block, and wraps others in blocks; tdes or aes
  data,            // working keys (PIN, MAC, DATA): exported in blocks, nothing else; tdes or aes
  zone,            // KBPK shared with an acquirer: exports and imports blocks, never leaves; tdes or aes
  derive,          // DKey: HKDF makes keys of one purpose each from it; hmac 16 or 32 bytes
  component,       // one XOR part of a key; any algorithm
  pin,             // a session's PIN key: opens format 4 blocks inside translate_pin, nothing else; aes 16 or 32 bytes
  zone_pin,        // ZPK shared with an acquirer: translate_pin encrypts under it; tdes or aes
  zone_mac,        // ZAK shared with an acquirer: zone_mac; tdes 16 bytes (retail MAC) or aes (CMAC)
  subscription,    // of a subscriber of a mobile network: aka_vectors, open_auts; aes 32 bytes, K ‖ OPc of Milenage, or hmac 48, K ‖ TOPc of TUAK (it hashes)
  fingerprint,     // finds a row by what it keeps sealed: fingerprint; hmac 32 bytes
};
std::string_view name_of(SymmetricAlgorithm algorithm);
std::string_view name_of(SymmetricPurpose purpose);
// For rows read back: Code::integrity "vault.spec" for anything else than a name written by name_of.
Result<SymmetricAlgorithm> parse_symmetric_algorithm(std::string_view name);
Result<SymmetricPurpose> parse_symmetric_purpose(std::string_view name);

struct SymmetricSpec {
  SymmetricAlgorithm algorithm = SymmetricAlgorithm::aes;
  std::size_t size = 32;  // bytes: tdes 16 or 24; aes 16, 24 or 32; hmac 32, for derive also 16, for subscription 48; some purposes fewer
  SymmetricPurpose purpose = SymmetricPurpose::data;

  SymmetricSpec() = default;
  SymmetricSpec(SymmetricAlgorithm of, std::size_t bytes, SymmetricPurpose what_for)
      : algorithm(of), size(bytes), purpose(what_for) {}
  SymmetricSpec(crypto::BlockCipher of, std::size_t bytes, SymmetricPurpose what_for)
      : SymmetricSpec(of == crypto::BlockCipher::tdes ? SymmetricAlgorithm::tdes : SymmetricAlgorithm::aes, bytes,
                      what_for) {}
  friend bool operator==(const SymmetricSpec&, const SymmetricSpec&) = default;
};

// Of a subscription's key.
SymmetricSpec subscription_spec(crypto::AkaAlgorithm algorithm);

// Where the wrapped key is kept.
struct RowId {
  std::string table;
  std::string id;
  std::int64_t version = 0;
  friend bool operator==(const RowId&, const RowId&) = default;
};

// --- rules every vault keeps --------------------------------------------------------------------------------------
// Code::invalid "vault.spec" when that combination of algorithm, size and purpose does not exist.
Status check_spec(const SymmetricSpec& spec);
// The one gate through which key bytes enter a vault: the size is the spec's, TDES keys are not degenerate and no key
// is all zero (Code::refused "vault.degenerate_key"); TDES keys get odd parity, components stay as they are.
Status admit(const SymmetricSpec& spec, SecretBytes& key);
// Check value, 6 upper-case hex digits: TDES and AES as in crypto/banking/key_check_value.hpp; hmac: the first 3 bytes of
// HMAC-SHA256(key, "trustferry kcv").
Result<std::string> check_value(const SymmetricSpec& spec, ByteView key);
// Associated data of a row: KEK, place and spec; of a data row: KEK and place, under a label of its own, so that neither
// opens as the other.
Bytes row_aad(std::string_view kek, const SymmetricSpec& spec, const RowId& row);
Bytes record_aad(std::string_view kek, const RowId& row);

// The protecting side of a key block: Code::invalid "vault.block_version" when a KBPK of that cipher cannot make that
// version (A, B, C: TDES; D: AES).
Status check_block_version(const crypto::KeyBlockHeader& header, SymmetricAlgorithm kbpk);
// The protected side: Code::refused "vault.wrong_purpose" for a purpose that does not travel in blocks,
// "vault.wrong_usage" and "vault.wrong_algorithm" when header and spec disagree, "vault.wrong_mode" when a zone key may
// not do there what it is for here.
Status check_block_header(const crypto::KeyBlockHeader& header, const SymmetricSpec& spec);
// Code::refused "vault.weak_kbpk" when the key is stronger (SP 800-57) than what protects it.
Status check_strength(const SymmetricSpec& key, SymmetricAlgorithm kbpk, std::size_t kbpk_size);

}  // namespace tf::vault
