// The messages of login, both suites; part of messages.hpp.
#pragma once
#include <string>

#include "base/bytes.hpp"
#include "base/secret.hpp"
#include "crypto/keys.hpp"
#include "protocols/wallet/identity.hpp"

namespace tf::wallet {

namespace typ {
inline constexpr std::string_view login = "trustferry-wallet-login";            // modern: the JWE; classic: c2
inline constexpr std::string_view login_claim = "trustferry-wallet-login-claim";  // modern: the JWS inside; classic: c1
inline constexpr std::string_view session = "trustferry-wallet-session";        // the answer
}  // namespace typ

// S34–S35, what the user's key signs in modern.
struct LoginClaim {
  std::string platform;
  Hash256 certificate{};  // thumbprint: SHA-256 of the DER
  std::string number;
  std::string nonce_p;
  Secret<32> r;
  crypto::EcPoint ephemeral{};  // the phone's, P-256
  std::int64_t time_ms = 0;     // the phone's clock, for the trail
};
std::string encode(const LoginClaim& claim);
Result<LoginClaim> decode_login_claim(std::string_view payload);

// The content of the JWE: the JWS and the password beside it.
struct LoginContent {
  std::string jws;
  SecretBytes password;
};
SecretBytes encode(const LoginContent& content);
Result<LoginContent> decode_login_content(const SecretBytes& content);

// Suite classic: signature, c1 and c2 as S35 has them. c2 is R, to the platform's key; c1 is under R.
struct ClassicLogin {
  std::string c1;
  std::string c2;
  Bytes signature;
};
struct ClassicLoginContent {  // of c1
  std::string number;
  SecretBytes password;
  std::int64_t time_ms = 0;
  Bytes signature;
};
SecretBytes encode(const ClassicLoginContent& content);
Result<ClassicLoginContent> decode_classic_login_content(const SecretBytes& content);

struct LoginRequest {
  Suite suite = Suite::modern;
  std::string jwe;       // modern
  ClassicLogin classic;  // classic
};
std::string encode(const LoginRequest& request);
Result<LoginRequest> decode_login_request(std::string_view body);

// S38–S39, sealed: modern under R and both ephemeral keys, classic to the user's key.
struct SessionContent {
  std::string session;
  Secret<32> message_key;
  Secret<32> pin_key;  // AES-256, for ISO 9564 format 4
  std::int64_t expires_in_s = 0;
  Hash256 digest{};
};
SecretBytes encode(const SessionContent& content);
Result<SessionContent> decode_session_content(const SecretBytes& content);

struct LoginAnswer {
  Suite suite = Suite::modern;
  crypto::EcPoint ephemeral{};  // modern: the platform's
  std::string sealed;
};
std::string encode(const LoginAnswer& answer);
Result<LoginAnswer> decode_login_answer(std::string_view body);

}  // namespace tf::wallet
