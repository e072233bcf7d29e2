// PDUs of SMPP 3.4 (SMPP Developers Forum, 12-Oct-1999), as much of them as a transceiver needs. A PDU here is what
// follows command_length, which is the link's. Decoding is strict: every field within its size, strings ended where they
// must be and printable, nothing left over. Code::malformed "sms.pdu" with what was wrong.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace tf::sms::smpp {

// §5.1.2.1
enum class Command : std::uint32_t {
  submit_sm = 0x00000004,
  deliver_sm = 0x00000005,
  unbind = 0x00000006,
  bind_transceiver = 0x00000009,
  enquire_link = 0x00000015,
  alert_notification = 0x00000102,
  generic_nack = 0x80000000,
  submit_sm_resp = 0x80000004,
  deliver_sm_resp = 0x80000005,
  unbind_resp = 0x80000006,
  bind_transceiver_resp = 0x80000009,
  enquire_link_resp = 0x80000015,
};

// §5.1.3, those we look at.
namespace status {
inline constexpr std::uint32_t ok = 0x00;
inline constexpr std::uint32_t invalid_command = 0x03;   // ESME_RINVCMDID
inline constexpr std::uint32_t not_bound = 0x04;         // ESME_RINVBNDSTS
inline constexpr std::uint32_t already_bound = 0x05;     // ESME_RALYBND
inline constexpr std::uint32_t system_error = 0x08;      // ESME_RSYSERR
inline constexpr std::uint32_t queue_full = 0x14;        // ESME_RMSGQFUL
inline constexpr std::uint32_t throttled = 0x58;         // ESME_RTHROTTLED
inline constexpr std::uint32_t temporary = 0x64;         // ESME_RX_T_APPN
}  // namespace status

namespace tag {
inline constexpr std::uint16_t receipted_message_id = 0x001e;
inline constexpr std::uint16_t sc_interface_version = 0x0210;
inline constexpr std::uint16_t message_payload = 0x0424;
inline constexpr std::uint16_t message_state = 0x0427;
}  // namespace tag

struct Header {
  std::uint32_t command = 0;
  std::uint32_t status = 0;
  std::uint32_t sequence = 0;  // 1 to 0x7fffffff; 0 in a generic_nack for what had none
};

struct Tlv {
  std::uint16_t tag = 0;
  Bytes value;
  friend bool operator==(const Tlv&, const Tlv&) = default;
};
inline constexpr std::size_t kMaxTlvs = 32;

struct Address {
  std::uint8_t ton = 0;  // type of number, §5.2.5
  std::uint8_t npi = 0;  // numbering plan, §5.2.6
  std::string digits;    // at most 20 characters
  friend bool operator==(const Address&, const Address&) = default;
};

struct BindTransceiver {  // §4.1.5
  std::string system_id;  // at most 15
  SecretBytes password;   // at most 8
  std::string system_type;  // at most 12
  std::uint8_t interface_version = 0x34;
  Address range;  // at most 40
};
struct BindTransceiverResp {
  std::string system_id;
  std::vector<Tlv> tlvs;
};
struct ShortMessage {  // §4.4.1, §4.6.1: submit_sm and deliver_sm are the same
  std::string service_type{};  // at most 5
  Address source;
  Address destination{};
  std::uint8_t esm_class = 0;
  std::uint8_t protocol_id = 0;
  std::uint8_t priority = 0;
  std::string schedule{};  // empty or 16 characters
  std::string validity{};
  std::uint8_t registered_delivery = 0;
  std::uint8_t replace_if_present = 0;
  std::uint8_t data_coding = 0;
  std::uint8_t default_message = 0;
  Bytes text{};  // at most 254 octets
  std::vector<Tlv> tlvs{};
};
struct MessageId {  // the answer to either
  std::string id;   // at most 64
  std::vector<Tlv> tlvs;
};
struct Empty {};  // enquire_link, unbind, their answers, generic_nack; and any answer that says no and nothing else
struct Unread {}; // alert_notification, and commands we do not know

using Body = std::variant<Empty, BindTransceiver, BindTransceiverResp, ShortMessage, MessageId, Unread>;
struct Pdu {
  Header header;
  Body body;
};

// The header alone, so that a PDU with a bad body, or of a command nobody knows, can be answered. Code::malformed "sms.pdu".
Result<Header> decode_header(ByteView payload);
Result<Pdu> decode(ByteView payload);
// The PDU without its length. The body fits the command and its fields their sizes, or it does not go: Code::invalid "sms.pdu".
Result<SecretBytes> encode(const Pdu& pdu);

const Tlv* find(const std::vector<Tlv>& tlvs, std::uint16_t tag);
inline bool is_response(std::uint32_t command) { return (command & 0x80000000U) != 0; }

}  // namespace tf::sms::smpp
