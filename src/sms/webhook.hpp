// A sender that posts to somebody's HTTP service (WebhookSettings). One thread, one connection that is kept, messages in
// their order; a message that waits for its next attempt does not hold up the others.
#pragma once
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "net/client/client.hpp"
#include "sms/settings.hpp"

namespace tf::sms {

class Webhook final : public Sender {
 public:
  static Result<std::unique_ptr<Sender>> create(WebhookSettings settings, const Clock& clock);  // Code::invalid "sms.settings"
  // Ends the attempt under way; what waits is done with Code::unavailable "sms.stopping".
  ~Webhook() override;
  Webhook(const Webhook&) = delete;
  Webhook& operator=(const Webhook&) = delete;

  // Code::overloaded "sms.queue_full"; Code::unavailable "sms.unavailable" after the last attempt.
  void send(Message message, Done done) override;
  [[nodiscard]] Status healthy() const override;  // how the last attempt ended

 private:
  struct Job {
    Message message;
    Done done;
    std::size_t attempts = 0;
    std::chrono::milliseconds pause{};
    std::int64_t not_before_ms = 0;
  };
  struct Answer {
    Result<Receipt> result;
    bool again = false;
    std::chrono::milliseconds wish{0};  // the service's Retry-After
  };

  Webhook(WebhookSettings settings, net::HttpClient client, const Clock& clock);
  void run();
  std::optional<Job> next();
  void finish(Job job, Answer answer);
  Answer attempt(const Message& message);
  [[nodiscard]] std::string signature(std::string_view body) const;

  const WebhookSettings settings_;
  net::HttpClient client_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  std::optional<Error> trouble_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tf::sms
