// A session and a host in memory: what the session sends is decoded and kept, and what the host says is written out.
#pragma once
#include <deque>
#include <optional>

#include "sms/smpp/session.hpp"
#include "tests/support/expect.hpp"
#include "wire/encoding.hpp"

namespace tf::sms::smpp::test {

inline SmppSettings quick() {
  SmppSettings out;
  out.host = "host";
  out.system_id = "ferry";
  out.password = SecretBytes(as_bytes("secret08"));
  out.source = "Ferry";
  out.window = 3;
  out.max_waiting = 20;
  out.answer_timeout = std::chrono::milliseconds(1000);
  out.enquire_after = std::chrono::milliseconds(5000);
  out.give_up_after = std::chrono::milliseconds(60000);
  out.first_pause = std::chrono::milliseconds(200);
  out.longest_pause = std::chrono::milliseconds(1000);
  return out;
}

class Host {
 public:
  explicit Host(SmppSettings with = quick()) : settings(std::move(with)), session(settings, 0, [this](const Delivery& each) { deliveries.push_back(each); }, [this](const Incoming& each) { incoming.push_back(each); }) {}

  // Takes what the session put out.
  void settle() {
    auto out = session.take();
    for (const SecretBytes& frame : out.frames) sent.push_back(decode(frame.reveal()).value());
    for (const Call& call : out.calls) call();
    if (out.renew) ++renewed;
  }
  void connect() {
    session.connected(now);
    settle();
  }
  void lose() {
    session.lost({Code::unavailable, "link.closed", ""});
    settle();
  }
  void pass(std::int64_t ms) {
    for (std::int64_t end = now + ms; now < end;) {
      now += 100;
      session.tick(now);
      settle();
    }
  }
  void say(Command command, std::uint32_t status, std::uint32_t sequence, Body body) {
    say_raw(encode({{static_cast<std::uint32_t>(command), status, sequence}, std::move(body)})->reveal());
  }
  void say_raw(ByteView pdu) {
    session.received(pdu, now);
    settle();
  }
  // The oldest PDU that was not looked at yet; the test fails when it is another command, or none.
  Pdu expect(Command command) {
    if (sent.empty()) {
      ADD_FAILURE() << "nothing was sent";
      return {};
    }
    Pdu out = std::move(sent.front());
    sent.pop_front();
    EXPECT_EQ(out.header.command, static_cast<std::uint32_t>(command));
    return out;
  }
  void bind() {
    connect();
    say(Command::bind_transceiver_resp, 0, expect(Command::bind_transceiver).header.sequence, BindTransceiverResp{"smsc", {}});
  }
  void send(std::string reference, std::string text = "code 1234") {
    session.submit({"8613800138000", std::move(text), reference},
                   [this, reference](Result<Receipt> result) { done.emplace_back(reference, std::move(result)); }, now);
    settle();
  }
  // Answers the oldest submit_sm.
  void take(std::uint32_t status, const std::string& id = "") {
    const auto sequence = expect(Command::submit_sm).header.sequence;
    say(Command::submit_sm_resp, status, sequence, status == 0 ? Body(MessageId{id, {}}) : Body(Empty{}));
  }
  void receipt(const std::string& id, const std::string& word = "DELIVRD") {
    ShortMessage message;
    message.esm_class = 4;
    message.text = to_bytes(as_bytes("id:" + id + " stat:" + word));
    say(Command::deliver_sm, 0, 77, message);
  }

  const SmppSettings settings;
  std::int64_t now = 1'000'000;
  std::deque<Pdu> sent;
  std::vector<std::pair<std::string, Result<Receipt>>> done;
  std::vector<Delivery> deliveries;
  std::vector<Incoming> incoming;
  int renewed = 0;
  Session session;
};

}  // namespace tf::sms::smpp::test
