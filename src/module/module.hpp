// The secure module of a device (DLUSIME, CN101940016A's part 42): the port. It has a name (DSIM_ID), two keys made inside it that never
// leave (one signs, one decrypts), certificates for them, and up to two credentials {IMSI, K, OPc or TOPc} with which it answers AKA as a USIM
// does (TS 33.102 §6.3). Implementations: software/ (a sealed file), tpm/ (TPM 2.0), uicc/ (a smart card); tests/module/contract*.cpp holds for all.
//
// Everything that changes is durable before the call returns, and whole after a power-off at any moment. A SQN never goes back: there is one sequence for each
// key, whichever slot it is in, and it outlives the credential there. One module is open once at a time. Operations may be called from several
// threads; they take their turns.
//
// Errors common to all: Code::unavailable "module.store" (disk), "module.tpm", "module.card"; Code::integrity "module.state" (altered, sealed under
// another key), "module.rolled_back" (an older copy was put back; a TPM tells).
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/aka/usim.hpp"
#include "crypto/keys.hpp"
#include "pki/certificate.hpp"
#include "pki/request/certificate_request.hpp"

namespace tf::module {

// One key, one purpose. sign: P-256, ES256. decrypt: RSA-2048, OAEP; it signs nothing but the certificate request for itself.
enum class Key { sign, decrypt };
// preliminary: PIMSI and K_PIMSI of the factory. subscription: what the operator delivered.
enum class Slot { preliminary, subscription };
// sha1 is rsa-oaep-mgf1p of XML Encryption, sha256 is RSA-OAEP-256 of JWE; hash and MGF1 alike.
enum class Oaep { sha1, sha256 };

std::string_view name_of(Key key);
std::string_view name_of(Slot slot);

inline constexpr std::size_t kMaxRecord = 4096;    // bytes of a sealed record
inline constexpr std::size_t kMaxRecords = 16;
inline constexpr std::size_t kMaxContent = 65536;  // bytes of a ciphertext
inline constexpr std::size_t kMaxNote = 64;
inline constexpr std::size_t kMaxChain = 4;
inline constexpr std::size_t kMaxCredentials = 64;  // different keys in a module's life: it remembers the SQN of each

// A DSIM_ID: 1 to 64 of A–Z, a–z, 0–9, '.', '_', ':', '-', beginning with a letter or digit.
bool valid_dsim_id(std::string_view id);

// Content under AES-256-GCM whose key is encrypted to the decryption key. Refers to its parts; lives for one call.
struct Content {
  Oaep oaep = Oaep::sha1;
  ByteView wrapped_key;
  ByteView iv;  // 12 bytes
  ByteView ciphertext;
  ByteView tag;  // 16 bytes
};

// What a credential is made of. iccid: the subscription's, up to 20 digits or empty; note: what the device wants to find with it (the envelope's hash, say); public, kMaxNote at most.
struct Credential {
  std::string imsi;  // 6 to 15 digits (TS 23.003 §2.2)
  crypto::AkaKey key = {};  // its algorithm is the credential's
  std::string iccid = {};
  Bytes note = {};
};
struct CredentialInfo {
  std::string imsi;
  std::string iccid;
  Bytes note;
};
// Judges the plaintext of a delivered credential and takes it apart. It is called inside the module and must keep nothing.
using CredentialReader = std::function<Result<Credential>(ByteView plaintext)>;

class SecureModule {
 public:
  virtual ~SecureModule() = default;
  [[nodiscard]] virtual const std::string& dsim_id() const = 0;

  // --- keys and certificates ---
  [[nodiscard]] virtual crypto::PublicKey public_key(Key key) const = 0;
  // Signed by the key it is for. Code::invalid "pki.name".
  [[nodiscard]] virtual Result<pki::CertificateRequest> request(Key key, std::string_view common_name) = 0;
  // Leaf first. Code::invalid "module.certificate" when the leaf is for another key or there are more than kMaxChain.
  virtual Status store_certificates(Key key, const std::vector<pki::Certificate>& chain) = 0;
  [[nodiscard]] virtual std::vector<pki::Certificate> certificates(Key key) const = 0;  // empty before they are stored

  // --- operations of the keys ---
  [[nodiscard]] virtual Result<crypto::Es256Signature> sign(ByteView message) = 0;
  // Whatever is wrong: Code::refused "module.unwrap".
  [[nodiscard]] virtual Result<SecretBytes> unwrap(Oaep oaep, ByteView wrapped) = 0;
  // Unwraps the content key and opens the content. Whatever is wrong: Code::refused "module.content".
  [[nodiscard]] virtual Result<SecretBytes> open(const Content& content) = 0;

  // --- credentials ---
  // The factory's way, and a test's. Code::invalid "module.credential"; Code::conflict "module.credential_present" when the slot holds
  // another one: it has to be erased first; "module.credentials_full" after kMaxCredentials. One that was here before goes on with its SQN.
  virtual Status store_credential(Slot slot, Credential credential) = 0;
  // The delivered way: open, judge and store without the plaintext leaving the module. The reader's errors are handed on.
  virtual Status install(Slot slot, const Content& content, const CredentialReader& reader) = 0;
  [[nodiscard]] virtual std::optional<CredentialInfo> credential(Slot slot) const = 0;
  virtual Status erase(Slot slot) = 0;
  // The answer to a network (crypto/aka/usim.hpp): RES, CK and IK, or AUTS when the SQN is not fresh. The SQN is durable before the answer is
  // given. Code::not_found "module.no_credential"; Code::refused "aka.mac" when MAC-A is wrong, in which case nothing changes.
  [[nodiscard]] virtual Result<crypto::AkaAnswer> aka(Slot slot, const crypto::Rand& rand, const crypto::Autn& autn) = 0;

  // --- sealed records: what the device has to remember and nobody else may read or alter (a registration nonce, a session) ---
  // An empty value removes it. Code::invalid "module.record" for a bad name (as valid_dsim_id), a value too large, one too many.
  virtual Status store_record(std::string_view name, SecretBytes value) = 0;
  [[nodiscard]] virtual SecretBytes record(std::string_view name) const = 0;  // empty when there is none
};

}  // namespace tf::module
