// The messages of rki, encode and decode side by side. Bodies are JSON; what is signed, MACed or encrypted inside them is
// compact JOSE (modern, and the delivery of both suites) or base64url of the source's ciphertexts (classic).
// Decoders refuse unknown members, wrong lengths and other spellings with Code::malformed.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/keys.hpp"
#include "protocols/rki/key_set.hpp"
#include "protocols/rki/suite.hpp"
#include "wire/dsn.hpp"

namespace tf::rki {

using SessionId = ByteArray<16>;
using Nonce = ByteArray<32>;

// The "typ" of each JOSE object: a message of one kind never passes for another.
namespace typ {
inline constexpr std::string_view server_hello = "rki-server-hello";
inline constexpr std::string_view proof = "rki-proof";
inline constexpr std::string_view factor = "rki-factor";
inline constexpr std::string_view server_token = "rki-server-token";
inline constexpr std::string_view device_token = "rki-device-token";
inline constexpr std::string_view delivery = "rki-delivery";
inline constexpr std::string_view receipt = "rki-receipt";
inline constexpr std::string_view ack = "rki-ack";
}  // namespace typ

// Among the suites offered: the device would have the platform's answer bring what OCSP says about the work certificate. A word
// there and no member of its own, for a platform that does not know it passes over it.
inline constexpr std::string_view kStapleWord = "staple";

// Message 1, device → server (S301).
struct Hello {
  wire::Dsn dsn;
  std::vector<std::string> suites;   // as offered; names we do not know are left standing, the transcript holds them
  Nonce nonce{};
  std::int64_t part = 1;             // which part of the set is asked for (S322)
  std::vector<Bytes> certificates;   // modern: device certificate, then its issuers; DER
};
bool asks_for_staple(const Hello& hello);
std::string encode(const Hello& hello);
Result<Hello> decode_hello(std::string_view body);

// Message 2, server → device (S302). Modern: signed by the work certificate's key, whose chain is in the JWS.
struct ServerHello {
  SessionId session{};
  Suite suite = Suite::modern;
  Nonce nonce{};
  std::vector<Bytes> chain;          // work certificate first; DER
  Bytes crl;                         // root-signed; DER
  crypto::EcPoint ephemeral{};       // modern only
  Hash256 transcript{};              // modern only: th_1, what the server saw the device say
  std::optional<Bytes> ocsp = {};    // OCSP response about the work certificate, DER; only to a device that asks. In modern
                                     // beside the JWS: it is signed itself, and the transcript holds the body
};
std::string encode_classic(const ServerHello& hello);
std::string signed_payload(const ServerHello& hello);
std::string encode_modern(const ServerHello& hello, std::string_view jws);
struct ReceivedServerHello {
  ServerHello hello;
  std::string jws;                   // modern: to be verified under the chain's first certificate
};
Result<ReceivedServerHello> decode_server_hello(std::string_view body);

// Message 3, device → server (S304).
struct ClassicProof {
  SessionId session{};
  Bytes factor;                      // RSA-OAEP-SHA256(RKS_WCRT_PK, factor)
};
std::string encode(const ClassicProof& proof);
Result<ClassicProof> decode_classic_proof(std::string_view body);

struct ModernProof {
  SessionId session{};
  std::string proof;                 // JWS by the device key over ProofPayload
  Hash256 mac{};                     // HMAC under K's subkey over the transcript including proof
};
std::string encode(const ModernProof& proof);
Result<ModernProof> decode_modern_proof(std::string_view body);
struct ProofPayload {
  Hash256 transcript{};              // th_2
  crypto::EcPoint ephemeral{};
  std::string factor;                // JWE under the factor key
};
std::string encode(const ProofPayload& payload);
Result<ProofPayload> decode_proof_payload(std::string_view payload);

// Message 4, server → device (S310): E(DIK2, AT ‖ TK1), or a JWE under K.
std::string encode_server_token(std::string_view token);
Result<std::string> decode_server_token(std::string_view body);

// Message 5, device → server (S314): E(RKS_WCRT_PK, AT ‖ TK2 ‖ TK_SHA2) and a MAC under TK, or a JWE under K.
struct DeviceToken {
  SessionId session{};
  std::string token;
  std::optional<Hash256> mac;        // classic only
};
std::string encode(const DeviceToken& token);
Result<DeviceToken> decode_device_token(std::string_view body);

// Message 6, server → device (S319): JWS (HS256 under a key derived from TK) over this.
struct DeliveredKey {
  Slot slot = Slot::tmk;
  std::string block;                 // X9.143 version B or D
};
struct Delivery {
  std::int64_t set = 0;
  std::int64_t part = 0;             // k …
  std::int64_t of = 0;               // … of n
  std::vector<DeliveredKey> keys;
};
std::string encode(const Delivery& delivery);
Result<Delivery> decode_delivery(std::string_view payload);

// Message 7, device → server: JWS over this.
struct InstalledKey {
  Slot slot = Slot::tmk;
  std::string usage;                 // of the block's header
  std::string version;               // of the block's header
  std::string kcv;                   // 3 bytes, upper-case hex
  friend bool operator==(const InstalledKey&, const InstalledKey&) = default;
};
struct Receipt {
  std::int64_t set = 0;
  std::int64_t part = 0;
  std::vector<InstalledKey> keys;
};
std::string encode(const Receipt& receipt);
Result<Receipt> decode_receipt(std::string_view payload);

// Message 8, server → device: JWS over this.
struct Ack {
  std::int64_t set = 0;
  std::int64_t part = 0;
};
std::string encode(const Ack& ack);
Result<Ack> decode_ack(std::string_view payload);

// Bodies that carry one JOSE object: {"delivery": …}, {"session": …, "receipt": …}, {"ack": …}.
std::string encode_wrapped(std::string_view name, std::string_view jose);
std::string encode_wrapped(const SessionId& session, std::string_view name, std::string_view jose);
Result<std::string> decode_wrapped(std::string_view body, std::string_view name);
struct SessionMessage {
  SessionId session{};
  std::string jose;
};
Result<SessionMessage> decode_session_message(std::string_view body, std::string_view name);

// The session a message of the device names, before it is read in full.
Result<SessionId> session_of(std::string_view body);

}  // namespace tf::rki
