// A platform, pcscd with two virtual readers, a card, and a browser with extension and bridge: every program the real one.
#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/curl.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/local.hpp"
#include "tests/support/process.hpp"

namespace tf::test {

inline constexpr const char* kUser = "anna";
inline constexpr const char* kSerial = "CARD-0001";
inline constexpr const char* kExtension = "nhifbgnehamijphgfihpddakcklhpgof";
inline constexpr const char* kHome = "home";                          // a person's settings
inline constexpr const char* kHomeWithModule = "home-with-module";  // with OpenSC's PKCS#11 module in the browser
inline constexpr const char* kFirstReader = "Virtual PCD 00 00";
inline constexpr const char* kSecondReader = "Virtual PCD 00 01";

class BrowserScene {
 public:
  static BrowserScene& get();
  // In a folder of that name; slots: of the keys that a card gets. Not "authentication" beside "card": a browser takes either for TLS.
  explicit BrowserScene(const std::string& name = "cardsign_browser", const std::string& slots = "payment,card");
  ~BrowserScene();
  BrowserScene(const BrowserScene&) = delete;
  BrowserScene& operator=(const BrowserScene&) = delete;

  [[nodiscard]] std::string in(const std::string& name) const { return directory_ + "/" + name; }
  [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string other_url() const { return "https://localhost:" + std::to_string(port_); }
  [[nodiscard]] std::string root() const { return in("platform/root.crt"); }
  [[nodiscard]] std::string manufacturers() const { return in("manufacturer/manufacturer.crt"); }

  // The card in the first reader; out of it.
  void insert_card();
  void pull_card();
  // Until a reader has a card, or has none.
  bool wait_for_card(const std::string& reader, bool there) const;
  [[nodiscard]] std::string enrolment_code();
  // A new order of this user's; the path of its page.
  [[nodiscard]] std::string order(const std::string& subject = "Tea", std::int64_t amount = 1250);
  [[nodiscard]] std::string state_of(const std::string& page) const;  // of the payment
  [[nodiscard]] bool enrolled() const { return enrolled_; }
  void enrol_once();  // with the terminal, where no test did it in the browser

  // A scenario of browser.mjs with these settings beside the usual ones; what it saw.
  struct Setting {
    std::string name, value;
  };
  [[nodiscard]] Process begin(const std::string& scenario, const std::vector<Setting>& settings, const char* home = kHome);
  wire::JsonObject end(Process& browser);
  wire::JsonObject browse(const std::string& scenario, const std::vector<Setting>& settings = {});
  // In a browser that reaches the card by PKCS#11 too: TLS client authentication.
  wire::JsonObject browse_with_module(const std::string& scenario, const std::vector<Setting>& settings = {});
  [[nodiscard]] static std::string module();  // OpenSC's, its path
  // terminal cardsign …, with what it trusts.
  Finished terminal(std::vector<std::string> words);
  wire::JsonObject operate(std::vector<std::string> words) const;
  void set_enrolled() { enrolled_ = true; }
  [[nodiscard]] std::string log() const { return read_text(in("server.log")); }

 private:
  void start_platform(const std::string& slots);
  void start_readers();
  void prepare_browser();
  void make_card();

  std::string directory_;
  std::uint16_t terminals_port_, admin_port_, wallet_port_, pki_port_, port_, ewallet_port_;
  std::unique_ptr<Process> server_, ewallet_, pcscd_, card_;
  std::string secret_;  // of the merchant
  int orders_ = 0, runs_ = 0;
  bool enrolled_ = false;
};

}  // namespace tf::test
