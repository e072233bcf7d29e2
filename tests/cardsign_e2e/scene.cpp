#include "tests/cardsign_e2e/scene.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <filesystem>
#include <stdexcept>

#include "store/sqlite/sqlite.hpp"
#include "wire/encoding.hpp"

namespace tf::test {
namespace fs = std::filesystem;
namespace {

constexpr const char* kAppId = "2026112100000001";
constexpr const char* kUser = "anna";

Finished done_well(Finished done, const std::string& what) {
  if (done.exit_code != 0) throw std::runtime_error(what + ": " + done.err + done.out);
  return done;
}

constexpr const char* kRules = R"(utc_offset = "+00:00"

[[route]]
name = "wallets"
wallets = ["alipay"]
currencies = ["CNY"]
front_ends = ["ewallet"]
)";

}  // namespace

CardsignScene::CardsignScene(const std::string& name, const std::string& keys, Born born, const std::vector<std::string>& more)
    : directory_((fs::path(TRUSTFERRY_BINARY_DIR) / "cardsign_e2e" / name).string()), keys_(keys), terminals_port_(free_port()), admin_port_(free_port()),
      wallet_port_(free_port()), pki_port_(free_port()), port_(free_port()), ewallet_port_(free_port()) {
  fs::remove_all(directory_);
  fs::create_directories(directory_);
  make(born, more);
  serve();
  if (born == Born::with_cards) prepare_for_cards();
}

CardsignScene::~CardsignScene() {
  for (auto* process : {&server_, &ewallet_})
    if (*process) (*process)->send(SIGTERM), (*process)->wait();
}

std::vector<std::string> CardsignScene::options(const std::string& prefix) const {
  return {"--" + prefix + "listen", "127.0.0.1:" + std::to_string(port_), "--" + prefix + "keys", keys_, "--" + prefix + "slots", "payment,card,encryption"};
}

// What a platform has that was made before there were cards.
void CardsignScene::forget_cards() const {
  const auto database = store::open_sqlite({.path = in("platform/trustferry.db")}).value();
  const Status gone = database->write([](store::Session& session) -> Status {
    TF_TRY(session.execute("DELETE FROM certificates WHERE kind = 'authority-cards'", {}));
    return {};
  });
  if (!gone) throw std::runtime_error(describe(gone.error()));
  for (const char* profile : {"authentication", "card", "hash", "payment"}) fs::remove(in("platform/profiles/cardsign-") + profile + ".toml");
}

void CardsignScene::make(Born born, const std::vector<std::string>& more) {
  const std::string platform = in("platform");
  write_text(in("passphrase"), "a passphrase of the vault, long enough\n");
  const auto local = [](std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); };
  std::vector<std::string> init{"init", "--passphrase-cost", "14", "--directory", platform, "--root-key", in("offline/root.key"), "--range", "TF000000..TF999999", "--port", std::to_string(terminals_port_), "--admin-port",
                        std::to_string(admin_port_), "--public-port", std::to_string(pki_port_), "--name", "127.0.0.1", "--passphrase-file", in("passphrase"), "--root-passphrase-file", in("passphrase"),
                        "--wallet-listen", local(wallet_port_)};
  const auto cards = options("cardsign-");
  if (born == Born::with_cards) init.insert(init.end(), cards.begin(), cards.end());
  init.insert(init.end(), more.begin(), more.end());
  done_well(trustferry(init), "init");
  if (born == Born::before_cards) forget_cards();
  write_text(in("app.pub"), done_well(trustferry({"wallet", "key", "ewallet", "--directory", platform, "--passphrase-file", in("passphrase")}), "wallet key").out);
  done_well(trustferry({"wallet", "front-end", "add", "ewallet", "--directory", platform, "--kind", "ewallet", "--url", "https://" + local(ewallet_port_), "--anchors-file", in("ewallet") + "/root.crt",
                        "--gateway-key-file", in("ewallet") + "/ewallet.pub", "--app-id", kAppId, "--notify-url", "https://" + local(wallet_port_) + "/wallet/v1/notify/ewallet"}),
            "front-end add");
  write_text(platform + "/payment.toml", kRules);
  ewallet_ = std::make_unique<Process>(Process::start({trustferry_program(), "simulate", "ewallet", "--listen", fmt::format("127.0.0.1:{}", ewallet_port_), "--tls", in("ewallet"), "--app-key",
                                                       std::string(kAppId) + "=" + in("app.pub"), "--journal", in("ewallet.journal"), "--settlement", in("ewallet-days"), "--notify-root", root(),
                                                       "--hurry", "200"},
                                                      in("ewallet.log")));
  if (!eventually([&] { return fs::exists(in("ewallet/root.crt")) && fs::exists(in("ewallet/ewallet.pub")); })) throw std::runtime_error("no e-wallet: " + read_text(in("ewallet.log")));
}

void CardsignScene::stop() {
  server_->send(SIGTERM);
  server_->wait();
}

