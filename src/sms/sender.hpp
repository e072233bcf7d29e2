// Short messages to phones. A sender hands a message to the mobile network, by whatever way; the durable outbox is its
// user's business: a message is in the outbox before send(), and leaves it when done said so.
//
// At least once: after a lost connection or a lost answer the same message is handed over again, and the phone may then
// get it twice. The reference is the user's name for the message; what comes back about it bears that name.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tf::sms {

struct Message {
  std::string to;         // E.164 digits with the country code: 7 to 15, no '+', no leading zero
  std::string text;       // UTF-8
  std::string reference;  // 1 to 64 of A–Z, a–z, 0–9, '.', '_', '-'
  // Instead of a text, for the phone's card (3GPP TS 31.115): user data of short messages, each with its header (TS 23.040 §9.2.3.24), as they are to
  // arrive. They go out with protocol identifier 7F and data coding F6.
  std::vector<Bytes> user_data = {};
};
// Code::invalid "sms.number", "sms.reference"; "sms.text": no UTF-8, a control character other than a line's end, empty,
// or more than kMaxParts short messages; "sms.user_data": a text beside it, more than kMaxUserDataParts, or one of them without a header or above 140 octets.
Status check(const Message& message);
inline constexpr std::size_t kMaxParts = 10;
inline constexpr std::size_t kMaxUserDataParts = 64;
inline constexpr std::size_t kMaxUserData = 140;  // octets of one short message
inline constexpr std::uint8_t kForCard = 0x7F, kCardCoding = 0xF6;  // TP-PID "(U)SIM data download"; TP-DCS 8-bit data, class 2

// The network has taken the message; it is not with the phone yet.
struct Receipt {
  std::vector<std::string> network_ids;  // the network's name of each part; empty where there is none
};

// What the network tells later, where it tells anything (SMPP). Not kept: a receipt that comes while nobody runs is lost.
enum class DeliveryState { underway, delivered, expired, deleted, undeliverable, accepted, unknown, rejected };
std::string_view name_of(DeliveryState state);
struct Delivery {
  std::string reference;   // empty when the part was handed over before this process began
  std::string network_id;  // as in Receipt
  DeliveryState state = DeliveryState::unknown;
  std::string error;       // the network's own code, empty when it gave none
};
using OnDelivery = std::function<void(const Delivery&)>;

// What a phone's card sent back (SMPP alone): user data behind a header, header and all. Not kept either.
struct Incoming {
  std::string from;  // digits, as the network writes them
  Bytes user_data;
};
using OnIncoming = std::function<void(const Incoming&)>;

// Code::invalid: the message cannot be sent, ever. Code::refused "sms.refused": the network or service will not have it,
// now or later. Code::overloaded and Code::unavailable: try again later. Inside it, more may be sent; it does not wait and
// does not destroy the sender.
using Done = std::function<void(Result<Receipt>)>;

class Sender {
 public:
  virtual ~Sender() = default;
  // Any thread. done is called exactly once, from any thread, perhaps before send returns.
  virtual void send(Message message, Done done) = 0;
  // Whether a message sent now would go out now.
  [[nodiscard]] virtual Status healthy() const = 0;
};

}  // namespace tf::sms
