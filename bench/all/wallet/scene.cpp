#include "bench/all/wallet/scene.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/file.hpp"
#include "bench/all/acquirer.hpp"
#include "platform/authority.hpp"
#include "platform/data_directory.hpp"
#include "protocols/wallet/check_digit.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t kPort = 18503;  // terminals; admin, wallet and the acquirer follow
constexpr std::size_t kPayers = 64;    // at the same time: a payment takes two commits and the acquirer's answer
constexpr const char* kZone = "acquirer";
constexpr const char* kRules = "utc_offset = \"+00:00\"\n[[route]]\nname = \"cards\"\nprefixes = [\"62\"]\ncurrencies = [\"CNY\"]\nfront_ends = [\"card\"]\n";
const SecretBytes kPassword{as_bytes("correct horse battery")};

SecretBytes secret(std::string_view text) { return SecretBytes(as_bytes(text)); }

Result<std::string> posted(net::HttpClient& line, const std::string& route, const std::string& body) {
  auto response = TF_TRY(line.request({.method = "POST", .target = "/wallet/v1/" + route, .content_type = "application/json", .body = body, .headers = {}}));
  if (response.status == 200) return std::move(response.body);
  return Error{Code::refused, "bench.wallet", route + ": " + response.body};
}

}  // namespace

Result<std::unique_ptr<WalletScene>> WalletScene::make(const std::string& directory, const std::string& program, int phones) {
  std::unique_ptr<WalletScene> out(new WalletScene(directory));
  TF_CHECK(out->prepare());
  out->acquirer_ = TF_TRY(start_acquirer(program, directory, kPort + 3));
  out->server_ = TF_TRY(Server::start(program, directory, {.url = fmt::format("https://127.0.0.1:{}", kPort), .root = *out->root_, .chain = {}, .key = {}}));
  for (int i = 0; i < phones; ++i) out->phones_.push_back(TF_TRY(out->enrol(i)));
  TF_CHECK(wait_for_acquirer(directory, [&] { return bool(out->pay(1)); }));
  return out;
}

Status WalletScene::prepare() {
  platform::InitOptions init = TF_TRY(init_options(directory_, kPort));
  TF_TRY(platform::initialise(init, kPassphrase, kPassphrase));
  {
    auto opened = TF_TRY(platform::open_directory(init.directory, kPassphrase));
    root_ = TF_TRY(opened->certificates->current(platform::kind::root)).certificate;
    TF_CHECK(share_zone_key(*opened->context, directory_, kZone, random_));
  }
  const std::string path = init.directory + "/platform.toml";
  std::string text(as_text(TF_TRY(read_file(path, 64 * 1024))));
  text += fmt::format("\n[wallet]\nlisten = \"127.0.0.1:{}\"\nsession_minutes = 60\n[wallet.front_ends.card]\nkind = \"card\"\naddress = \"127.0.0.1:{}\"\nzone = \"{}\"\n",
                      kPort + 2, kPort + 3, kZone);
  TF_CHECK(write_file_atomic(path, as_bytes(text), 0644));
  return write_file_atomic(init.directory + "/payment.toml", as_bytes(std::string_view(kRules)), 0644);
}

Result<net::HttpClient> WalletScene::line() const { return client_at(kPort + 2, *root_); }

// The phone's owner reads the SMS.
Result<std::string> WalletScene::code_for(const std::string& number, const std::string& registration) const {
  for (int tries = 0; tries < 100; ++tries) {
    const auto spool = read_file(directory_ + "/platform/sms.jsonl", 16 * 1024 * 1024);
    std::string_view rest = spool ? as_text(*spool) : std::string_view();
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      auto sms = wire::JsonObject::parse(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (!sms || sms->text("to").value_or("") != number) continue;
      const std::string text = sms->text("text").value_or("");
      if (text.contains(registration)) return text.substr(0, text.find(' '));
    }
    std::this_thread::sleep_for(20ms);
  }
  return Error{Code::unavailable, "bench.sms", "no SMS came for " + number};
}

