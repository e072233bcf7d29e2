#include "tests/wallet_e2e/scene.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "base/file.hpp"
#include "crypto/banking/key_check_value.hpp"
#include "crypto/block_cipher.hpp"
#include "wire/encoding.hpp"

namespace tf::test {
namespace fs = std::filesystem;
namespace {

constexpr const char* kCertId = "68759663125";
constexpr const char* kAppId = "2026112100000001";
constexpr wire::JsonLimits kLimits{.size = 16UL << 20, .depth = 8};

void must(const Finished& done, const std::string& what) {
  if (done.exit_code != 0) throw std::runtime_error(what + ": " + done.err + done.out);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("the configuration has no " + from);
  return text.replace(at, from.size(), to);
}

// The books of a day end at midnight, UTC, and a scene is compared with one day's: it does not begin shortly before.
void keep_clear_of_midnight() {
  constexpr std::time_t kDay = 24 * 3600, kLasts = 180;
  const std::time_t left = kDay - std::time(nullptr) % kDay;
  if (left < kLasts) std::this_thread::sleep_for(std::chrono::seconds(left));
}

std::string today(const char* format) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char out[16];
  return {out, std::strftime(out, sizeof out, format, &parts)};
}

constexpr const char* kRules = R"(utc_offset = "+00:00"

[[route]]
name = "cards"
prefixes = ["62"]
currencies = ["CNY"]
front_ends = ["card"]

[[route]]
name = "wallets"
wallets = ["alipay"]
currencies = ["CNY"]
front_ends = ["ewallet"]

[[route]]
name = "tokens"
wallets = ["unionpay"]
currencies = ["CNY"]
front_ends = ["network"]

[[limit]]
of = "user"
currency = "CNY"
amount = "5000.00"
sum_per_day = "20000.00"
)";

}  // namespace

WalletScene& WalletScene::get() {
  static WalletScene scene({.policy = "lock_minutes = 0\n"});
  return scene;
}

WalletScene::WalletScene(SceneOptions options)
    : directory_((fs::path(TRUSTFERRY_BINARY_DIR) / options.name).string()), policy_(options.policy), terminals_port_(free_port()), admin_port_(free_port()),
      access_port_(free_port()), wallet_port_(free_port()), pki_port_(free_port()), acquirer_port_(free_port()), ewallet_port_(free_port()), network_port_(free_port()) {
  keep_clear_of_midnight();
  fs::remove_all(directory_);
  fs::create_directories(in("phones"));
  write_text(in("passphrase"), "a passphrase of the vault, long enough\n");
  must(trustferry({"init", "--passphrase-cost", "14", "--directory", platform(), "--root-key", in("offline/root.key"), "--range", "TF000000..TF999999", "--port", std::to_string(terminals_port_),
                   "--admin-port", std::to_string(admin_port_), "--passphrase-file", in("passphrase"), "--root-passphrase-file", in("passphrase")}),
       "init");
  configure();
  start_others(options);
  serve();
  bring_zone_key();
  const auto healthy = [&] {
    for (auto& each : ask({"wallet", "front-ends"}).objects("front_ends", 100).value())
      if (!each.boolean("healthy").value()) return false;
    return true;
  };
  if (!eventually(healthy)) throw std::runtime_error("a front end did not come up: " + log() + read_text(in("acquirer.log")));
}

WalletScene::~WalletScene() {
  for (auto* process : {&server_, &acquirer_, &ewallet_, &network_})
    if (*process) (*process)->send(SIGTERM), (*process)->wait();
}

