// A mobile network in memory: the platform's SMPP session against a message centre, the phone with the card behind it.
#pragma once
#include <deque>
#include <mutex>

#include "sms/smpp/session.hpp"
#include "terminal/cardsign/card_messages.hpp"

namespace tf::platform::test {

class MessageCentre final : public sms::Sender {
 public:
  explicit MessageCentre(const Clock& clock);

  void send(sms::Message message, sms::Done done) override;
  [[nodiscard]] Status healthy() const override { return {}; }

  // What the network holds for the phones: submit_sm in their order, each taken once.
  std::vector<sms::smpp::ShortMessage> collect();
  // As the phone's modem tells one of them (TS 27.005).
  static Bytes pdu_of(const sms::smpp::ShortMessage& message);
  // The delivery report's user data comes back to the platform (deliver_sm); "" for a report without.
  void report(const std::string& from, ByteView delivery_report);
  void bring(const std::string& from, Bytes user_data);

  sms::OnIncoming on_incoming;  // the platform

 private:
  void settle(std::vector<sms::smpp::Call>& calls);
  const Clock& clock_;
  sms::SmppSettings settings_;
  std::mutex mutex_;
  sms::smpp::Session session_;
  std::vector<sms::smpp::ShortMessage> held_;
  int ids_ = 0;
};

}  // namespace tf::platform::test
