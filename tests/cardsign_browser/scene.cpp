#include "tests/cardsign_browser/scene.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <filesystem>
#include <stdexcept>

namespace tf::test {
namespace fs = std::filesystem;
namespace {

constexpr const char* kAppId = "2026112100000001";

void must(const Finished& done, const std::string& what) {
  if (done.exit_code != 0) throw std::runtime_error(what + ": " + done.err + done.out);
}

constexpr const char* kRules = R"(utc_offset = "+00:00"

[[route]]
name = "wallets"
wallets = ["alipay"]
currencies = ["CNY"]
front_ends = ["ewallet"]
)";

}  // namespace

BrowserScene& BrowserScene::get() {
  static BrowserScene scene;
  return scene;
}

// OpenSC's PKCS#11 module, in the folder of this machine's architecture.
std::string BrowserScene::module() {
  for (const auto& folder : fs::directory_iterator("/usr/lib"))
    if (const fs::path file = folder.path() / "opensc-pkcs11.so"; fs::exists(file)) return file.string();
  throw std::runtime_error("opensc-pkcs11 is not installed: ./dev test installs it");
}

BrowserScene::BrowserScene(const std::string& name, const std::string& slots)
    : directory_((fs::path(TRUSTFERRY_BINARY_DIR) / name).string()), terminals_port_(free_port()), admin_port_(free_port()), wallet_port_(free_port()),
      pki_port_(free_port()), port_(free_port()), ewallet_port_(free_port()) {
  fs::remove_all(directory_);
  fs::create_directories(in("readers"));
  start_platform(slots);
  start_readers();
  make_card();
  prepare_browser();
  insert_card();
}

BrowserScene::~BrowserScene() {
  for (auto* process : {&card_, &server_, &ewallet_, &pcscd_})
    if (*process) (*process)->send(SIGTERM), (*process)->wait();
}

void BrowserScene::start_platform(const std::string& slots) {
  const std::string platform = in("platform");
  write_text(in("passphrase"), "a passphrase of the vault, long enough\n");
  const auto local = [](std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); };
  must(trustferry({"init", "--passphrase-cost", "14", "--directory", platform, "--root-key", in("offline/root.key"), "--range", "TF000000..TF999999", "--port", std::to_string(terminals_port_), "--admin-port",
                   std::to_string(admin_port_), "--public-port", std::to_string(pki_port_), "--name", "127.0.0.1", "--name", "localhost", "--passphrase-file", in("passphrase"), "--root-passphrase-file",
                   in("passphrase"), "--wallet-listen", local(wallet_port_), "--cardsign-listen", local(port_), "--cardsign-slots", slots}),
       "init");
  const Finished key = trustferry({"wallet", "key", "ewallet", "--directory", platform, "--passphrase-file", in("passphrase")});
  must(key, "wallet key");
  write_text(in("app.pub"), key.out);
  must(trustferry({"wallet", "front-end", "add", "ewallet", "--directory", platform, "--kind", "ewallet", "--url", "https://" + local(ewallet_port_), "--anchors-file", in("ewallet/root.crt"),
                   "--gateway-key-file", in("ewallet/ewallet.pub"), "--app-id", kAppId, "--notify-url", "https://" + local(wallet_port_) + "/wallet/v1/notify/ewallet"}),
       "front-end add");
  write_text(platform + "/payment.toml", kRules);
  ewallet_ = std::make_unique<Process>(Process::start({trustferry_program(), "simulate", "ewallet", "--listen", fmt::format("127.0.0.1:{}", ewallet_port_), "--tls", in("ewallet"), "--app-key",
                                                       std::string(kAppId) + "=" + in("app.pub"), "--journal", in("ewallet.journal"), "--settlement", in("ewallet-days"), "--notify-root", root(),
                                                       "--hurry", "200"},
                                                      in("ewallet.log")));
  if (!eventually([&] { return fs::exists(in("ewallet/root.crt")) && fs::exists(in("ewallet/ewallet.pub")); })) throw std::runtime_error("no e-wallet: " + read_text(in("ewallet.log")));
  server_ = std::make_unique<Process>(Process::start({trustferry_program(), "serve", "--directory", platform, "--passphrase-file", in("passphrase")}, in("server.log")));
  const auto up = [&] { return curl({.url = url() + "/cardsign/v1/keys", .method = "GET", .root = root()}).status == 200; };
  if (!eventually([&] { return !server_->running() || up(); }) || !server_->running()) throw std::runtime_error("the server did not come up: " + log());
  auto merchant = operate({"wallet", "merchant", "add", "SHOP01", "--webhook", "https://127.0.0.1:9/told"});
  secret_ = merchant.text("secret").value();
}

