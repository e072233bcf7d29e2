// A platform with a wallet, a card network's host, an e-wallet and the card network's own gateway as processes of their own, and phones: by command line, a process
// for each act, or in this process, where there are many.
#pragma once
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "terminal/wallet.hpp"
#include "tests/support/curl.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/local.hpp"
#include "tests/support/process.hpp"

namespace tf::test {

inline constexpr const char* kPin = "739146028517";  // of every card: long enough to be looked for in files

// Who holds the phone: what the phone reads from itself and its SIM, and what its owner knows.
struct Owner {
  std::string number, imei, iccid, password, card, pin;
  std::string suite = "modern", key = "phone";
  std::string directory{};  // of the phone's files
  std::string registration{};
  std::string token{};  // of the card
};

struct SceneOptions {
  std::string name = "wallet_e2e";
  std::vector<std::string> acquirer_faults{};
  std::vector<std::string> ewallet_faults{};
  std::vector<std::string> network_faults{};
  std::string policy{};  // more lines of [wallet]
};

class WalletScene {
 public:
  explicit WalletScene(SceneOptions options);
  ~WalletScene();
  WalletScene(const WalletScene&) = delete;
  WalletScene& operator=(const WalletScene&) = delete;
  // One for all tests that need no faults: everything honest, both suites, both makers of keys.
  static WalletScene& get();

  [[nodiscard]] std::string in(const std::string& name) const { return directory_ + "/" + name; }
  [[nodiscard]] std::string platform() const { return in("platform"); }
  [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + std::to_string(wallet_port_); }
  [[nodiscard]] std::string pki_url() const { return "http://127.0.0.1:" + std::to_string(pki_port_); }
  [[nodiscard]] std::string network_url() const { return "https://127.0.0.1:" + std::to_string(network_port_); }
  [[nodiscard]] std::string network_root() const { return in("network/root.crt"); }
  [[nodiscard]] std::string root() const { return platform() + "/root.crt"; }

  Owner owner(const std::string& suite = "modern", const std::string& key = "phone");
  // Another phone, another SIM; numbers with their check digits.
  static std::string imei(int phone);
  static std::string iccid(int sim);

  // terminal wallet …, as this owner.
  Finished phone(const Owner& owner, std::vector<std::string> words);
  wire::JsonObject phone_must(const Owner& owner, std::vector<std::string> words);
  // Each must succeed. register takes what the owner's suite and key say; the code is the SMS's.
  void register_(Owner& owner);
  void activate(const Owner& owner);
  void login(const Owner& owner);
  void add_card(Owner& owner);
  Owner ready(const std::string& suite = "modern", const std::string& key = "phone");  // all of these
  std::vector<std::string> order(const Owner& owner, const std::string& order, const std::string& amount, const std::vector<std::string>& more = {});

  // An owner's phone in this process. It writes the last body of each route to sent, where that is wanted.
  using Sent = std::map<std::string, std::string>;
  terminal::WalletPhone line(Sent* sent = nullptr) const;
  // Out of the SMS for this registration; throws when none comes.
  [[nodiscard]] std::string code_for(const std::string& number, const std::string& registration) const;

  // A command of the platform's operators.
  wire::JsonObject ask(std::vector<std::string> words) const;
  Finished operate(std::vector<std::string> words) const;
  [[nodiscard]] std::string sql(const std::string& query) const;  // the first line, beside the running server
  // The exact reason in the newest refusal of wallet in the audit trail, which is written behind the answer: waits for this one.
  [[nodiscard]] std::string last_refusal(const std::string& expected) const;
  [[nodiscard]] std::string log() const { return read_text(in("server.log")); }

  // To be stopped without ending, and to go on.
  [[nodiscard]] const Process& acquirer() const { return *acquirer_; }
  [[nodiscard]] const Process& ewallet() const { return *ewallet_; }
  void serve();  // up, with its front ends, when it returns
  void kill_server();  // SIGKILL
  void stop_server();
  // Waits until no order and no refund is open; whether that came to be.
  bool settle(std::chrono::seconds at_most = std::chrono::seconds(30)) const;
  [[nodiscard]] std::string day_file(const std::string& front_end) const;  // of the other side, today's
  // What differs of today, a line each; nothing where there is no file yet.
  [[nodiscard]] std::optional<std::vector<std::string>> differences(const std::string& front_end, const std::string& file, std::int64_t* matched = nullptr) const;
  // All days' files against our books; the number of lines that agree. Fails the test for every difference.
  std::int64_t reconcile() const;
  [[nodiscard]] std::string password_file(const Owner& owner) const { return owner.directory + "/password"; }

 private:
  void configure();
  void start_others(const SceneOptions& options);
  void make_merchant_certificate();
  void bring_zone_key();

  std::string directory_, policy_;
  std::uint16_t terminals_port_, admin_port_, access_port_, wallet_port_, pki_port_, acquirer_port_, ewallet_port_, network_port_;
  std::unique_ptr<Process> server_, acquirer_, ewallet_, network_;
  int owners_ = 0;
};

}  // namespace tf::test
