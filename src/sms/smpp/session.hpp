// A transceiver's side of SMPP 3.4 as a value: it is told what happens and when, and says what is to be sent and called.
//
//   down ── connected ──▶ binding ── bind_transceiver_resp 0 ──▶ bound ── close ──▶ unbinding
//                           ▲  │ another status                    │
//                           └──┴── after a pause                   └─ lost, unbind, silence ──▶ down
//
// A bind that was refused is tried again on the same connection, with growing pauses. What was submitted and had no answer
// when the line went is submitted again on the next one.
#pragma once
#include "sms/settings.hpp"
#include "sms/smpp/deliveries.hpp"
#include "sms/smpp/submissions.hpp"

namespace tf::sms::smpp {

class Session {
 public:
  Session(const SmppSettings& settings, std::uint8_t first_reference, OnDelivery on_delivery, OnIncoming on_incoming = {});

  void connected(std::int64_t now_ms);
  void lost(const Error& why);
  void received(ByteView payload, std::int64_t now_ms);
  void submit(const Message& message, Done done, std::int64_t now_ms);
  void tick(std::int64_t now_ms);  // ten times a second
  void close(std::int64_t now_ms);
  void fail_all(const Error& error) { submissions_.fail_all(error, out_.calls); }

  struct Output {
    std::vector<SecretBytes> frames;  // for the line, in this order
    std::vector<Call> calls;          // to be made without a lock
    bool renew = false;               // the line is to be made anew
  };
  Output take() { return std::exchange(out_, {}); }
  [[nodiscard]] Status healthy() const;
  [[nodiscard]] bool closed() const { return state_ == State::down || state_ == State::closed; }

 private:
  enum class State { down, binding, refused, bound, unbinding, closed };

  void bind(std::int64_t now_ms);
  void give_up(const char* why);
  void pump(std::int64_t now_ms);
  std::uint32_t request(Command command, Body body);
  void answer(Command command, std::uint32_t sequence, std::uint32_t status, Body body);
  void on_request(const Header& header, const Result<Pdu>& pdu);
  void on_deliver(const Header& header, const Result<Pdu>& pdu);
  void on_response(const Header& header, const Result<Pdu>& pdu, std::int64_t now_ms);
  void on_bound(std::uint32_t status, std::int64_t now_ms);
  void on_submitted(Part part, std::uint32_t status, const Result<Pdu>& pdu, std::int64_t now_ms);
  void slow_down(std::int64_t now_ms);

  const SmppSettings& settings_;
  Submissions submissions_;
  Deliveries deliveries_;
  const OnIncoming on_incoming_;
  Output out_;
  State state_ = State::down;
  Error trouble_{Code::unavailable, "sms.not_bound", "no connection yet"};
  std::uint32_t sequence_ = 0;
  std::uint8_t concatenation_;
  std::int64_t heard_ms_ = 0;                // when the host last said anything
  std::int64_t asked_ms_ = 0;                // when we asked for the answer below
  std::optional<std::uint32_t> awaited_;     // of bind, enquire_link or unbind
  std::int64_t bind_after_ms_ = 0;           // a refused bind waits until then
  std::chrono::milliseconds bind_pause_;
  std::int64_t submit_after_ms_ = 0;         // the network was too busy for us until then
  std::chrono::milliseconds submit_pause_;
};

}  // namespace tf::sms::smpp
