// What devices say and hear, and what is inside (docs/protocols/onboard.md, Messages). Encoder and decoder stand side by side; a
// decoder takes exactly what its encoder writes. Errors: Code::malformed of the JSON reader and of identity.hpp.
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "protocols/onboard/transcript.hpp"

namespace tf::onboard {

namespace typ {  // of JWS and JWE
inline constexpr std::string_view access = "trustferry-onboard-access";
inline constexpr std::string_view referral = "trustferry-onboard-referral";
inline constexpr std::string_view request = "trustferry-onboard-request";
inline constexpr std::string_view ready = "trustferry-onboard-ready";
inline constexpr std::string_view accounts = "trustferry-onboard-accounts";
inline constexpr std::string_view receipt = "trustferry-onboard-receipt";
}  // namespace typ

using Chain = std::vector<Bytes>;  // DER, leaf first, 1 to 4

// 1: {"token"}, the PHLR's answer to access; and the token's claims. Times in seconds, as RFC 7519 has them.
std::string encode_token(std::string_view token);
Result<std::string> decode_token(std::string_view body);
struct AccessClaim {
  std::string issuer;              // iss: common name of the PHLR's certificate
  std::string pimsi;               // sub
  std::int64_t issued_s = 0;       // iat
  std::int64_t expires_s = 0;      // exp
  std::vector<std::string> hosts;  // host:port, up to 32
};
std::string encode(const AccessClaim& claim);
Result<AccessClaim> decode_access_claim(std::string_view payload);

// 2
struct ReferralRequest {
  std::string dsim_id;
  Nonce nonce_a{};
  Chain decryption;
};
std::string encode(const ReferralRequest& request);
Result<ReferralRequest> decode_referral_request(std::string_view body);
struct ReferralAnswer {
  std::string sealed;    // JWE
  std::string referral;  // JWS
};
std::string encode(const ReferralAnswer& answer);
Result<ReferralAnswer> decode_referral_answer(std::string_view body);
struct ReferralContent {  // in the JWE
  std::string operator_id;
  std::vector<std::string> route;  // URLs up to and without /onboard/v1/, in the order to try
  RegistrationNonce nonce;
  std::int64_t expires_ms = 0;
};
SecretBytes encode(const ReferralContent& content);
Result<ReferralContent> decode_referral_content(const SecretBytes& content);
struct ReferralClaim {  // in the JWS
  std::string dsim_id;
  Nonce nonce_a{};
  Hash256 sealed_hash{};
};
std::string encode(const ReferralClaim& claim);
Result<ReferralClaim> decode_referral_claim(std::string_view payload);

// 3
struct Hello {
  std::string dsim_id;
  Nonce nonce_d{};
  Chain signing;
  Chain decryption;
};
std::string encode(const Hello& hello);
Result<Hello> decode_hello(std::string_view body);
struct HelloAnswer {
  std::string session;  // 32 hex digits
  Nonce nonce_c{};
  std::string operator_id;
  Chain certificate;    // the operator's
  std::int64_t expires_in_s = 0;
};
std::string encode(const HelloAnswer& answer);
Result<HelloAnswer> decode_hello_answer(std::string_view body);
struct Request {
  std::string session;
  std::string request;  // JWS
};
std::string encode(const Request& request);
Result<Request> decode_request(std::string_view body);
struct RequestClaim {
  Hash256 transcript{};
  Hash256 session_nonce{};
};
std::string encode(const RequestClaim& claim);
Result<RequestClaim> decode_request_claim(std::string_view payload);

// 6: {"ready"}, the answer to request
std::string encode_ready(std::string_view jws);
Result<std::string> decode_ready(std::string_view body);
struct ProvisioningServer {
  std::string url;        // up to and without /onboard/v1/
  std::string server_id;  // its name in OMA DM
  friend bool operator==(const ProvisioningServer&, const ProvisioningServer&) = default;
};
struct ReadyClaim {
  Hash256 transcript{};
  Hash256 envelope_hash{};
  std::string delivery;
  std::vector<ProvisioningServer> provisioning;  // 1 to kMaxUrls, in the order to try; no server_id twice
  std::string accounts;                          // JWE
};
std::string encode(const ReadyClaim& claim);
Result<ReadyClaim> decode_ready_claim(std::string_view payload);
// The account at one provisioning server, which no other is told: passwords of 1–64 characters.
struct Account {
  std::string user;  // account_user
  SecretBytes password;
  SecretBytes server_password;
  Nonce client_nonce{};
  Nonce server_nonce{};
  [[nodiscard]] Account clone() const;
};
SecretBytes encode(const Account& account);
Result<Account> decode_account(const SecretBytes& content);
// In the JWE: one for each server that READY names, in that order. {"accounts"}
SecretBytes encode(const std::vector<Account>& accounts);
Result<std::vector<Account>> decode_accounts(const SecretBytes& content);
// A server with its account.
struct Provisioning {
  ProvisioningServer server;
  Account account;
  [[nodiscard]] Provisioning clone() const { return {server, account.clone()}; }
};

// {"receipt"}; answered {"result":"closed"} (encode_result)
std::string encode_receipt(std::string_view jws);
Result<std::string> decode_receipt(std::string_view body);
struct ReceiptClaim {
  Hash256 transcript{};
  Hash256 envelope_hash{};
  std::string delivery;
};
std::string encode(const ReceiptClaim& claim);
Result<ReceiptClaim> decode_receipt_claim(std::string_view payload);

// {"result": word}, the answer to deliveries ("taken"), suspend ("suspended") and receipt ("closed")
std::string encode_result(std::string_view word);
Status decode_result(std::string_view body, std::string_view word);  // Code::malformed "onboard.result" for another word

}  // namespace tf::onboard
