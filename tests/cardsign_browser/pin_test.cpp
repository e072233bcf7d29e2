// TLS client authentication by key 9A, which wants the PIN: the browser asks for it in a window of its own. That window is drawn on a virtual display and gets its keys from
// there, as no page, extension or debugger reaches it.
#include <unistd.h>

#include <filesystem>

#include "tests/cardsign_browser/scene.hpp"

namespace tf::test {
namespace {

constexpr const char* kPin = "123456";

class VirtualDisplay {
 public:
  explicit VirtualDisplay(const std::string& log) : name_(":" + std::to_string(200 + ::getpid() % 700)) {
    for (const char* program : {"/usr/bin/Xvfb", "/usr/bin/xdotool"})
      if (::access(program, X_OK) != 0) throw std::runtime_error(std::string(program) + " is not installed: ./dev test installs it");
    server_ = std::make_unique<Process>(Process::start({"Xvfb", name_, "-screen", "0", "1280x900x24", "-nolisten", "tcp"}, log));
    if (!eventually([this] { return run({"env", "DISPLAY=" + name_, "xdotool", "getdisplaygeometry"}).exit_code == 0; })) throw std::runtime_error("no display: " + read_text(log));
  }
  ~VirtualDisplay() {
    server_->send(15);
    server_->wait();
  }
  VirtualDisplay(const VirtualDisplay&) = delete;
  VirtualDisplay& operator=(const VirtualDisplay&) = delete;
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::unique_ptr<Process> server_;
};

struct CardsignBrowserPin : testing::Test {
  static BrowserScene& scene() {
    static BrowserScene scene("cardsign_browser_pin", "payment,authentication");
    return scene;
  }
  CardsignBrowserPin() { scene().enrol_once(); }
  // The account's page, and these answers to the windows that ask for a PIN.
  static wire::JsonObject account(const std::string& answers) {
    static const VirtualDisplay display(scene().in("display.log"));
    return scene().browse_with_module("account_pin", {{"display", display.name()}, {"answers", answers}, {"extension", ""}});
  }
  static std::int64_t tries() {
    const Finished shown = trustferry({"terminal", "cardsign", "show", "--json"});
    return shown.exit_code == 0 ? json_of(shown.out).integer("pin_tries", 0, 15).value() : -1;
  }
};

TEST_F(CardsignBrowserPin, is_asked_for_in_the_browsers_own_window_and_the_person_is_known) {
  auto seen = account(kPin);
  EXPECT_EQ(seen.text("user").value(), kUser) << seen.text("reason").value_or("") << scene().log();
  EXPECT_EQ(seen.integer("asked", 0, 9).value(), 1);
  EXPECT_EQ(seen.texts("facts", 16).value().at(1), kSerial);
}

TEST_F(CardsignBrowserPin, that_is_wrong_is_asked_for_again) {
  auto seen = account(std::string("000000 ") + kPin);
  EXPECT_EQ(seen.text("user").value(), kUser) << seen.text("reason").value_or("") << scene().log();
  EXPECT_EQ(seen.integer("asked", 0, 9).value(), 2);
  EXPECT_EQ(tries(), 3) << "a right PIN gives the tries back";
}

TEST_F(CardsignBrowserPin, that_is_not_given_leaves_the_person_unknown_and_the_tries_alone) {
  auto seen = account("Escape");
  EXPECT_EQ(seen.text("user").value(), "");
  EXPECT_EQ(seen.integer("asked", 0, 9).value(), 1);
  EXPECT_EQ(tries(), 3);
}

// The platform's own answer, through another stock client and with the PIN from its surroundings.
TEST_F(CardsignBrowserPin, opens_the_account_to_gnutls_too) {
  const std::string at = scene().url(), port = at.substr(at.rfind(':') + 1);
  const Finished done = run({"gnutls-cli", "--provider", BrowserScene::module(), "--x509cafile", scene().root(), "--x509certfile", "pkcs11:id=%01;type=cert", "--x509keyfile",
                             "pkcs11:id=%01;type=private", "-p", port, "localhost"},
                            "GET /cardsign/v1/account HTTP/1.1\r\nHost: localhost:" + port + "\r\nConnection: close\r\n\r\n", {.environment = {{"GNUTLS_PIN", kPin}}});
  EXPECT_NE(done.out.find("HTTP/1.1 200"), std::string::npos) << done.out << done.err;
  EXPECT_NE(done.out.find("\"user\":\"anna\""), std::string::npos) << done.out;
  const Finished without = run({"gnutls-cli", "--x509cafile", scene().root(), "-p", port, "localhost"}, "GET /cardsign/v1/account HTTP/1.1\r\nHost: localhost:" + port + "\r\nConnection: close\r\n\r\n");
  EXPECT_NE(without.out.find("HTTP/1.1 401"), std::string::npos) << without.out << without.err;
}

}  // namespace
}  // namespace tf::test
