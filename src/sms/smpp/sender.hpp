// A sender over SMPP 3.4 (SmppSettings): a session on a line that is made anew when it is lost.
#pragma once
#include <condition_variable>
#include <mutex>
#include <thread>

#include "net/link/link.hpp"
#include "sms/smpp/session.hpp"

namespace tf::sms::smpp {

class SmppSender final : public Sender {
 public:
  // Code::invalid "sms.settings".
  static Result<std::unique_ptr<Sender>> create(SmppSettings settings, const Clock& clock, Random& random, OnDelivery on_delivery, OnIncoming on_incoming);
  // Unbinds, waits at most a second for the answer; what waits is done with Code::unavailable "sms.stopping".
  ~SmppSender() override;
  SmppSender(const SmppSender&) = delete;
  SmppSender& operator=(const SmppSender&) = delete;

  void send(Message message, Done done) override;
  [[nodiscard]] Status healthy() const override;

 private:
  SmppSender(SmppSettings settings, const Clock& clock, Random& random, OnDelivery on_delivery, OnIncoming on_incoming);
  template <class Act>
  void drive(Act act);
  void run();

  const SmppSettings settings_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  Session session_;
  net::Link link_;
  std::thread timer_;
};

}  // namespace tf::sms::smpp
