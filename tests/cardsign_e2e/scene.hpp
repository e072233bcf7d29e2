// A platform, an e-wallet's gateway and a card in the terminal's own process (--card DIR): every program the real one, and no pcscd.
#pragma once
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/curl.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/local.hpp"
#include "tests/support/process.hpp"

namespace tf::test {

class CardsignScene {
 public:
  // keys: of the cards, "P-256" or "RSA". born: before_cards is a platform without the authority of cards and its profiles, which serves wallet alone.
  // more: options of init.
  enum class Born { with_cards, before_cards };
  CardsignScene(const std::string& name, const std::string& keys, Born born = Born::with_cards, const std::vector<std::string>& more = {});
  ~CardsignScene();
  CardsignScene(const CardsignScene&) = delete;
  CardsignScene& operator=(const CardsignScene&) = delete;

  [[nodiscard]] std::string in(const std::string& name) const { return directory_ + "/" + name; }
  // A new card in in(SERIAL), known to the platform, and the code with which its user enrols it.
  std::string make_card(const std::string& serial, const std::vector<std::string>& options = {});
  Finished enrol(const std::string& serial, const std::string& code) const;
  // An order of this user's; its payment.
  std::string order(const std::string& subject = "Tea", std::int64_t amount = 1250, const std::string& user = "anna");
  Finished pay(const std::string& serial, const std::string& payment, const std::string& pin = "123456", int container = 0,
               const std::string& suite = "modern") const;
  // A new PIN by the PUK.
  Finished unblock(const std::string& serial, int container, const std::string& puk, const std::string& pin) const;
  // An account that a user pays from.
  void give_account(const std::string& user, const std::string& number);
  // The commands that a session for this payment begins with, in hex; none: it was refused.
  std::vector<std::string> first_commands(const std::string& payment) const;
  // A modem's lines for the card's terminal; with --json.
  Finished take_messages(const std::string& serial, const std::string& lines) const;
  [[nodiscard]] std::string state_of(const std::string& payment) const;
  // Must succeed; with --json.
  wire::JsonObject operate(std::vector<std::string> words) const;
  // Any command upon the platform.
  [[nodiscard]] Finished on_platform(std::vector<std::string> words) const;
  void stop();
  void serve();               // until the platform answers
  void prepare_for_cards();   // merchant, account, record key: once cardsign is served
  // Options of [cardsign], as init takes them with a prefix and cardsign enable without.
  [[nodiscard]] std::vector<std::string> options(const std::string& prefix) const;
  [[nodiscard]] std::string log() const { return read_text(in("server.log")); }
  [[nodiscard]] Finished audit() const { return trustferry({"audit", "verify", "--directory", in("platform")}); }

 private:
  void make(Born born, const std::vector<std::string>& more);
  void forget_cards() const;
  [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string root() const { return in("platform/root.crt"); }
  [[nodiscard]] std::string manufacturers() const { return in("manufacturer/manufacturer.crt"); }

  std::string directory_, keys_;
  std::uint16_t terminals_port_, admin_port_, wallet_port_, pki_port_, port_, ewallet_port_;
  std::unique_ptr<Process> server_, ewallet_;
  std::string secret_;
  std::map<std::string, std::string> instruments_;  // by user
  [[nodiscard]] std::string secret_file(const std::string& name, const std::string& content) const;
  int orders_ = 0;
  bool manufacturer_known_ = false;
};

}  // namespace tf::test
