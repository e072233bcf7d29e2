// The key custody port. Keys are used by handle only: named asymmetric keys live in the vault, symmetric keys live as
// wrapped rows in the database and open in the vault alone. Software and hardware vaults keep the same contract
// (tests/vault/contract.cpp). All operations may be called from many threads at once.
//
// Errors common to all: Code::sealed "vault.sealed"; Code::refused "vault.wrong_purpose" or "vault.wrong_kind" when the
// key is not for that; Code::not_found "vault.no_such_key"; Code::integrity "vault.row" when a wrapped key does not
// open: altered, moved to another row, its spec changed; Code::not_found "vault.no_such_kek".
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/aka/key.hpp"
#include "crypto/banking/key_block.hpp"
#include "crypto/banking/retail_mac.hpp"
#include "crypto/jose/jose.hpp"
#include "crypto/keys.hpp"
#include "vault/process_memory.hpp"
#include "vault/symmetric.hpp"

namespace tf::vault {

// One key, one purpose.
enum class Purpose {
  sign,         // sign_es256, sign_ps256
  decrypt,      // oaep_decrypt; RSA only
  agree,        // ecdh_p256; P-256 only
  certificate,  // issuing certificates and CRLs, through signing_handle
  tls,          // TLS handshakes, through signing_handle
  sign_legacy,  // sign_rs256, for gateways that know nothing newer; RSA only
};
std::string_view name_of(Purpose purpose);

struct KeyInfo {
  std::string name;
  crypto::KeyKind kind;
  int bits;
  Purpose purpose;
  crypto::PublicKey public_key;
};

// A symmetric key as a row keeps it.
struct Wrapped {
  std::string kek;
  Bytes blob;
  friend bool operator==(const Wrapped&, const Wrapped&) = default;
};
// A row as it was read. Refers to its parts; lives for one call.
struct WrappedRef {
  const Wrapped& wrapped;
  const SymmetricSpec& spec;
  const RowId& row;
};
struct Made {
  Wrapped wrapped;
  std::string kcv;  // 6 hex digits
};
struct Imported {
  Wrapped wrapped;
  crypto::KeyBlockHeader header;
  std::string kcv;
};

struct VaultState {
  bool sealed = true;
  std::vector<std::string> keks;  // newest last; empty while sealed
  MemoryReport memory;
};

inline constexpr std::size_t kMaxVectors = 64;   // of one call of aka_vectors
inline constexpr std::size_t kMaxRecord = 4096;  // bytes of a data row

// A key's name: 1 to 64 of a–z, 0–9, '.', '_', '-', beginning with a letter or digit.
bool valid_key_name(std::string_view name);

class Vault {
 public:
  virtual ~Vault() = default;
  [[nodiscard]] virtual VaultState state() const = 0;
  // Code::sealed "vault.passphrase" when it is the wrong one. Reads the keys again when the vault is open already.
  virtual Status unseal(const SecretBytes& passphrase) = 0;
  // Wipes what is unsealed, as soon as operations under way have ended.
  virtual void seal() = 0;

  // --- named asymmetric keys ---
  // rsa_bits: 2048, 3072 or 4096; not looked at for P-256. Code::conflict "vault.key_exists".
  virtual Result<crypto::PublicKey> generate(std::string_view name, crypto::KeyKind kind, int rsa_bits,
                                             Purpose purpose) = 0;
  [[nodiscard]] virtual Result<crypto::PublicKey> public_key(std::string_view name) const = 0;
  [[nodiscard]] virtual Result<std::vector<KeyInfo>> list() const = 0;  // by name
  virtual Status remove(std::string_view name) = 0;
  [[nodiscard]] virtual Result<crypto::Es256Signature> sign_es256(std::string_view name, ByteView data) const = 0;
  [[nodiscard]] virtual Result<Bytes> sign_ps256(std::string_view name, ByteView data) const = 0;
  // RSASSA-PKCS1-v1_5 (crypto/jose/rs256.hpp), purpose sign_legacy
  [[nodiscard]] virtual Result<Bytes> sign_rs256(std::string_view name, ByteView data) const = 0;
  [[nodiscard]] virtual Result<SecretBytes> oaep_decrypt(std::string_view name, ByteView ciphertext) const = 0;
  // The x-coordinate of the shared point; the caller derives from it (RFC 7518 §4.6) and forgets it.
  [[nodiscard]] virtual Result<Secret<32>> ecdh_p256(std::string_view name, const crypto::PublicKey& peer) const = 0;
  // Purposes certificate and tls: a key for X509 and TLS functions, whose operations happen in the vault. It works
  // until its holder lets go of it, also past a seal().
  [[nodiscard]] virtual Result<crypto::PrivateKey> signing_handle(std::string_view name) const = 0;

