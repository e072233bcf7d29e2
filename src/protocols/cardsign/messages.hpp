// The messages of cardsign (docs/protocols/cardsign.md) as values, and their JSON. decode_… are strict: Code::malformed
// "cardsign.…" or "json.…". Bytes are base64url without padding in JSON, times milliseconds since 1970, amounts in the smallest unit.
#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "apdu/payment_structure.hpp"
#include "base/bytes.hpp"
#include "base/secret.hpp"
#include "protocols/cardsign/names.hpp"

namespace tf::cardsign {

namespace typ {
inline constexpr std::string_view display = "trustferry-cardsign-display";
inline constexpr std::string_view result = "trustferry-cardsign-result";
inline constexpr std::string_view record = "trustferry-card-record";
}  // namespace typ

inline constexpr std::size_t kMaxBody = 64 * 1024;
inline constexpr std::size_t kMaxCommands = 32;
inline constexpr std::size_t kMaxApdu = 32 * 1024;       // of a command or an answer
inline constexpr std::size_t kMaxPinEnvelope = 512;
inline constexpr std::size_t kMaxProof = 1024;
using apdu::CardNonce;

// --- what begins a session ------------------------------------------------------------------------------------------

// POST enrol
struct EnrolRequest {
  std::string code;
  std::string serial{};  // empty: the platform reads it from the card
};
std::string encode(const EnrolRequest& request);
Result<EnrolRequest> decode_enrol_request(std::string_view body);

// POST pay
struct PayRequest {
  std::string payment;
  std::string instrument{};           // token; empty: the user's only card or account
  Suite suite = Suite::modern;        // written only when classic
  std::uint8_t container = 0;         // whose keys of the card; written only when it is another
};
std::string encode(const PayRequest& request);
Result<PayRequest> decode_pay_request(std::string_view body);

// POST update
struct UpdateRequest {
  std::string serial;
};
std::string encode(const UpdateRequest& request);
Result<UpdateRequest> decode_update_request(std::string_view body);

// POST proof: a card's answer to a packet that came by short message, as it is. Answered by {"updated"}: how many certificates it proves to be on the card, 0 or 1.
struct ProofRequest {
  std::string serial;
  Bytes proof{};  // response packet, 02 71 00 and what follows
};
std::string encode(const ProofRequest& request);
Result<ProofRequest> decode_proof_request(std::string_view body);

// --- the relay ------------------------------------------------------------------------------------------------------

// POST relay. step: of the SessionReply it answers. After commands: their answers in order, each data and status word, up to and including
// the first that is not 9000; after display: the envelope and no answers. removed: the card was pulled out or the person gave up.
struct RelayRequest {
  std::string session;
  std::int64_t step = 0;
  std::vector<Bytes> answers{};
  Bytes pin_envelope{};  // empty: none
  bool removed = false;
};
std::string encode(const RelayRequest& request);
Result<RelayRequest> decode_relay_request(std::string_view body);

// What to do next. Commands are to be sent as they are.
struct Commands {
  std::vector<Bytes> apdus;
};
// What to show and to ask a PIN for.
struct Display {
  std::string jws;             // DisplayClaim, its chain not in it: GET keys has it
  std::vector<Bytes> channel;  // DER: the card's channel certificate, its factory certificate, …
  std::optional<int> tries{};  // after a wrong PIN
};
// The end. enrol: the certificates on the card now; pay: the result; update: how many were carried out.
struct StoredCertificate {
  Slot slot = Slot::payment;
  Bytes certificate;  // DER
};
struct Enrolled {
  std::string serial;
  std::vector<StoredCertificate> certificates;
};
struct Paid {
  std::string result;  // JWS of a ResultClaim
};
struct Updated {
  std::int64_t count = 0;
};
std::string encode(const Updated& updated);  // where it stands alone, as the answer to POST proof
Result<Updated> decode_updated(std::string_view body);
using Done = std::variant<Enrolled, Paid, Updated>;

struct SessionReply {
  std::string session;
  std::int64_t step = 0;  // 1, 2, …
  std::variant<Commands, Display, Done> next;
};
std::string encode(const SessionReply& reply);
Result<SessionReply> decode_session_reply(std::string_view body);

// --- what the platform signs ----------------------------------------------------------------------------------------

// Payload of Display::jws.
struct DisplayClaim {
  std::string platform;
  std::string user;
  std::string serial;
  Suite suite = Suite::modern;
  Bytes payment{};  // M, the payment structure
  CardNonce card_nonce{};
  std::uint8_t container = 0;  // whose PIN is asked for: that of the session
  std::uint64_t counter = 0;   // the card's last one, plus one
};
std::string encode(const DisplayClaim& claim);
Result<DisplayClaim> decode_display_claim(std::string_view payload);

enum class Outcome { approved, declined, pending, reversed };
std::string_view name_of(Outcome outcome);
Result<Outcome> parse_outcome(std::string_view name);

// Payload of Paid::result.
struct ResultClaim {
  std::string platform;
  std::string user;
  std::string serial;
  Hash256 digest{};  // H(T) of what the card signed
  std::string transaction{};
  Outcome outcome = Outcome::pending;
  std::int64_t amount = 0;
  std::string currency{};
  std::int64_t time_ms = 0;
};
std::string encode(const ResultClaim& claim);
Result<ResultClaim> decode_result_claim(std::string_view payload);

// GET keys: chains in DER, leaf first; new ones first, old ones work on for a while.
struct PublishedChain {
  std::string kid;
  std::vector<Bytes> chain;
};
struct PlatformKeys {
  std::string platform;
  std::vector<PublishedChain> results;
};
std::string encode(const PlatformKeys& keys);
Result<PlatformKeys> decode_platform_keys(std::string_view body);

// --- merchants ------------------------------------------------------------------------------------------------------

// POST orders, with the header Trustferry-Signature: hex HMAC-SHA256 of the body under the webhook's secret.
struct OrderRequest {
  std::string merchant;
  std::string order;
  std::int64_t amount = 0;
  std::string currency;
  std::string subject;
  std::string user{};  // empty: anybody's
  std::int64_t expires_ms = 0;
};
std::string encode(const OrderRequest& request);
Result<OrderRequest> decode_order_request(std::string_view body);

struct OrderReply {
  std::string payment;
  std::string page;  // path
};
std::string encode(const OrderReply& reply);
Result<OrderReply> decode_order_reply(std::string_view body);

// --- manufacturers --------------------------------------------------------------------------------------------------

// Content of the JWE that a manufacturer hands over.
struct CardRecord {
  std::string serial;
  SecretBytes enc, mac, dek;      // SCP03: 16 or 32 bytes
  SecretBytes kic, kid;           // OTA: 16 or 32 bytes
  std::vector<Bytes> factory;     // chain, DER, leaf first; without the root
  Bytes channel;                  // DER
  std::vector<Bytes> preset{};    // chain of a certificate that is on the card already; leaf first
};
SecretBytes encode(const CardRecord& record);
Result<CardRecord> decode_card_record(const SecretBytes& content);

}  // namespace tf::cardsign