void WalletScene::configure() {
  for (const auto& [front_end, file] : {std::pair{"ewallet", "app.pub"}, {"network", "network.pub"}}) {
    const Finished key = trustferry({"wallet", "key", front_end, "--directory", platform(), "--passphrase-file", in("passphrase")});
    must(key, "wallet key");
    write_text(in(file), key.out);
  }
  make_merchant_certificate();
  const std::string config = platform() + "/platform.toml";
  std::string text = replaced(read_text(config), "127.0.0.1:8445", "127.0.0.1:" + std::to_string(access_port_));
  text = replaced(text, "[pki]\nlisten = \"127.0.0.1:0\"", fmt::format("[pki]\nlisten = \"127.0.0.1:{}\"", pki_port_));
  text = replaced(text, "http://127.0.0.1:8446", pki_url());
  text += fmt::format(R"(
[wallet]
listen = "127.0.0.1:{0}"
suites = ["modern", "classic"]
keys = ["phone", "platform"]
keys_ahead = 2
critical = ["CNY 1000.00"]
{1}[wallet.front_ends.card]
kind = "card"
address = "127.0.0.1:{2}"
zone = "acquirer"
reply_ms = 1000
[wallet.front_ends.ewallet]
kind = "ewallet"
url = "https://127.0.0.1:{3}"
anchors_file = "{4}/root.crt"
gateway_key_file = "{4}/ewallet.pub"
app_id = "{5}"
notify_url = "{6}/wallet/v1/notify/ewallet"
[wallet.front_ends.network]
kind = "acp"
url = "{7}"
anchors_file = "{8}/root.crt"
merchant = "777290058110048"
certificate_file = "{9}"
signers_file = "{8}/signers.crt"
phone_signers_file = "{8}/acp.crt"
token_requestor = "99988877766"
notify_url = "{6}/wallet/v1/notify/network"
direct = "yes"
)", wallet_port_, policy_, acquirer_port_, ewallet_port_, in("ewallet"), kAppId, url(), network_url(), in("network"), in("network-merchant.crt"));
  write_text(config, text);
  write_text(platform() + "/payment.toml", kRules);
}

void WalletScene::start_others(const SceneOptions& options) {
  write_text(in("component-1"), "8F2C6D01B45E97A3C0D1E2F3A4B5C6D78F2C6D01B45E97A3C0D1E2F3A4B5C6D7\n");
  write_text(in("component-2"), "13A57C9E24680BDF0F1E2D3C4B5A69788796A5B4C3D2E1F00FEDCBA987654321\n");
  std::vector<std::string> acquirer{trustferry_program(), "simulate", "acquirer", "--listen", fmt::format("127.0.0.1:{}", acquirer_port_), "--zone-key-components",
                                    "@" + in("component-1"), "@" + in("component-2"), "--journal", in("acquirer.journal"), "--pin", kPin, "--settlement", in("acquirer-days")};
  std::vector<std::string> ewallet{trustferry_program(), "simulate", "ewallet", "--listen", fmt::format("127.0.0.1:{}", ewallet_port_), "--tls", in("ewallet"), "--app-key",
                                   std::string(kAppId) + "=" + in("app.pub"), "--journal", in("ewallet.journal"), "--settlement", in("ewallet-days"), "--notify-root", root(), "--hurry", "200"};
  std::vector<std::string> network{trustferry_program(), "simulate", "ewallet", "--listen", fmt::format("127.0.0.1:{}", network_port_), "--tls", in("network"), "--merchant-key",
                                   std::string(kCertId) + "=" + in("network-merchant.crt"), "--journal", in("network.journal"), "--settlement", in("network-days"), "--notify-root", root(), "--hurry",
                                   "200"};
  acquirer.insert(acquirer.end(), options.acquirer_faults.begin(), options.acquirer_faults.end());
  ewallet.insert(ewallet.end(), options.ewallet_faults.begin(), options.ewallet_faults.end());
  acquirer_ = std::make_unique<Process>(Process::start(acquirer, in("acquirer.log")));
  network.insert(network.end(), options.network_faults.begin(), options.network_faults.end());
  ewallet_ = std::make_unique<Process>(Process::start(ewallet, in("ewallet.log")));
  network_ = std::make_unique<Process>(Process::start(network, in("network.log")));
  const auto up = [&] {
    return std::ranges::all_of(std::initializer_list<const char*>{"ewallet/root.crt", "ewallet/ewallet.pub", "network/root.crt", "network/signers.crt", "network/acp.crt"},
                               [&](const char* file) { return fs::exists(in(file)); });
  };
  if (!eventually([&] { return !ewallet_->running() || up(); }) || !up()) throw std::runtime_error("a gateway did not come up: " + read_text(in("ewallet.log")) + read_text(in("network.log")));
}

// The network's gateway knows merchants by certificates: a number, and the key in our vault.
void WalletScene::make_merchant_certificate() {
  write_text(in("network.ext"), "basicConstraints = CA:FALSE\n");
  must(run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=The network's authority", "-days", "30", "-keyout",
            in("network-ca.key"), "-out", in("network-ca.crt")}),
       "openssl req");
  must(run({"openssl", "x509", "-new", "-force_pubkey", in("network.pub"), "-subj", "/CN=777290058110048", "-CA", in("network-ca.crt"), "-CAkey", in("network-ca.key"), "-set_serial", kCertId,
            "-days", "30", "-extfile", in("network.ext"), "-out", in("network-merchant.crt")}),
       "openssl x509");
}

