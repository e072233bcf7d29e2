// The messages of registration and activation (docs/protocols/wallet.md) as values, and their JSON. decode_… are strict:
// Code::malformed. Sessions are in messages_session.hpp, payments in messages_pay.hpp; this header brings all three.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/secret.hpp"
#include "protocols/wallet/identity.hpp"
#include "protocols/wallet/messages_pay.hpp"
#include "protocols/wallet/messages_session.hpp"
#include "protocols/wallet/password.hpp"

namespace tf::wallet {

namespace typ {
inline constexpr std::string_view registration = "trustferry-wallet-register";
inline constexpr std::string_view registered = "trustferry-wallet-registered";
inline constexpr std::string_view activate = "trustferry-wallet-activate";
inline constexpr std::string_view proof = "trustferry-wallet-proof";
}  // namespace typ

enum class ChallengePurpose { registration, activate, login, pay, query, refund, instruments };
std::string_view name_of(ChallengePurpose purpose);  // "register", "activate", …: the route it is for

struct Challenge {
  std::string nonce;  // opaque to the phone
  std::int64_t expires_in_s = 0;
};
std::string encode_challenge_request(ChallengePurpose purpose);
Result<ChallengePurpose> decode_challenge_request(std::string_view body);
std::string encode(const Challenge& challenge);
Result<Challenge> decode_challenge(std::string_view body);

// GET keys: the platform's certificates, each a chain in DER, leaf first. New ones first; old ones work on for a while.
struct PublishedChain {
  std::string kid;
  std::vector<Bytes> chain;
};
struct PlatformKeys {
  std::string platform;
  std::vector<PublishedChain> encryption;  // P-256 or RSA
  std::vector<PublishedChain> results;     // P-256
};
std::string encode(const PlatformKeys& keys);
Result<PlatformKeys> decode_platform_keys(std::string_view body);

// The body of register, activate and a modern login: {"jwe"}.
std::string encode_jwe(std::string_view jwe);
Result<std::string> decode_jwe(std::string_view body);
// The answer to register: {"sealed"}.
std::string encode_sealed(std::string_view sealed);
Result<std::string> decode_sealed(std::string_view body);

// S02, the content of the JWE.
struct RegisterContent {
  std::string platform;
  Suite suite = Suite::modern;  // of later logins and payments
  KeyMaker key_maker = KeyMaker::phone;
  Subscriber subscriber;
  Person person;
  std::string nonce_p;
  Secret<32> response_key;
  std::optional<Verifier> verifier;  // key made by the phone …
  Bytes csr;                         // DER
  SecretBytes password;              // … or by the platform
};
SecretBytes encode(const RegisterContent& content);
Result<RegisterContent> decode_register_content(const SecretBytes& content);

// S04, sealed to the response key. The confirmation code is not in it.
struct Registered {
  std::string nonce_p;
  std::string registration;
  SecretBytes code;  // registration code: 26 of A–Z 2–7
};
SecretBytes encode(const Registered& registered);
Result<Registered> decode_registered(const SecretBytes& content);

// S07, the content of the JWE.
struct ActivateContent {
  std::string platform;
  std::string registration;
  std::string nonce_p;
  Hash256 mac{};      // HMAC under K(activate_request) of the codes' key over activating_fields
  std::string proof;  // JWS of the user's key, key made by the phone; else empty
};
SecretBytes encode(const ActivateContent& content);
Result<ActivateContent> decode_activate_content(const SecretBytes& content);

// certificate: DER; empty while the platform prepares the file (fetch it with `registration`).
struct ActivateAnswer {
  Bytes certificate;
  Hash256 mac{};  // K(activate_answer) over activating_fields and the certificate
};
std::string encode(const ActivateAnswer& answer);
Result<ActivateAnswer> decode_activate_answer(std::string_view body);

// The stated way: the certificate file. nonce_p is a challenge for activate; the MAC is under K(file_request).
struct FileRequest {
  std::string registration;
  std::string nonce_p;
  Hash256 mac{};
};
std::string encode(const FileRequest& request);
Result<FileRequest> decode_file_request(std::string_view body);
struct FileAnswer {
  Bytes file;     // PKCS#12; empty: not ready yet
  Hash256 mac{};  // S06: K(file_answer) over activating_fields and the file
};
std::string encode(const FileAnswer& answer);
Result<FileAnswer> decode_file_answer(std::string_view body);

}  // namespace tf::wallet
