// The inside of Payments. One mutex; nothing is called under it but the runner, so that books and front ends may answer at
// once. Every callback enters through Inside, and none gets in after close(): a gate of its own, for every step passes it twice.
#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <unordered_map>

#include "payment/payments.hpp"

namespace tf::payment {

// A call of a front end: answered once, by the front end or by our patience.
class Call {
 public:
  explicit Call(FrontEnd::Done then) : then_(std::move(then)) {}
  // False: it was answered before.
  bool answer(Outcome outcome) {
    if (answered_.exchange(true)) return false;
    auto then = std::move(then_);
    then(std::move(outcome));
    return true;
  }
  [[nodiscard]] bool answered() const { return answered_; }

 private:
  FrontEnd::Done then_;
  std::atomic<bool> answered_{false};
};

class Payments::Desk : public std::enable_shared_from_this<Desk> {
 public:
  Desk(PaymentPorts ports, PaymentSettings settings, Router router, std::vector<FrontEnd*> front_ends);
  Status take_up();  // what the books have open
  void close();      // returns when nobody is inside any more

  void place(OrderRequest request, std::optional<PinBlock> pin, Done done);
  void refund(RefundRequest request, RefundDone done);
  void hear(const Order& order, Outcome outcome);
  void brought(const Order& order, bool will_pay, Done done);
  void decide(const Order& order, bool paid, Along along, Done done);
  [[nodiscard]] Status check_stuck(const Order& order) const;
  void decide(const RefundOrder& refund, bool given_back, Along along, RefundDone done);
  [[nodiscard]] Status check_stuck(const RefundOrder& refund) const;

  PaymentPorts ports;
  const PaymentSettings settings;
  const Router router;
  [[nodiscard]] FrontEnd* front_end(const std::string& name) const;
  [[nodiscard]] std::size_t under_way();

 private:
  struct Happened {
    Event event;
    Outcome outcome;
    Along along{};
  };
  struct Live {
    std::string key{};
    Order order{};
    FrontEnd* front_end = nullptr;  // null: not configured any more
    std::optional<PinBlock> pin{};
    std::vector<Done> waiting{};
    int tries = 0;         // queries, or reversals, since the state was entered
    bool known = false;    // it is in the books; before that nobody can have heard of it
    bool writing = false;  // until then what happens waits
    std::deque<Happened> happened{};
  };
  using LivePtr = std::shared_ptr<Live>;
  struct LiveRefund {
    std::string key{};
    RefundOrder refund{};
    Order order{};
    FrontEnd* front_end = nullptr;
    std::vector<RefundDone> waiting{};
    int tries = 0;
    bool known = false;            // it is in the books
    bool writing = false;          // its end
    std::vector<Outcome> heard{};  // meanwhile
  };
  using LiveRefundPtr = std::shared_ptr<LiveRefund>;

  class Inside {
   public:
    explicit Inside(Desk& desk);
    ~Inside();
    explicit operator bool() const { return entered_; }

   private:
    Desk& desk_;
    bool entered_;
  };
  static constexpr std::uint64_t kClosed = std::uint64_t{1} << 63;
  void leave();

  // --- orders ---
  [[nodiscard]] LivePtr find_open(const Order& order) const;  // under the mutex
  bool asked_enough(const LivePtr& live);
  bool join(const OrderRequest& request, Done& done, std::unique_lock<std::mutex>& lock);
  [[nodiscard]] Result<std::string> way_of(const OrderRequest& request) const;
  void answer_from_books(OrderRequest request, Error otherwise, Done done);
  void booked(const LivePtr& live, Result<Booking> booking);
  void happen(const LivePtr& live, Event event, Outcome outcome = {});
  void take_step(const LivePtr& live, Happened what, std::unique_lock<std::mutex>& lock);
  void write(const LivePtr& live, Order next, Effects effects, int failures);
  void written(const LivePtr& live, const Order& next, Effects effects, const Status& status, int failures);
  void perform(const LivePtr& live, Effects effects);  // under the mutex
  void tell(const LivePtr& live);                      // under the mutex
  void give_up(const LivePtr& live, const Error& error);
  void look_later(const LivePtr& live, int tries);
  void look(const LivePtr& live, int tries);
  void send(const LivePtr& live, std::optional<PinBlock> pin);
  void offer(const LivePtr& live);
  void ask_for_phone(const LivePtr& live, bool will_pay);
  void ask(const LivePtr& live);
  void undo(const LivePtr& live);
  // What changes nothing any more; of an order that operators decided it may say that they were wrong.
  void came_late(const Order& order, Event event, const Outcome& outcome);  // under the mutex
  void contradict(const Order& order, const std::optional<RefundOrder>& refund, const std::string& said, int failures);
  using Late = std::function<void(const Outcome&)>;
  Late late_of(const LivePtr& live, Event if_done, Event if_declined);

  // --- refunds ---
  void refund_booked(const LiveRefundPtr& live, Result<RefundBooking> booking);
  void send_refund(const LiveRefundPtr& live);
  void refund_answered(const LiveRefundPtr& live, Outcome outcome);
  void came_late(const LiveRefundPtr& live, const Outcome& outcome);  // under the mutex
  void end_refund(const LiveRefundPtr& live, RefundState state, Outcome outcome, Along along, std::unique_lock<std::mutex>& lock);
  void write_refund(const LiveRefundPtr& live, RefundOrder next, int failures);
  void refund_written(const LiveRefundPtr& live, const RefundOrder& next, const Status& status, int failures);
  void tell(const LiveRefundPtr& live);
  void give_up(const LiveRefundPtr& live, const Error& error);
  void look_later(const LiveRefundPtr& live, int tries);
  void look(const LiveRefundPtr& live, int tries);

  // --- both ---
  static bool may_be_written(const Error& error);  // whether a write that failed so may be in the books all the same
  // late: told what comes after our patience ended.
  FrontEnd::Done watched(FrontEnd::Done then, Late late = {});
  void sweep();
  std::int64_t take_number(std::int64_t now_ms);  // under the mutex
  [[nodiscard]] std::chrono::milliseconds back_off(int tries, std::int64_t longest_ms) const;
  // fn(*this) on the runner, unless closed by then.
  template <class F>
  void post(F fn) {
    ports.runner.post(entering(std::move(fn)));
  }
  template <class F>
  void after(std::chrono::milliseconds delay, F fn) {
    ports.runner.after(delay, entering(std::move(fn)));
  }
  template <class F>
  auto entering(F fn) {
    return [self = shared_from_this(), fn = std::move(fn)]() mutable {
      const Inside inside(*self);
      if (inside) fn();
    };
  }

  const std::map<std::string, FrontEnd*> front_ends_;
  std::mutex mutex_;
  std::condition_variable left_;
  std::atomic<std::uint64_t> gate_{0};  // how many are inside, and kClosed
  std::int64_t last_number_ = 0;
  std::unordered_map<std::string, LivePtr> orders_;
  std::unordered_map<std::string, LiveRefundPtr> refunds_;
  struct Watch {
    std::int64_t until_ms;  // monotonic
    std::shared_ptr<Call> call;
  };
  std::deque<Watch> watches_;
  bool sweeping_ = false;

  metrics::Counter& captured_;
  metrics::Counter& declined_;
  metrics::Counter& reversed_;
  metrics::Counter& resolved_;
  metrics::Counter& late_;
  metrics::Counter& refunded_;
  metrics::Gauge& open_;
};

}  // namespace tf::payment