  // --- wrapped symmetric keys ---
  // What becomes a row passes admit() of symmetric.hpp: sizes, no degenerate keys, odd parity for TDES.
  [[nodiscard]] virtual Result<Made> generate(const SymmetricSpec& spec, const RowId& row) const = 0;
  [[nodiscard]] virtual Result<Made> wrap(SecretBytes key, const SymmetricSpec& spec, const RowId& row) const = 0;
  [[nodiscard]] virtual Result<std::string> kcv(const WrappedRef& key) const = 0;
  // diversify, hmac
  [[nodiscard]] virtual Result<Secret<32>> hmac_sha256(const WrappedRef& key, ByteView data) const = 0;
  // derive: HKDF-SHA256 (RFC 5869) of the key with this salt; info = label ‖ context.
  [[nodiscard]] virtual Result<Secret<32>> hkdf_sha256(const WrappedRef& key, ByteView salt, std::string_view label,
                                                       ByteView context) const = 0;
  // diversify, tdes: whole blocks
  [[nodiscard]] virtual Result<SecretBytes> tdes_ecb_encrypt(const WrappedRef& key, ByteView data) const = 0;
  // A key_encryption or data key as a key block, under a session's KBPK (its cipher follows from header.version) or
  // under a zone or key_encryption key. Errors: check_block_version, check_block_header, check_strength.
  [[nodiscard]] virtual Result<std::string> export_block(const WrappedRef& key, const SecretBytes& kbpk,
                                                         const crypto::KeyBlockHeader& header) const = 0;
  [[nodiscard]] virtual Result<std::string> export_block(const WrappedRef& key, const WrappedRef& kbpk,
                                                         const crypto::KeyBlockHeader& header) const = 0;
  // A key from outside under a zone key, for the given spec and row. zone_pin and zone_mac keys come this way and do not
  // go out again. Whether it may go out again is in the header.
  [[nodiscard]] virtual Result<Imported> import_block(std::string_view block, const WrappedRef& zone,
                                                      const SymmetricSpec& spec, const RowId& row) const = 0;
  // XOR of two or more different full-length components. Code::invalid "vault.components".
  [[nodiscard]] virtual Result<Made> combine(const std::vector<WrappedRef>& components, const SymmetricSpec& spec,
                                             const RowId& row) const = 0;
  // diversify: the key as a JWE to a loader's P-256 key (crypto::jwe_seal_to).
  [[nodiscard]] virtual Result<std::string> seal_to(const WrappedRef& key, const crypto::PublicKey& recipient,
                                                    std::string_view typ) const = 0;

  // --- payment keys ---
  // pin → zone_pin: an ISO format 4 block (16 octets) of this account (ASCII digits) under a session's PIN key becomes a
  // block under the acquirer's key: format 0 (8 octets) under TDES, format 4 (16, new random part) under AES. The PIN is
  // in the clear nowhere else. Whatever is wrong with block or account: Code::refused "vault.pin_block".
  [[nodiscard]] virtual Result<Bytes> translate_pin(const WrappedRef& from, ByteView block, const SecretBytes& pan,
                                                    const WrappedRef& to) const = 0;
  // zone_mac: the MAC of a message's field 64 or 128. The key's algorithm says which: TDES: ISO 9797-1 algorithm 3 with
  // this padding; AES: the first 8 octets of the CMAC (it pads for itself).
  [[nodiscard]] virtual Result<ByteArray<8>> zone_mac(const WrappedRef& key, ByteView data,
                                                      crypto::MacPadding padding) const = 0;
  // Constant time. Code::refused "vault.mac" when it is not the MAC of data.
  [[nodiscard]] virtual Status verify_zone_mac(const WrappedRef& key, ByteView data, crypto::MacPadding padding,
                                               ByteView mac) const = 0;
  // fingerprint: HMAC-SHA256, the same for the same data and telling nothing without the key. To look up a row by an
  // account number that it keeps sealed.
  [[nodiscard]] virtual Result<Hash256> fingerprint(const WrappedRef& key, ByteView data) const = 0;

  // --- subscriptions of a mobile network ---
  // subscription: authentication vectors, one for each SQN (at most kMaxVectors), each with a RAND of its own that is drawn in the
  // vault; by Milenage or TUAK, as the key is. That an SQN is used once is the caller's to keep. Code::invalid "vault.vectors".
  [[nodiscard]] virtual Result<std::vector<crypto::AkaVector>> aka_vectors(const WrappedRef& key, std::span<const std::uint64_t> sqns,
                                                                           const crypto::Amf& amf) const = 0;
  // subscription: the SQN a USIM named in AUTS. Code::refused "aka.mac_s" when it is not its word for this RAND.
  [[nodiscard]] virtual Result<std::uint64_t> open_auts(const WrappedRef& key, const crypto::Rand& rand, const crypto::Auts& auts) const = 0;
  // subscription: whether the row holds these octets; constant time. For who writes the same subscription once more after a crash.
  [[nodiscard]] virtual Result<bool> is_key(const WrappedRef& key, const SecretBytes& candidate) const = 0;

  // --- data rows ---
  // What a table keeps of people and must not tell (account numbers), up to kMaxRecord bytes, under the newest KEK and
  // bound to its row. Not a key: no operation takes it but these. Code::invalid "vault.record_size"; opening fails with
  // Code::integrity "vault.row" as keys do.
  [[nodiscard]] virtual Result<Wrapped> seal_record(const SecretBytes& plaintext, const RowId& row) const = 0;
  [[nodiscard]] virtual Result<SecretBytes> open_record(const Wrapped& record, const RowId& row) const = 0;
  // The same under the newest KEK.
  [[nodiscard]] virtual Result<Wrapped> rewrap_record(const Wrapped& record, const RowId& row) const = 0;

  // --- the keys that wrap ---
  // The same key under the newest KEK.
  [[nodiscard]] virtual Result<Wrapped> rewrap(const WrappedRef& key) const = 0;
  // A new KEK for all wrapping from now on; rows under older ones still open. Gives its id.
  virtual Result<std::string> rotate_kek() = 0;
  // Forgets an old KEK for good, once no row needs it. Code::refused "vault.newest_kek" for the newest.
  virtual Status retire_kek(std::string_view id) = 0;
};

}  // namespace tf::vault
