// The delivery of notices from the outbox: signed, in the order of each payment, one at a time to a merchant, again and again
// for a day. docs/payment.md has the headers.
#pragma once
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "base/ports.hpp"
#include "metrics/registry.hpp"
#include "net/tls.hpp"
#include "payment/notices/merchants.hpp"
#include "payment/notices/outbox.hpp"

namespace tf::payment {

// One POST; the answer's status, or why there is none. Called from several threads.
struct HookMessage {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};
using HookSender = std::function<Result<int>(const HookMessage& message)>;
// Over TLS to hosts that these anchors certify; a connection for each message; 10 s for the answer.
HookSender http_hook_sender(std::vector<net::Certificate> anchors);

// Attempts after the first: at 10 s … within 24 hours.
inline constexpr int kHookRetries = 16;
std::optional<std::int64_t> hook_delay_ms(int attempts);  // after so many attempts; none: given up

// "t=<seconds>,v1=<hex>" over "<seconds>.<body>"; what a merchant checks.
Result<std::string> hook_signature(const Merchants& merchants, const std::string& merchant, std::int64_t now_ms, const std::string& body);

struct HookPorts {
  store::Database& database;
  const Merchants& merchants;
  const Clock& clock;
  metrics::Registry& metrics;
  HookSender send;
};

class Webhooks {
 public:
  // threads: as many merchants are served at once. None: only deliver_one() delivers.
  explicit Webhooks(HookPorts ports, int threads = 2);
  ~Webhooks();
  // The outbox has something new. Quick, from any thread.
  void wake();
  // Takes one that is due to its merchant. False: none is.
  Result<bool> deliver_one();

 private:
  Result<std::optional<Due>> take();
  Status deliver(const Due& due);
  void work();
  void forget_now_and_then();

  HookPorts ports_;
  metrics::Counter& delivered_;
  metrics::Counter& failed_;
  metrics::Counter& given_up_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::set<std::string> in_hand_;                   // merchants being served
  std::map<std::string, std::int64_t> paused_;      // merchants that failed lately: until when
  std::int64_t forgotten_ms_ = 0;
  bool woken_ = false;
  bool ending_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace tf::payment
