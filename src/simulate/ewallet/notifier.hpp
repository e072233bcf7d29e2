// Tells merchants how their orders ended, again and again until they answer as they should: the e-wallet after 4 m, 10 m, 10 m,
// 1 h, 2 h, 6 h and 15 h until it hears "success", the card network five times in all until it gets a 200.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "frontends/exchange.hpp"
#include "simulate/ewallet/dialect.hpp"

namespace tf::simulate::ewallet {

struct NotifierOptions {
  std::vector<net::Certificate> anchors{};  // for https:// addresses; http:// is taken too
  int hurry = 1;                            // pauses are divided by it
};

class Notifier {
 public:
  Notifier(World& world, Faults& faults, NotifierOptions options) : world_(world), faults_(faults), options_(std::move(options)) {}
  ~Notifier() { stop(); }
  // An order ended. Orders without an address, or that were told already, are left alone.
  void tell(const Told& told);
  void tell_all();  // those that were not told before the last end
  void stop();

 private:
  void attempt(const Told& told, std::size_t number);
  frontends::Exchange* way_to(const std::string& base_url);

  World& world_;
  Faults& faults_;
  const NotifierOptions options_;
  std::mutex mutex_;
  bool stopping_ = false;
  std::map<std::string, std::unique_ptr<frontends::HttpsExchange>> ways_;
  frontends::ThreadTimer timer_;
};

}  // namespace tf::simulate::ewallet
