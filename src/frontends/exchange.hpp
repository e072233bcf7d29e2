// How a front end reaches its gateway, and how it waits: two ports, so that a test has them in memory and virtual time.
// A front end never blocks who calls it: signing, opening an instrument and the network happen on the exchange's threads.
#pragma once
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "net/client/client.hpp"

namespace tf::frontends {

struct Answer {
  Result<wire::HttpResponse> response;
  bool sent = true;  // false: certainly not a byte of the request left us, and none will
};

class Exchange {
 public:
  using Build = std::move_only_function<Result<net::ClientRequest>()>;
  using Done = std::move_only_function<void(Answer)>;
  virtual ~Exchange() = default;
  // Done is called once, on any thread. What build refuses is not sent.
  virtual void send(Build build, Done done) = 0;
};

class Timer {
 public:
  using Due = std::move_only_function<void(bool stopping)>;  // called once; stopping: it was not waited for
  virtual ~Timer() = default;
  virtual void after(std::chrono::milliseconds delay, Due due) = 0;
};

struct ExchangeLimits {
  std::size_t connections = 8;
  std::size_t max_queued = 1024;  // requests
};

// Over the house's HTTP client: so many connections to one gateway, a thread each, made when they are needed.
// Unsent: Code::overloaded "frontends.queue_full", Code::unavailable "frontends.stopping".
class HttpsExchange final : public Exchange {
 public:
  // Code::invalid "net.tls_config"
  static Result<std::unique_ptr<HttpsExchange>> create(const net::ClientOptions& gateway, ExchangeLimits limits = {});
  ~HttpsExchange() override;  // stop()
  void send(Build build, Done done) override;
  // Those under way end (response_timeout of the client bounds it), those that wait are told. Then no callback runs.
  void stop();

 private:
  struct Job {
    Build build;
    Done done;
  };
  explicit HttpsExchange(ExchangeLimits limits) : limits_(limits) {}
  void work(net::HttpClient client);

  const ExchangeLimits limits_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

// One thread. Callbacks run on it, one at a time, and must not wait.
class ThreadTimer final : public Timer {
 public:
  ThreadTimer();
  ~ThreadTimer() override;  // stop()
  void after(std::chrono::milliseconds delay, Due due) override;
  void stop();  // what is pending is called at once, with stopping

 private:
  using Moment = std::chrono::steady_clock::time_point;
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<Moment, Due> pending_;
  bool stopping_ = false;
  std::thread thread_;
};

// Whether a gateway answered lately: bad after three failures in a row, and then for ten seconds, after which the next
// payment may try it again.
class Health {
 public:
  void good();
  void bad();
  [[nodiscard]] bool healthy() const;

 private:
  mutable std::mutex mutex_;
  int failures_ = 0;
  std::chrono::steady_clock::time_point last_failure_{};
};

}  // namespace tf::frontends
