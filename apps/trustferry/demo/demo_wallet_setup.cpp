// What the demo's phones need: the configuration, the acquirer and the e-wallet as programs of their own, the zone key.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "apps/trustferry/demo/demo_wallet.hpp"
#include "base/file.hpp"
#include "base/ports.hpp"
#include "crypto/banking/key_check_value.hpp"
#include "crypto/block_cipher.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* kAppId = "2026112100000001";
constexpr int kComponents = 2;

constexpr const char* kRules = R"(# Where payments go, and how much may. docs/payment.md
utc_offset = "+00:00"

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

[[limit]]
of = "user"
currency = "CNY"
amount = "5000.00"
sum_per_day = "20000.00"
)";

}  // namespace

bool WalletDemo::configured() const { return fs::exists(in("app.pub")); }

Status WalletDemo::prepare() {
  std::error_code ignored;
  fs::create_directories(in(""), ignored);
  SystemRandom random;
  for (int i = 1; i <= kComponents; ++i) TF_CHECK(write_private_file(in(fmt::format("component-{}", i)), as_bytes(wire::hex_upper(random.array<32>()))));
  const std::string key = TF_TRY(ChildProcess::capture({scene_.program, "wallet", "key", "ewallet", "--directory", scene_.platform, "--passphrase-file", scene_.directory + "/passphrase"}, in("app.pub")));
  const std::string path = scene_.platform + "/platform.toml";
  std::string text(as_text(TF_TRY(read_file(path, 64 * 1024))));
  const std::string folder = fs::absolute(in("")).string();
  text += fmt::format(R"(
[wallet]
listen = "127.0.0.1:{}"
suites = ["modern", "classic"]
critical = ["CNY 30.00"]
[wallet.front_ends.card]
kind = "card"
address = "127.0.0.1:{}"
zone = "acquirer"
reply_ms = 2000
[wallet.front_ends.ewallet]
kind = "ewallet"
url = "https://127.0.0.1:{}"
anchors_file = "{}ewallet/root.crt"
gateway_key_file = "{}ewallet/ewallet.pub"
app_id = "{}"
)", scene_.wallet_port, scene_.acquirer_port, scene_.ewallet_port, folder, folder, kAppId);
  TF_CHECK(write_file_atomic(path, as_bytes(text), 0644));
  return write_file_atomic(scene_.platform + "/payment.toml", as_bytes(std::string_view(kRules)), 0644);
}

Status WalletDemo::start_others() {
  std::error_code ignored;
  fs::create_directories(in("acquirer-days"), ignored);
  const std::string components[] = {"@" + in("component-1"), "@" + in("component-2")};
  acquirer_ = std::make_unique<ChildProcess>(TF_TRY(ChildProcess::start(
      {scene_.program, "simulate", "acquirer", "--listen", fmt::format("127.0.0.1:{}", scene_.acquirer_port), "--zone-key-components", components[0], components[1], "--journal", in("acquirer.journal"),
       "--settlement", in("acquirer-days"), "--drop", "0.02", "--duplicate", "0.02", "--decline", "0.03", "--late", "0.01", "--late-by", "2500", "--bad-mac", "0.01", "--cut", "0.005"},
      in("acquirer.log"))));
  ewallet_ = std::make_unique<ChildProcess>(TF_TRY(ChildProcess::start(
      {scene_.program, "simulate", "ewallet", "--listen", fmt::format("127.0.0.1:{}", scene_.ewallet_port), "--tls", in("ewallet"), "--app-key", std::string(kAppId) + "=" + in("app.pub"), "--journal",
       in("ewallet.journal"), "--settlement", in("ewallet-days"), "--drop", "0.02", "--decline", "0.03", "--wrong-amount", "0.01", "--bad-signature", "0.01", "--cut", "0.01"},
      in("ewallet.log"))));
  for (int tries = 0; tries < 100; ++tries) {
    if (fs::exists(in("ewallet/ewallet.pub")) && fs::exists(in("ewallet/root.crt"))) return {};
    if (!ewallet_->running()) break;
    std::this_thread::sleep_for(100ms);
  }
  return Error{Code::unavailable, "demo.ewallet", "the e-wallet did not come up; see " + in("ewallet.log")};
}

// Dual control: two custodians, a component each.
Status WalletDemo::bring_zone_key() {
  auto zones = TF_TRY(wire::JsonObject::parse(TF_TRY(scene_.on_platform({"keys", "zone", "list"})), {.size = 1024 * 1024}));
  for (auto& zone : TF_TRY(zones.objects("zones", 1000)))
    if (TF_TRY(zone.text("name")) == "acquirer" && TF_TRY(zone.boolean("complete"))) return {};
  for (int i = 1; i <= kComponents; ++i) {
    const std::string file = in(fmt::format("component-{}", i));
    const Bytes component = TF_TRY(wire::from_hex(as_text(TF_TRY(read_file(file, 256)))));
    const std::string kcv = TF_TRY(crypto::key_check_value(crypto::BlockCipher::aes, component));
    TF_TRY(scene_.on_platform({"keys", "zone", "add", "acquirer", "--as", fmt::format("custodian-{}", i), "--component", "@" + file, "--kcv", kcv}));
  }
  return {};
}

Status WalletDemo::wait_for_front_ends() const {
  for (int tries = 0; tries < 300; ++tries) {
    auto all = TF_TRY(wire::JsonObject::parse(TF_TRY(scene_.on_platform({"wallet", "front-ends"})), {.size = 1024 * 1024}));
    bool healthy = true;
    for (auto& each : TF_TRY(all.objects("front_ends", 100))) healthy = TF_TRY(each.boolean("healthy")) && healthy;
    if (healthy) return {};
    std::this_thread::sleep_for(100ms);
  }
  return Error{Code::unavailable, "demo.front_ends", "a front end did not come up; see " + in("acquirer.log")};
}

}  // namespace tf::cli