void CardsignScene::serve() {
  server_ = std::make_unique<Process>(Process::start({trustferry_program(), "serve", "--directory", in("platform"), "--passphrase-file", in("passphrase")}, in("server.log")));
  const auto up = [&] { return on_platform({"status"}).exit_code == 0; };
  if (!eventually([&] { return !server_->running() || up(); }) || !server_->running()) throw std::runtime_error("the server did not come up: " + log());
}

Finished CardsignScene::on_platform(std::vector<std::string> words) const {
  words.insert(words.end(), {"--directory", in("platform")});
  return trustferry(words);
}

void CardsignScene::prepare_for_cards() {
  if (!eventually([&] { return curl({.url = url() + "/cardsign/v1/keys", .method = "GET", .root = root()}).status == 200; })) throw std::runtime_error("cardsign is not served: " + log());
  secret_ = operate({"wallet", "merchant", "add", "SHOP01", "--webhook", "https://127.0.0.1:9/told"}).text("secret").value();
  write_text(in("record-key.pem"), done_well(on_platform({"cardsign", "record-key"}), "record-key").out);
  give_account(kUser, "13800000001");
}

void CardsignScene::give_account(const std::string& user, const std::string& number) {
  instruments_[user] = operate({"cardsign", "instrument", "add", "--user", user, "--wallet", "alipay", "--number", number}).text("token").value();
}

std::string CardsignScene::make_card(const std::string& serial, const std::vector<std::string>& options) {
  const std::string record = in(serial + ".record");
  std::vector<std::string> words{"card", "new", "--directory", in(serial), "--serial", serial, "--manufacturer", in("manufacturer"), "--record", record, "--record-key", in("record-key.pem")};
  words.insert(words.end(), options.begin(), options.end());
  done_well(trustferry(words), "card new");
  if (!std::exchange(manufacturer_known_, true)) (void)operate({"cardsign", "manufacturer", "add", manufacturers()});
  (void)operate({"cardsign", "import", record});
  return operate({"cardsign", "assign", serial, "--user", kUser}).text("code").value();
}

Finished CardsignScene::enrol(const std::string& serial, const std::string& code) const {
  return trustferry({"terminal", "cardsign", "enrol", "--card", in(serial), "--code", code, "--url", url(), "--root", root(), "--json"});
}

std::string CardsignScene::order(const std::string& subject, std::int64_t amount, const std::string& user) {
  const Finished done = done_well(trustferry({"cardsign", "order", "--url", url(), "--root", root(), "--merchant", "SHOP01", "--secret", secret_, "--order", fmt::format("A-{}", ++orders_),
                                              "--amount", std::to_string(amount), "--subject", subject, "--user", user, "--json"}),
                                  "order");
  return json_of(done.out).text("payment").value();
}

std::string CardsignScene::secret_file(const std::string& name, const std::string& content) const {
  write_text(in(name), content);
  fs::permissions(in(name), fs::perms::owner_read | fs::perms::owner_write);
  return "@" + in(name);
}

Finished CardsignScene::pay(const std::string& serial, const std::string& payment, const std::string& pin, int container, const std::string& suite) const {
  return trustferry({"terminal", "cardsign", "pay", "--card", in(serial), "--payment", payment, "--instrument", instruments_.at(container == 0 ? kUser : "berta"), "--pin", secret_file("pin", pin),
                     "--container", std::to_string(container), "--manufacturers", manufacturers(), "--url", url(), "--root", root(), "--suite", suite, "--json"});
}

Finished CardsignScene::unblock(const std::string& serial, int container, const std::string& puk, const std::string& pin) const {
  return trustferry({"terminal", "cardsign", "unblock", "--card", in(serial), "--container", std::to_string(container), "--puk", secret_file("puk", puk), "--new-pin", secret_file("pin", pin), "--manufacturers",
                     manufacturers(), "--root", root(), "--json"});
}

std::vector<std::string> CardsignScene::first_commands(const std::string& payment) const {
  const auto answer = curl({.url = url() + "/cardsign/v1/pay", .method = "POST", .root = root()}, wire::JsonWriter().begin_object().member("payment", payment).end_object().take());
  std::vector<std::string> out;
  if (answer.status != 200) return out;
  for (const std::string& each : json_of(answer.body + "\n").texts("commands", 32, 4096).value()) out.push_back(wire::hex_upper(wire::from_base64url(each).value()));
  return out;
}

Finished CardsignScene::take_messages(const std::string& serial, const std::string& lines) const {
  return trustferry({"terminal", "cardsign", "messages", "--card", in(serial), "--url", url(), "--root", root(), "--json"}, lines);
}

std::string CardsignScene::state_of(const std::string& payment) const { return operate({"cardsign", "payment", payment}).text("state").value(); }

wire::JsonObject CardsignScene::operate(std::vector<std::string> words) const {
  words.insert(words.end(), {"--directory", in("platform"), "--json"});
  return json_of(done_well(trustferry(words), words[0] + " " + words[1]).out);
}

}  // namespace tf::test
