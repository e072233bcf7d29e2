// What servers say to each other over mutual TLS (docs/protocols/onboard.md, Messages 0, 5, 6, 9). As messages.hpp. Batches are up
// to kMaxRows rows and kMaxBatch octets.
#pragma once
#include <optional>

#include "protocols/onboard/messages.hpp"

namespace tf::onboard {

inline constexpr std::size_t kMaxRows = 1000;
inline constexpr std::size_t kMaxBatch = 4U << 20U;  // octets of a body with rows; pinned chains are large

// 0a: contracts (from owners) and subscriptions (from the contract front end) carry the same rows.
struct Subscription {
  std::string dsim_id;
  std::string owner;
  std::string plan;
  Chain signing;     // both or none: pins the module's certificates
  Chain decryption;
};
std::string encode(const std::vector<Subscription>& rows);
Result<std::vector<Subscription>> decode_subscriptions(std::string_view body);
// The answer to any message with rows: one for each, in their order. result: "registered", "removed", or a refusal's exact reason.
struct RowResult {
  std::string dsim_id;
  std::string result;
  friend bool operator==(const RowResult&, const RowResult&) = default;
};
std::string encode(const std::vector<RowResult>& rows);
Result<std::vector<RowResult>> decode_row_results(std::string_view body);

// 0b: registrations, registrations/remove
struct RegistrationRow {
  std::string dsim_id;
  std::string operator_id;
  std::vector<std::string> route;
  RegistrationNonce nonce;
  std::int64_t expires_ms = 0;
};
SecretBytes encode(const std::vector<RegistrationRow>& rows);
Result<std::vector<RegistrationRow>> decode_registrations(std::string_view body);
struct RemovalRow {
  std::string dsim_id;
  Hash256 nonce_hash{};  // of the registration that is meant; a newer one stays
};
std::string encode(const std::vector<RemovalRow>& rows);
Result<std::vector<RemovalRow>> decode_removals(std::string_view body);

// 5: hss credentials. operator and issuer are the HSS's own.
struct CredentialsRequest {
  std::string dsim_id;
  Hash256 device_hash{};
  Hash256 nonce_hash{};
  Chain decryption;
  std::string plan;
  std::int64_t expires_ms = 0;
};
std::string encode(const CredentialsRequest& request);
Result<CredentialsRequest> decode_credentials_request(std::string_view body);
struct CredentialsAnswer {
  Bytes envelope;  // XML
  Hash256 imsi_hash{};
};
std::string encode(const CredentialsAnswer& answer);
Result<CredentialsAnswer> decode_credentials_answer(std::string_view body);
// hss suspend: of a withdrawn registration; {"result":"suspended"}
struct SuspendRequest {
  std::string dsim_id;
  Hash256 nonce_hash{};
};
std::string encode(const SuspendRequest& request);
Result<SuspendRequest> decode_suspend_request(std::string_view body);

// 6: provisioning deliveries; answered {"result":"taken"}. The same delivery again replaces its account.
struct Item {  // other data in the same session
  std::string name;  // an id
  std::string type;  // a media type
  Bytes data;        // 1 to 16 KiB
};
struct Delivery {
  std::string delivery;
  std::string dsim_id;
  Account account;                    // of the server that is told, and of no other
  std::string credentialing;          // URL, without /onboard/v1/
  std::optional<std::string> notify;  // host:port for package 0
  std::vector<Item> items;            // up to 16
};
SecretBytes encode(const Delivery& delivery);
Result<Delivery> decode_delivery(std::string_view body);

// 9: credentialing envelope
std::string encode_envelope_request(std::string_view delivery);
Result<std::string> decode_envelope_request(std::string_view body);
std::string encode_envelope(ByteView envelope);
Result<Bytes> decode_envelope(std::string_view body);

}  // namespace tf::onboard