void BrowserScene::start_readers() {
  fs::copy_file("/etc/reader.conf.d/vpcd", in("readers/vpcd"));
  pcscd_ = std::make_unique<Process>(Process::start({"/usr/sbin/pcscd", "-f", "--error", "-c", in("readers")}, in("pcscd.log")));
  if (!eventually([&] { return !pcscd_->running() || fs::exists("/run/pcscd/pcscd.comm"); }) || !pcscd_->running()) throw std::runtime_error("pcscd: " + read_text(in("pcscd.log")));
}

void BrowserScene::make_card() {
  const Finished key = trustferry({"cardsign", "record-key", "--directory", in("platform")});
  must(key, "record-key");
  write_text(in("record-key.pem"), key.out);
  must(trustferry({"card", "new", "--directory", in("card"), "--serial", kSerial, "--manufacturer", in("manufacturer"), "--record", in("card.record"), "--record-key", in("record-key.pem")}),
       "card new");
  (void)operate({"cardsign", "manufacturer", "add", manufacturers()});
  (void)operate({"cardsign", "import", in("card.record")});
  (void)operate({"cardsign", "instrument", "add", "--user", kUser, "--wallet", "alipay", "--number", "13800000001"});
}

// Two people's settings: NSS with the platform's root, and in one of them OpenSC's module. Chromium takes the card's certificate for the
// platform's pages without asking.
void BrowserScene::prepare_browser() {
  for (const char* home : {kHome, kHomeWithModule}) {
    const std::string folder = in(home) + "/.pki/nssdb", database = "sql:" + folder;
    fs::create_directories(folder);
    must(run({"certutil", "-d", database, "-N", "--empty-password"}), "certutil -N");
    must(run({"certutil", "-d", database, "-A", "-t", "C,,", "-n", "platform", "-i", root()}), "certutil -A");
    if (home != kHomeWithModule) continue;
    must(run({"modutil", "-dbdir", database, "-add", "opensc", "-libfile", module(), "-mechanisms", "FRIENDLY", "-force"}), "modutil");
  }
  fs::create_directories("/etc/chromium/policies/managed");
  std::string patterns;
  for (const std::string& origin : {url(), other_url()})
    patterns += fmt::format(R"({}"{{\"pattern\":\"{}\",\"filter\":{{\"SUBJECT\":{{\"CN\":\"{}\"}}}}}}")", patterns.empty() ? "" : ",", origin, kUser);
  write_text("/etc/chromium/policies/managed/cards.json", "{\"AutoSelectCertificateForUrls\":[" + patterns + "]}");
  must(trustferry({"bridge", "install", "--origin", url(), "--root", root(), "--manufacturers", manufacturers(), "--directory", "/etc/chromium/native-messaging-hosts", "--settings", in("bridge")}),
       "bridge install");
}

void BrowserScene::insert_card() {
  card_ = std::make_unique<Process>(Process::start({trustferry_program(), "card", "serve", "--directory", in("card")}, in("card.log")));
  if (!wait_for_card(kFirstReader, true)) throw std::runtime_error("the card is not in the reader: " + read_text(in("card.log")) + read_text(in("pcscd.log")));
}

void BrowserScene::pull_card() {
  if (!card_) return;
  card_->send(SIGTERM);
  card_->wait();
  card_.reset();
  EXPECT_TRUE(wait_for_card(kFirstReader, false));
}

// As `show` of the terminal sees it. A card is out when pcscd itself says so: it takes a card that comes sooner for the old one.
bool BrowserScene::wait_for_card(const std::string& reader, bool there) const {
  return eventually([&] {
    const Finished seen = trustferry({"terminal", "cardsign", "show", "--reader", reader, "--json"});
    return there ? seen.exit_code == 0 : seen.err.find("pcsc.no_card") != std::string::npos;
  });
}

std::string BrowserScene::enrolment_code() { return operate({"cardsign", "assign", kSerial, "--user", kUser}).text("code").value(); }

std::string BrowserScene::order(const std::string& subject, std::int64_t amount) {
  const Finished done = trustferry({"cardsign", "order", "--url", url(), "--root", root(), "--merchant", "SHOP01", "--secret", secret_, "--order", fmt::format("A-{}", ++orders_), "--amount",
                                    std::to_string(amount), "--subject", subject, "--user", kUser, "--json"});
  must(done, "order");
  return json_of(done.out).text("page").value();
}

std::string BrowserScene::state_of(const std::string& page) const {
  return operate({"cardsign", "payment", page.substr(page.rfind('/') + 1)}).text("state").value();
}

void BrowserScene::enrol_once() {
  if (enrolled_) return;
  const Finished done = terminal({"enrol", "--code", enrolment_code(), "--url", url()});
  must(done, "enrol");
  enrolled_ = true;
}

wire::JsonObject BrowserScene::operate(std::vector<std::string> words) const {
  words.insert(words.end(), {"--directory", in("platform"), "--json"});
  const Finished done = trustferry(words);
  must(done, words[0] + " " + words[1]);
  return json_of(done.out);
}

Finished BrowserScene::terminal(std::vector<std::string> words) {
  words.insert(words.begin(), {"terminal", "cardsign"});
  words.insert(words.end(), {"--root", root(), "--json"});
  return trustferry(words);
}

Process BrowserScene::begin(const std::string& scenario, const std::vector<Setting>& settings, const char* home) {
  ++runs_;
  wire::JsonWriter writer;
  writer.begin_object().member("profile", in(fmt::format("profile-{}", runs_))).member("extension", std::string(TRUSTFERRY_SOURCE_DIR) + "/web/extension").member("id", kExtension);
  writer.member("base", url()).member("other", other_url()).member("pin", "123456").member("out", in(fmt::format("seen-{}.json", runs_)));
  for (const Setting& setting : settings) writer.member(setting.name, setting.value);
  const std::string input = writer.end_object().take();
  // By env, as our own HOME would stand before another one.
  return Process::start({"env", "HOME=" + in(home), "XDG_RUNTIME_DIR=" + in(home), "node", std::string(TRUSTFERRY_SOURCE_DIR) + "/tests/cardsign_browser/browser.mjs", scenario},
                        in("browser.log"), input);
}

wire::JsonObject BrowserScene::end(Process& browser) {
  const int code = browser.wait(std::chrono::seconds(150));
  const std::string text = read_text(in(fmt::format("seen-{}.json", runs_)));
  if (code != 0 || text.empty()) throw std::runtime_error("the browser did not end well: " + read_text(in("browser.log")));
  if (text.starts_with("{\"error\"")) throw std::runtime_error("the browser: " + text + "\n" + log());
  return json_of(text);
}

wire::JsonObject BrowserScene::browse(const std::string& scenario, const std::vector<Setting>& settings) {
  Process browser = begin(scenario, settings);
  return end(browser);
}

// Chromium 156 ends by SIGTRAP now and then with OpenSC 0.23 in its process, and never without; another start does not hide anything of ours.
wire::JsonObject BrowserScene::browse_with_module(const std::string& scenario, const std::vector<Setting>& settings) {
  for (int left = 3;; --left) {
    try {
      Process browser = begin(scenario, settings, kHomeWithModule);
      return end(browser);
    } catch (const std::runtime_error&) {
      if (left == 1) throw;
    }
  }
}

}  // namespace tf::test
