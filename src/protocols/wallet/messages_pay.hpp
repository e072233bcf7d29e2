// The messages of payment, query and refund, both suites; part of messages.hpp. Amounts are in the currency's smallest unit.
#pragma once
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/secret.hpp"
#include "protocols/wallet/identity.hpp"

namespace tf::wallet {

using Nonce = ByteArray<16>;
using PinBlockBytes = ByteArray<16>;  // ISO 9564-1 format 4, encrypted
inline constexpr std::size_t kReturnedMax = 4096;
inline constexpr std::int64_t kAmountMax = 999'999'999'999;

namespace typ {
inline constexpr std::string_view pay = "trustferry-wallet-pay";
inline constexpr std::string_view pay_content = "trustferry-wallet-pay-content";
inline constexpr std::string_view query = "trustferry-wallet-query";
inline constexpr std::string_view refund = "trustferry-wallet-refund";
inline constexpr std::string_view result = "trustferry-wallet-result";
}  // namespace typ

// What makes a signed request new, and whose it is.
struct RequestBinding {
  std::string platform;
  Hash256 certificate{};  // thumbprint
  std::string session;
  std::string nonce_p;
  Nonce nonce_t{};
};

// What is paid. In modern each is a member of the JWS; in classic they are the content, as JSON.
struct OrderTerms {
  std::string order;
  std::string payee;
  std::int64_t amount = 0;
  std::string currency;
  std::string instrument;  // token of a card or account …
  std::string gateway{};   // … or none, and the phone pays at the gateway of this front end itself: the direct path
  friend bool operator==(const OrderTerms&, const OrderTerms&) = default;
};

// modern: the payload of the JWS.
struct PayClaim {
  RequestBinding binding;
  OrderTerms terms;
  Hash256 content_hash{};              // SHA-256 of the content
  std::optional<Hash256> pin_hash;     // SHA-256 of the PIN block; none: the instrument has no PIN
  std::int64_t expires_ms = 0;         // the order is void from then on
};
std::string encode(const PayClaim& claim);
Result<PayClaim> decode_pay_claim(std::string_view payload);

// What a critical transaction seals.
struct PayContent {
  std::string content;
  std::optional<PinBlockBytes> pin_block;
};
SecretBytes encode(const PayContent& content);
Result<PayContent> decode_pay_content(const SecretBytes& content);

// classic: the source's S44–S45.
struct ClassicPayment {
  std::string session;
  std::string order;
  std::string number;
  std::string content;  // JSON: payee, amount, currency, instrument, subject
  std::optional<PinBlockBytes> pin_block;
  Bytes signature;
};
struct ClassicTerms {
  OrderTerms terms;  // order is not in the content
  std::string subject;
};
std::string encode(const ClassicTerms& terms);
Result<ClassicTerms> decode_classic_terms(std::string_view content);

struct PayRequest {
  Suite suite = Suite::modern;
  std::string session;
  std::string jws;      // modern
  PayContent open;      // ordinary
  Hash256 mac{};        // ordinary, modern: K(pay_mac) of the message key over the JWS
  std::string sealed;   // critical: JWE dir under K(pay_seal); classic too
  ClassicPayment classic;
  [[nodiscard]] bool is_critical() const { return !sealed.empty(); }
};
std::string encode(const PayRequest& request);
Result<PayRequest> decode_pay_request(std::string_view body);

// Query and refund. A query has no refund number and no amount.
struct InquiryClaim {
  RequestBinding binding;
  std::string order;
  std::string refund;
  std::int64_t amount = 0;
};
std::string encode(const InquiryClaim& claim);
Result<InquiryClaim> decode_query_claim(std::string_view payload);
Result<InquiryClaim> decode_refund_claim(std::string_view payload);
struct ClassicInquiry {
  std::string session;
  std::string number;
  std::string order;
  std::string refund;
  std::int64_t amount = 0;
  std::int64_t time_ms = 0;
  Nonce nonce_t{};
  Bytes signature;
};
struct InquiryRequest {
  Suite suite = Suite::modern;
  std::string session;
  std::string jws;  // modern
  Hash256 mac{};    // modern: K(query_mac) or K(refund_mac) of the message key over the JWS
  ClassicInquiry classic;
  std::string returned{};  // of a query: what the network's gateway gave the phone, signed by the network
};
std::string encode(const InquiryRequest& request);
Result<InquiryRequest> decode_query_request(std::string_view body);
Result<InquiryRequest> decode_refund_request(std::string_view body);

// S46. pending: ask again. reversed: it was undone, nobody paid.
enum class Outcome { approved, declined, pending, reversed, refunded, unknown_order };
std::string_view name_of(Outcome outcome);
Result<Outcome> parse_outcome(std::string_view name);

// The payload of the platform's JWS.
struct ResultClaim {
  std::string platform;
  Hash256 request{};  // SHA-256 of the JWS it answers (classic: of the fields signed)
  std::string order;
  std::string refund;       // of a refund
  std::string transaction;  // the platform's number; empty with unknown_order
  Outcome outcome = Outcome::pending;
  std::int64_t amount = 0;   // paid or given back
  std::int64_t refunded = 0; // of the order, in sum
  std::int64_t time_ms = 0;
  std::string tn{};          // of a direct order that waits for the phone: its number at the network's gateway
};
std::string encode(const ResultClaim& claim);
Result<ResultClaim> decode_result_claim(std::string_view payload);
// The body: {"result": JWS}
std::string encode_result(std::string_view jws);
Result<std::string> decode_result(std::string_view body);

}  // namespace tf::wallet
