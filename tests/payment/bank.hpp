// The other side: a bank with books of its own, and a bad line to it. Requests and answers may be lost, late, doubled; the
// bank may decline, take a wrong amount, let a payment stand that was to be undone. It keeps what front_end.hpp promises.
#pragma once
#include <map>

#include "payment/front_end.hpp"
#include "tests/payment/virtual_time.hpp"

namespace tf::payment::test {

struct LineWeather {
  std::int64_t usual_ms = 40;   // one way, at most
  std::int64_t timeout_ms = 5'000;
  int lost_percent = 0;         // each way
  int late_percent = 0;         // each way: up to two minutes
  int doubled_percent = 0;      // requests
  int silent_percent = 0;       // Done is never called
  int declined_percent = 0;
  int wrong_amount_percent = 0;
  int stands_percent = 0;       // reversals that are refused
  int down_percent = 0;         // not healthy when asked
  int notified_percent = 0;     // payments that it tells of by itself
};

class Bank final : public FrontEnd {
 public:
  struct Entry {
    Money amount{};
    enum class State { paid, declined, closed, reversed, waiting } state = State::closed;  // closed: never was, and will not be; waiting: for a phone
    std::map<std::string, std::int64_t> refunds{};  // by the refund's transaction; 0: declined
    int paid_times = 0;
  };

  Bank(std::string name, Resolves resolves, VirtualTime& time, Dice& dice, LineWeather weather)
      : weather(weather), name_(std::move(name)), resolves_(resolves), time_(time), dice_(dice) {}

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] bool healthy() const override { return !dice_.happens(weather.down_percent); }
  [[nodiscard]] Resolves resolves() const override { return resolves_; }
  void pay(const Payment& payment, std::optional<PinBlock> pin, Done done) override;
  [[nodiscard]] bool takes_phones() const override { return resolves_ == Resolves::by_query; }
  void order_for_phone(const Payment& payment, std::int64_t until_ms, Done done) override;
  // What a phone does with an order it was given; what it brings back, which may be lost on its way.
  enum class Paying { paid, failed, none };
  Paying phone_pays(const std::string& transaction);
  void query(const Payment& payment, Done done) override;
  void reverse(const Payment& payment, Done done) override;
  void refund(const Refund& refund, Done done) override;

  [[nodiscard]] const std::map<std::string, Entry>& entries() const { return entries_; }
  // What it tells by itself of a payment, some time after it: whatever has become of it since.
  std::function<void(const std::string& transaction)> notify{};
  LineWeather weather;
  int calls = 0;

 private:
  using Serve = std::function<Outcome()>;
  void exchange(Serve serve, Done done);
  std::int64_t way();
  Outcome serve_pay(const Payment& payment);
  Outcome serve_offer(const Payment& payment);
  Outcome serve_query(const Payment& payment);
  Outcome serve_reverse(const Payment& payment);
  Outcome serve_refund(const Refund& refund);

  const std::string name_;
  const Resolves resolves_;
  VirtualTime& time_;
  Dice& dice_;
  std::map<std::string, Entry> entries_;  // by our transaction
};

}  // namespace tf::payment::test