// Dual control: two custodians, a component each.
void WalletScene::bring_zone_key() {
  for (int i = 1; i <= 2; ++i) {
    const std::string file = in(fmt::format("component-{}", i));
    const Bytes component = wire::from_hex(read_text(file).substr(0, 64)).value();
    must(operate({"keys", "zone", "add", "acquirer", "--as", fmt::format("custodian-{}", i), "--component", "@" + file, "--kcv",
                  crypto::key_check_value(crypto::BlockCipher::aes, component).value()}),
         "keys zone add");
  }
}

void WalletScene::serve() {
  server_ = std::make_unique<Process>(Process::start({trustferry_program(), "serve", "--directory", platform(), "--passphrase-file", in("passphrase")}, in("server.log")));
  const auto up = [&] { return curl({.url = url() + "/wallet/v1/keys", .method = "GET", .root = root()}).status == 200; };
  if (!eventually([&] { return !server_->running() || up(); }) || !server_->running()) throw std::runtime_error("the server did not come up: " + log());
}

void WalletScene::kill_server() { server_.reset(); }

void WalletScene::stop_server() {
  server_->send(SIGTERM);
  if (server_->wait() != 0) throw std::runtime_error("the server did not end well: " + log());
  server_.reset();
}

Finished WalletScene::operate(std::vector<std::string> words) const {
  words.insert(words.end(), {"--directory", platform(), "--json"});
  return trustferry(words);
}

wire::JsonObject WalletScene::ask(std::vector<std::string> words) const {
  const Finished done = operate(words);
  must(done, words[0] + " " + words[1]);
  return wire::JsonObject::parse(done.out, kLimits).value();
}

std::string WalletScene::sql(const std::string& query) const {
  const Finished done = run({"sqlite3", "-readonly", platform() + "/trustferry.db", query});
  must(done, query);
  return done.out.substr(0, done.out.find('\n'));
}

std::string WalletScene::last_refusal(const std::string& expected) const {
  std::string reason;
  static_cast<void>(eventually([&] {
    reason = sql("SELECT reason FROM audit_entries WHERE action LIKE 'wallet.%' AND outcome = 'refused' ORDER BY seq DESC LIMIT 1");
    return reason == expected;
  }));
  return reason;
}

bool WalletScene::settle(std::chrono::seconds at_most) const {
  const auto until = std::chrono::steady_clock::now() + at_most;
  while (true) {
    auto open = ask({"wallet", "open"});
    if (open.integer("open_orders", 0, INT64_MAX).value() + open.integer("open_refunds", 0, INT64_MAX).value() == 0) return true;
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

std::optional<std::vector<std::string>> WalletScene::differences(const std::string& front_end, const std::string& file, std::int64_t* matched) const {
  if (!fs::exists(file)) return std::nullopt;
  auto compared = ask({"wallet", "reconcile", "--front-end", front_end, "--date", today("%Y-%m-%d"), "--theirs", file});
  if (matched != nullptr) *matched = compared.integer("matched", 0, INT64_MAX).value();
  std::vector<std::string> out;
  for (auto& each : compared.objects("differences", 100'000).value())
    out.push_back(fmt::format("{} {}: {}, ours {}, theirs {}", each.text("transaction").value(), each.text("type").value(), each.text("verdict").value(), each.text("ours").value(),
                              each.text("theirs").value()));
  return out;
}

std::string WalletScene::day_file(const std::string& front_end) const {
  const std::string folder = front_end == "card" ? "acquirer-days/" : front_end == "ewallet" ? "ewallet-days/ewallet/" : "network-days/acp/";
  return in(folder + today("%Y%m%d") + ".csv");
}

std::int64_t WalletScene::reconcile() const {
  std::int64_t matched = 0;
  for (const char* front_end : {"card", "ewallet", "network"}) {
    if (sql(fmt::format("SELECT COUNT(*) FROM payment_orders WHERE front_end = '{}' AND state = 'captured'", front_end)) == "0") continue;  // nothing to compare
    std::vector<std::string> differ;
    std::int64_t lines = 0;
    // The other sides write their files every now and then.
    const bool agree = eventually([&] {
      const auto found = differences(front_end, day_file(front_end), &lines);
      differ = found.value_or(std::vector<std::string>());
      return found && found->empty() && lines > 0;
    });
    EXPECT_TRUE(agree) << front_end << ": " << fmt::format("{}", fmt::join(differ, "\n"));
    if (agree) matched += lines;
  }
  return matched;
}

}  // namespace tf::test
