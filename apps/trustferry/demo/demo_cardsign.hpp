// The demo's smart card: it is made by a manufacturer, imported, makes its keys, gets certificates and signs a payment; a thief who has the
// card and not the PIN gets nothing. Through pcscd's virtual reader where there is one, in the terminal's own process otherwise.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "apps/trustferry/line/child_process.hpp"

namespace tf::cli {

struct CardsignScene {
  std::string program;
  std::string directory;  // of the demo
  std::string platform;   // data directory
  int port = 8449;
  // A command of the platform's operators, answered as JSON text.
  std::function<Result<std::string>(std::vector<std::string>)> on_platform;
  std::function<void(const std::string&)> say;
};

struct CardsignReport {
  std::string reader;             // "pcscd" or "in process"
  std::int64_t certificates = 0;  // on the card
  std::string result, transaction;
  bool wrong_pin_refused = false;
};

class CardsignDemo {
 public:
  explicit CardsignDemo(CardsignScene scene) : scene_(std::move(scene)) {}

  // Of a new platform with a wallet, before it is served: [cardsign].
  Status prepare() const;
  [[nodiscard]] bool configured() const;
  Result<CardsignReport> run();

 private:
  Status choose_reader();
  Status make_card();
  Result<std::string> enrolment_code() const;
  Result<std::string> merchant_secret() const;
  Result<std::string> order() const;
  // Commands of the terminal.
  [[nodiscard]] std::vector<std::string> payment_of(const std::string& payment, const std::string& pin_file) const;
  [[nodiscard]] std::vector<std::string> at_terminal(std::vector<std::string> words) const;
  Result<bool> refuses_wrong_pin(const std::string& payment) const;
  [[nodiscard]] std::string in(const std::string& name) const { return scene_.directory + "/cards/" + name; }

  CardsignScene scene_;
  std::string serial_, instrument_;
  bool over_pcscd_ = false;
};

}  // namespace tf::cli
