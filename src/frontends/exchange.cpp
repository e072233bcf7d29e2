#include "frontends/exchange.hpp"

namespace tf::frontends {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr int kFailures = 3;
constexpr std::chrono::seconds kRest{10};

}  // namespace

Result<std::unique_ptr<HttpsExchange>> HttpsExchange::create(const net::ClientOptions& gateway, ExchangeLimits limits) {
  std::unique_ptr<HttpsExchange> out(new HttpsExchange(limits));
  std::vector<net::HttpClient> clients;
  clients.push_back(TF_TRY(net::HttpClient::create(gateway)));
  while (clients.size() < limits.connections) clients.push_back(TF_TRY(clients.front().beside(gateway.server)));
  for (net::HttpClient& client : clients)
    out->threads_.emplace_back([self = out.get(), client = std::move(client)]() mutable { self->work(std::move(client)); });
  return out;
}

HttpsExchange::~HttpsExchange() { stop(); }

void HttpsExchange::send(Build build, Done done) {
  const char* why = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      why = "frontends.stopping";
    } else if (jobs_.size() >= limits_.max_queued) {
      why = "frontends.queue_full";
    } else {
      jobs_.push_back({std::move(build), std::move(done)});
    }
  }
  if (why == nullptr) return ready_.notify_one();
  const Code code = std::string_view(why) == "frontends.stopping" ? Code::unavailable : Code::overloaded;
  done({Error{code, why, {}}, false});
}

void HttpsExchange::work(net::HttpClient client) {
  while (true) {
    Job job;
    bool stopping = false;
    {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
      stopping = stopping_;
    }
    if (stopping) {
      job.done({Error{Code::unavailable, "frontends.stopping", {}}, false});
      continue;
    }
    auto request = job.build();
    if (!request) {
      job.done({std::move(request).error(), false});
    } else {
      job.done({client.request(*request), true});
    }
  }
}

void HttpsExchange::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  for (std::thread& thread : threads_)
    if (thread.joinable()) thread.join();
}

ThreadTimer::ThreadTimer() : thread_([this] { run(); }) {}

ThreadTimer::~ThreadTimer() { stop(); }

void ThreadTimer::after(std::chrono::milliseconds delay, Due due) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      pending_.emplace(SteadyClock::now() + delay, std::move(due));
      changed_.notify_one();
      return;
    }
  }
  due(true);
}

void ThreadTimer::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_ || !pending_.empty()) {
    if (pending_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto first = pending_.begin();
    if (!stopping_ && first->first > SteadyClock::now()) {
      const Moment until = first->first;  // another may come before it meanwhile
      changed_.wait_until(lock, until);
      continue;
    }
    Due due = std::move(first->second);
    pending_.erase(first);
    const bool stopping = stopping_;
    lock.unlock();
    due(stopping);
    lock.lock();
  }
}

void ThreadTimer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Health::good() {
  const std::lock_guard lock(mutex_);
  failures_ = 0;
}

void Health::bad() {
  const std::lock_guard lock(mutex_);
  ++failures_;
  last_failure_ = SteadyClock::now();
}

bool Health::healthy() const {
  const std::lock_guard lock(mutex_);
  return failures_ < kFailures || SteadyClock::now() - last_failure_ > kRest;
}

}  // namespace tf::frontends