// The certificate file is the phone's own matter: made with few iterations here.
Result<WalletScene::Phone> WalletScene::enrol(int number) {
  terminal::WalletPhone phone(terminal::wallet_over(TF_TRY(line())), {.clock = clock_, .random = random_, .root = *root_, .file_iterations = 10'000});
  Phone out;
  out.subscriber = {fmt::format("86138{:08}", number), wallet::with_check_digit(fmt::format("4901542032{:04}", number)), wallet::with_check_digit(fmt::format("8986001234567{:05}", number))};
  const auto registering = TF_TRY(phone.register_(out.subscriber, {fmt::format("User {}", number), fmt::format("ID{:08}", number)}, kPassword, {}));
  const std::string code = TF_TRY(code_for(out.subscriber.number, registering.registered.registration));
  const Bytes file = TF_TRY(phone.activate(registering, secret(code), kPassword));
  out.user = TF_TRY(phone.open(file, out.subscriber, kPassword));
  out.session = TF_TRY(phone.login(wallet::Suite::modern, out.subscriber, *out.user, kPassword));
  out.pan = wallet::with_check_digit(fmt::format("622202{:09}", 700 + number));
  const auto cards = TF_TRY(phone.instruments(*out.session, *out.user, {.act = wallet::InstrumentAct::enrol, .wallet = "", .number = secret(out.pan), .expiry = "3012", .token = {}}));
  if (cards.empty()) return Error{Code::internal, "bench.card", "the card just enrolled is not there"};
  out.card = cards.front().token;
  if (!known_) {
    const auto* known = TF_TRY(phone.platform());
    known_.emplace(*known);
  }
  return out;
}

// Lines are up before anything is measured: a phone keeps its connection.
Status WalletScene::open_lines() {
  while (lines_.size() < kPayers) lines_.push_back(TF_TRY(line()));
  for (net::HttpClient& each : lines_)
    TF_TRY(each.request({.method = "GET", .target = "/healthz", .content_type = {}, .body = {}, .headers = {}, .repeatable = true}));
  return {};
}

Status WalletScene::each(int count, const std::function<Status(net::HttpClient&, int)>& work) {
  std::atomic<int> next{0};
  std::mutex mutex;
  Status out;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < std::min(static_cast<int>(kPayers), count); ++t) {
      threads.emplace_back([&, own = &lines_[static_cast<std::size_t>(t)]] {
        for (int i = next++; i < count; i = next++) {
          const Status done = work(*own, i);
          const std::lock_guard lock(mutex);
          if (!done && out) out = done;
        }
      });
    }
  }
  return out;
}

Status WalletScene::prepare_orders(std::vector<Order>& orders) {
  const int first = orders_;
  orders_ += static_cast<int>(orders.size());
  return each(static_cast<int>(orders.size()), [&](net::HttpClient& line, int i) -> Status {
    Order& order = orders[static_cast<std::size_t>(i)];
    const Phone& phone = *(order.phone = &phones_[static_cast<std::size_t>(i) % phones_.size()]);
    const auto challenge = TF_TRY(wallet::decode_challenge(TF_TRY(posted(line, "challenge", wallet::encode_challenge_request(wallet::ChallengePurpose::pay)))));
    const wallet::Purchase purchase{.terms = {fmt::format("B{:07}", first + i), "SHOP01", 100, "CNY", phone.card}, .content = "an order of the bench",
                                    .expires_ms = clock_.now_ms() + 10 * 60'000, .critical = false, .pin = secret(std::string_view(phone.pan).substr(phone.pan.size() - 4)), .pan = secret(phone.pan)};
    SystemRandom random;
    order.sent = TF_TRY(wallet::begin_pay(*known_, *phone.session, *phone.user, purchase, challenge, random));
    return {};
  });
}

Result<WalletScene::Measured> WalletScene::pay(int payments) {
  std::vector<Order> orders(static_cast<std::size_t>(payments));
  TF_CHECK(open_lines());
  const double before = server_->cpu_us();
  TF_CHECK(prepare_orders(orders));
  std::vector<std::string> answers(orders.size());
  const auto start = std::chrono::steady_clock::now();
  TF_CHECK(each(payments, [&](net::HttpClient& line, int i) -> Status {
    const auto at = static_cast<std::size_t>(i);
    answers[at] = TF_TRY(posted(line, "pay", orders[at].sent->body));
    return {};
  }));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double used = server_->cpu_us() - before;
  for (std::size_t i = 0; i < orders.size(); ++i)
    if (TF_TRY(wallet::finish_result(*known_, *orders[i].sent, answers[i])).outcome != wallet::Outcome::approved)
      return Error{Code::internal, "bench.wallet", "a payment was not approved: nothing was measured"};
  return Measured{used / payments, payments / seconds};
}

Result<double> WalletScene::request_cpu_us() const { return server_->request_cpu_us(kClientWorkUs); }

}  // namespace tf::bench
