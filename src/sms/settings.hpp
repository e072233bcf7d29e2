// The ways out, as values; make_sender builds the sender of one.
#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/ports.hpp"
#include "base/secret.hpp"
#include "sms/sender.hpp"

namespace tf::sms {

// Into a file, one JSON object a line: {"at","to","text","reference"}; for user data {"at","to","protocol_id","data_coding","user_data":[hex …],"reference"}. For demonstrations and tests: whoever reads the
// file reads the codes in it. The file is made with mode 0600; a line is on disk before done is called.
struct SpoolSettings {
  std::string path{};
};

// POST of {"to","text","reference"} (user data as in the spool) to somebody's service. Headers: Idempotency-Key (the reference), and
// Trustferry-Signature: t=<seconds>,v1=<hex of HMAC-SHA256 under secret over "<t>.<body>">. Any 2xx is acceptance; an
// {"id":"…"} in the answer becomes the network's id. 408, 425, 429, 5xx and failures of the network are tried again with
// doubling pauses (a Retry-After in seconds lengthens one); any other answer is final.
struct WebhookSettings {
  std::string server{};    // "https://host:port"; http:// to this machine alone (127.0.0.1, ::1, localhost)
  std::string path{"/"};
  SecretBytes secret{};    // 16 bytes or more
  std::string anchors{};   // PEM: the only trust there is; https needs one
  std::size_t attempts = 5;
  std::size_t max_waiting = 10000;
  std::chrono::milliseconds first_pause{500};
  std::chrono::milliseconds longest_pause{30000};
  std::chrono::milliseconds timeout{10000};  // of connecting, and of an answer
};

// SMPP 3.4 as a transceiver. The line is TCP in the clear, as the protocol has it: run it through a tunnel.
enum class LongText {
  header,   // parts, each with a user data header
  payload,  // one PDU with message_payload; the network splits
};
struct SmppSettings {
  std::string host{};
  std::uint16_t port = 2775;
  std::string system_id{};   // at most 15 characters
  SecretBytes password{};    // at most 8
  std::string system_type{}; // at most 12
  std::string source{};      // whom the phone sees: digits (20), or a name of at most 11 characters
  // What source is (§5.2.5, §5.2.6); unset: an international number of 7 digits or more, a short code, or a name.
  std::optional<std::uint8_t> source_ton{};
  std::optional<std::uint8_t> source_npi{};
  bool receipts = true;      // ask for delivery receipts
  LongText long_text = LongText::header;
  std::size_t window = 10;              // submit_sm without an answer
  std::size_t max_waiting = 10000;      // parts; above it Code::overloaded "sms.queue_full"
  std::chrono::milliseconds answer_timeout{10000};  // then the line counts as dead and is made anew
  std::chrono::milliseconds enquire_after{30000};   // of silence
  std::chrono::milliseconds give_up_after{300000};  // a message that was not taken in this time is done: "sms.timeout"
  // After a connection lost or a bind refused, and when the network says that we are too fast: doubling, from the first to the longest.
  std::chrono::milliseconds first_pause{500};
  std::chrono::milliseconds longest_pause{30000};
};

using Settings = std::variant<SpoolSettings, WebhookSettings, SmppSettings>;

// The ports outlive the sender. on_delivery and on_incoming may be empty; they are called from the sender's threads and must not block.
// Code::invalid "sms.settings"; Code::unavailable "sms.spool" when the file cannot be opened. An SMPP sender is made without
// waiting for its host.
Result<std::unique_ptr<Sender>> make_sender(Settings settings, const Clock& clock, Random& random, OnDelivery on_delivery = {}, OnIncoming on_incoming = {});

}  // namespace tf::sms
