// One run in virtual time: clients who repeat themselves, payments over two banks with a bad line, a program that dies, a
// disk that fails; then fair weather until all is settled; then both sides' books are compared. The same seed is the same run.
#pragma once
#include <optional>
#include <set>

#include "payment/payments.hpp"
#include "tests/payment/bank.hpp"
#include "tests/payment/memory_books.hpp"

namespace tf::payment::test {

struct RunOptions {
  std::span<const Transition> table = kTransitions;
  bool crashes = true;
};

class FaultRun {
 public:
  explicit FaultRun(std::uint64_t seed, RunOptions options = {});
  ~FaultRun();
  // What is wrong with the books afterwards; empty: all is well.
  std::vector<std::string> run();

  struct Tally {
    int orders = 0, captured = 0, declined = 0, reversed = 0, resolved = 0, refunds = 0, crashes = 0, events = 0, over_limit = 0, repeated = 0, direct = 0, direct_paid = 0;
    Tally& operator+=(const Tally& other);
  };
  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  struct Client {
    OrderRequest request;
    std::optional<Order> answer;  // its end, as told
    int asked = 0;
    bool paying = false;  // direct: its phone has gone to the gateway
    std::int64_t refund_left = 0;
    std::map<std::string, Money> refunds{};     // asked for, by refund number
    std::map<std::string, RefundOrder> given{};  // told as ended
  };

  void start();
  void crash();
  void fair_weather();
  void place(Client& client);
  void placed(Client& client, Result<Order> answer);
  void go_to_gateway(Client& client, const Order& order);
  void bring(Client& client, const std::string& transaction, bool will_pay, int times);
  void ask_refund(Client& client);
  void send_refund(Client& client, const std::string& number);
  void refunded(Client& client, const std::string& number, Result<RefundOrder> answer);
  void try_other_content(Client& client);
  [[nodiscard]] bool settled() const;

  void wrong(std::string what) { wrong_.push_back(std::move(what)); }
  void check_orders();
  void check_bank(const Bank& bank);
  void check_clients();
  void check_refunds();
  void check_limits();
  void check_notices();

  Dice dice_;
  const RunOptions options_;
  VirtualTime time_;
  Ledger ledger_;
  Limits limits_;
  metrics::Registry metrics_;
  Bank card_, wallet_;
  std::vector<std::unique_ptr<Client>> clients_;
  // of one life of the program
  std::unique_ptr<Life> life_;
  std::unique_ptr<VirtualRunner> runner_;
  std::unique_ptr<MemoryBooks> books_;
  std::unique_ptr<Payments> payments_;
  CommitWeather commits_;
  bool fair_ = false;
  std::vector<std::string> wrong_;
  Tally tally_;
};

}  // namespace tf::payment::test
