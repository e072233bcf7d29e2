#include "tests/platform/cardsign/network.hpp"

#include <stdexcept>

#include "tests/support/deterministic.hpp"

namespace tf::platform::test {
namespace {

using sms::smpp::Body;
using sms::smpp::Command;
using sms::smpp::ShortMessage;
using tf::test::must;

sms::SmppSettings centre_settings() {
  sms::SmppSettings out;
  out.host = "centre";
  out.system_id = "ferry";
  out.password = SecretBytes(as_bytes("secret08"));
  out.source = "491710000000";
  out.receipts = false;
  return out;
}

Bytes pdu(Command command, std::uint32_t sequence, Body body) { return to_bytes(must(sms::smpp::encode({{static_cast<std::uint32_t>(command), 0, sequence}, std::move(body)})).reveal()); }

}  // namespace

MessageCentre::MessageCentre(const Clock& clock)
    : clock_(clock), settings_(centre_settings()), session_(settings_, 0, {}, [this](const sms::Incoming& message) { if (on_incoming) on_incoming(message); }) {
  std::vector<sms::smpp::Call> calls;
  session_.connected(clock_.monotonic_ms());
  settle(calls);
}

// Every frame of the session is answered at once; the answers may bring more frames.
void MessageCentre::settle(std::vector<sms::smpp::Call>& calls) {
  for (auto out = session_.take(); !out.frames.empty() || !out.calls.empty(); out = session_.take()) {
    for (auto& call : out.calls) calls.push_back(std::move(call));
    for (const SecretBytes& frame : out.frames) {
      auto got = must(sms::smpp::decode(frame.reveal()));
      const std::uint32_t sequence = got.header.sequence;
      if (std::holds_alternative<sms::smpp::BindTransceiver>(got.body)) {
        session_.received(pdu(Command::bind_transceiver_resp, sequence, sms::smpp::BindTransceiverResp{"smsc", {}}), clock_.monotonic_ms());
      } else if (auto* message = std::get_if<ShortMessage>(&got.body)) {
        held_.push_back(std::move(*message));
        session_.received(pdu(Command::submit_sm_resp, sequence, sms::smpp::MessageId{"m-" + std::to_string(++ids_), {}}), clock_.monotonic_ms());
      }
    }
  }
}

void MessageCentre::send(sms::Message message, sms::Done done) {
  std::vector<sms::smpp::Call> calls;
  {
    const std::lock_guard lock(mutex_);
    session_.submit(message, std::move(done), clock_.monotonic_ms());
    settle(calls);
  }
  for (const auto& call : calls) call();
}

std::vector<ShortMessage> MessageCentre::collect() {
  const std::lock_guard lock(mutex_);
  return std::exchange(held_, {});
}

Bytes MessageCentre::pdu_of(const ShortMessage& message) {
  // What the network takes over from the submission: header, protocol identifier, coding, octets.
  Bytes deliver = must(apdu::ota::deliver(message.source.digits, message.text));
  const std::size_t type = 2 + 1 + (message.source.digits.size() + 1) / 2;
  deliver[0] = message.esm_class & 0x40;
  deliver[type] = message.protocol_id;
  deliver[type + 1] = message.data_coding;
  Bytes out{0x00};
  append(out, deliver);
  return out;
}

void MessageCentre::report(const std::string& from, ByteView delivery_report) {
  constexpr std::size_t kBefore = 5;  // type, TP-PI, PID, DCS, length
  if (delivery_report.size() <= kBefore || delivery_report[4] != delivery_report.size() - kBefore) throw std::runtime_error("a delivery report without user data");
  bring(from, to_bytes(delivery_report.subspan(kBefore)));
}

void MessageCentre::bring(const std::string& from, Bytes user_data) {
  std::vector<sms::smpp::Call> calls;
  {
    const std::lock_guard lock(mutex_);
    session_.received(pdu(Command::deliver_sm, 77, ShortMessage{.source = {1, 1, from}, .esm_class = 0x48, .protocol_id = 0x7F, .data_coding = 0xF6, .text = std::move(user_data)}),
                      clock_.monotonic_ms());
    settle(calls);
  }
  for (const auto& call : calls) call();
}

}  // namespace tf::platform::test
