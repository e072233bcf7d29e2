// The demo's phones and what they pay; demo_wallet_setup.cpp has what they need.
#include "apps/trustferry/demo/demo_wallet.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <thread>

#include "base/file.hpp"
#include "protocols/wallet/check_digit.hpp"
#include "terminal/wallet.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* kShop = "SHOP01";
constexpr int kPayers = 8;

std::string phone_number_of(int phone) { return fmt::format("86138{:08}", phone); }
std::string card_of(int phone) { return wallet::with_check_digit(fmt::format("622202{:09}", 700 + phone)); }
SecretBytes secret(std::string_view text) { return SecretBytes(as_bytes(text)); }
std::string password_of(int phone) { return fmt::format("correct horse {}", phone); }

// The platform's books begin their days at midnight UTC here.
std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

}  // namespace

// One phone with its SIM, its card and its account.
struct WalletDemo::Phone {
  int index = 0;
  wallet::Subscriber subscriber;
  std::optional<terminal::WalletPhone> line;
  std::optional<wallet::PhoneSession> session;
  std::optional<wallet::UserKey> user;
  Bytes file;
  std::string card, account;  // tokens
  std::vector<std::string> pending;
};

// The phone's owner reads the SMS.
Result<std::string> WalletDemo::code_for(const std::string& number, const std::string& registration) const {
  for (int tries = 0; tries < 100; ++tries) {
    const auto spool = read_file(scene_.platform + "/sms.jsonl", 64 * 1024 * 1024);
    std::string_view rest = spool ? as_text(*spool) : std::string_view();
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      auto line = wire::JsonObject::parse(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (!line || line->text("to").value_or("") != number) continue;
      const std::string text = line->text("text").value_or("");
      if (text.contains(registration)) return text.substr(0, text.find(' '));
    }
    std::this_thread::sleep_for(50ms);
  }
  return Error{Code::unavailable, "demo.sms", "no SMS came for " + number};
}

Status WalletDemo::enrol(Phone& phone) {
  static SystemClock system_clock;
  static SystemRandom system_random;
  const int i = phone.index;
  const Bytes pem = TF_TRY(read_file(scene_.platform + "/root.crt", 64 * 1024));
  pki::Certificate root = TF_TRY(pki::Certificate::from_pem(as_text(pem)));
  net::ClientOptions options;
  options.server = {.host = "127.0.0.1", .port = static_cast<std::uint16_t>(scene_.wallet_port), .tls = true};
  options.response_timeout = 100s;
  options.anchors.push_back(TF_TRY(net::certificate_from_der(root.der())));
  phone.line.emplace(terminal::wallet_over(TF_TRY(net::HttpClient::create(std::move(options)))), terminal::WalletPorts{.clock = system_clock, .random = system_random, .root = std::move(root)});
  phone.subscriber = {phone_number_of(i), wallet::with_check_digit(fmt::format("4901542032{:04}", i)), wallet::with_check_digit(fmt::format("8986001234567{:05}", i))};
  const SecretBytes password = secret(password_of(i));
  const wallet::Suite suite = i % 2 == 0 ? wallet::Suite::modern : wallet::Suite::classic;
  const auto registering = TF_TRY(phone.line->register_(phone.subscriber, {fmt::format("User {}", i), fmt::format("ID{:08}", i)}, password, {.suite = suite}));
  const std::string code = TF_TRY(code_for(phone.subscriber.number, registering.registered.registration));
  phone.file = TF_TRY(phone.line->activate(registering, secret(code), password));
  phone.user = TF_TRY(phone.line->open(phone.file, phone.subscriber, password));
  phone.session = TF_TRY(phone.line->login(suite, phone.subscriber, *phone.user, password));
  const auto enrolled = [&](const std::string& kind, const std::string& number, const std::string& expiry) -> Result<std::string> {
    const auto shown = TF_TRY(phone.line->instruments(*phone.session, *phone.user, {.act = wallet::InstrumentAct::enrol, .wallet = kind, .number = secret(number), .expiry = expiry, .token = {}}));
    for (const auto& each : shown)
      if (each.wallet == kind) return each.token;
    return Error{Code::internal, "demo.card", "the card just enrolled is not there"};
  };
  phone.card = TF_TRY(enrolled("", card_of(i), "3012"));
  phone.account = TF_TRY(enrolled("alipay", fmt::format("agreement-{:06}", i), ""));
  return {};
}

Status WalletDemo::pay(Phone& phone, int order) {
  const bool by_card = order % 2 == 0;
  const std::int64_t amount = 100 + order * 37 % 4900;
  wallet::Purchase purchase{.terms = {fmt::format("D{:06}", order), kShop, amount, "CNY", by_card ? phone.card : phone.account}, .content = fmt::format("order {}", order),
                            .expires_ms = SystemClock().now_ms() + 10 * 60'000, .critical = amount >= 3000, .pin = {}, .pan = {}};
  if (by_card) {
    const std::string pan = card_of(phone.index);
    purchase.pan = secret(pan);
    purchase.pin = secret(pan.substr(pan.size() - 4));
  }
  const auto result = TF_TRY(phone.line->pay(*phone.session, *phone.user, purchase));
  if (result.outcome == wallet::Outcome::pending) phone.pending.push_back(purchase.terms.order);
  return {};
}

// What nobody knew at once is asked for until it is known.
Status WalletDemo::settle(std::vector<std::unique_ptr<Phone>>& phones, WalletReport& report) const {
  for (int tries = 0; tries < 120; ++tries) {
    auto open = TF_TRY(wire::JsonObject::parse(TF_TRY(scene_.on_platform({"wallet", "open"})), {.size = 4 * 1024 * 1024}));
    report.open = TF_TRY(open.integer("open_orders", 0, INT64_MAX)) + TF_TRY(open.integer("open_refunds", 0, INT64_MAX));
    if (report.open == 0) break;
    std::this_thread::sleep_for(500ms);
  }
  for (const auto& phone : phones)
    for (const std::string& order : phone->pending)
      if (TF_TRY(phone->line->query(*phone->session, *phone->user, order)).outcome == wallet::Outcome::pending) ++report.open;
  return {};
}

// Our books against the day's file of each other side, which is written every now and then.
Status WalletDemo::reconcile(WalletReport& report) const {
  const std::string date = today();
  std::string day = date;
  std::erase(day, '-');
  for (int tries = 0; tries < 20; ++tries) {
    std::this_thread::sleep_for(500ms);
    report.matched = report.differing = 0;
    for (const auto& [front_end, file] : {std::pair{"card", in("acquirer-days/") + day + ".csv"}, {"ewallet", in("ewallet-days/ewallet/") + day + ".csv"}}) {
      if (!fs::exists(file)) continue;
      auto compared = TF_TRY(wire::JsonObject::parse(TF_TRY(scene_.on_platform({"wallet", "reconcile", "--front-end", front_end, "--date", date, "--theirs", file})), {.size = 4 * 1024 * 1024}));
      report.matched += TF_TRY(compared.integer("matched", 0, INT64_MAX));
      report.differing += static_cast<std::int64_t>(TF_TRY(compared.objects("differences", 100'000)).size());
    }
    if (report.differing == 0 && report.matched >= scene_.orders / 2) break;
  }
  return {};
}

// A copied certificate file in another phone, with another SIM, and with a guessed password.
void WalletDemo::try_thieves(Phone& phone, WalletReport& report) const {
  wallet::Subscriber other_phone = phone.subscriber, other_sim = phone.subscriber;
  other_phone.imei = wallet::with_check_digit("35209900176148");
  other_sim.iccid = wallet::with_check_digit("898600999999999999");
  const SecretBytes password = secret(password_of(phone.index));
  if (!phone.line->open(phone.file, other_phone, password)) ++report.copied_refused;
  if (!phone.line->open(phone.file, other_sim, password)) ++report.copied_refused;
  if (!phone.line->open(phone.file, phone.subscriber, secret("a guessed password"))) ++report.copied_refused;
}

Result<WalletReport> WalletDemo::run() {
  WalletReport report;
  TF_CHECK(bring_zone_key());
  scene_.say(fmt::format("{} phones register, activate with the code of an SMS, log in, enrol a card and an account", scene_.phones));
  // A number has one active phone: a demo that is run again brings others.
  std::int64_t first_phone = 0;
  if (const auto before = read_file(in("phones"), 32)) first_phone = std::atoll(std::string(as_text(*before)).c_str());
  TF_CHECK(write_file_atomic(in("phones"), as_bytes(std::to_string(first_phone + scene_.phones)), 0644));
  std::vector<std::unique_ptr<Phone>> phones;
  for (int i = 0; i < scene_.phones; ++i) {
    phones.push_back(std::make_unique<Phone>());
    phones.back()->index = static_cast<int>(first_phone) + i;
  }
  std::mutex mutex;
  std::optional<Error> first;
  const auto on_all = [&](int count, const std::function<Status(int)>& work) {
    std::atomic<int> next{0};
    std::vector<std::jthread> threads;
    for (int t = 0; t < kPayers; ++t) {
      threads.emplace_back([&] {
        for (int i = next++; i < count; i = next++) {
          const Status done = work(i);
          const std::lock_guard lock(mutex);
          if (!done && !first) first = done.error();
        }
      });
    }
  };
  on_all(scene_.phones, [&](int i) { return enrol(*phones[static_cast<std::size_t>(i)]); });
  if (first) return *first;
  report.phones = scene_.phones;
  TF_CHECK(wait_for_front_ends());
  scene_.say(fmt::format("they pay {} orders, half by card over ISO 8583, half from an e-wallet; lines drop, answers are lost, late, wrong", scene_.orders));
  const auto start = std::chrono::steady_clock::now();
  // A phone pays one order after another.
  on_all(scene_.phones, [&](int i) -> Status {
    for (int order = i; order < scene_.orders; order += scene_.phones) TF_CHECK(pay(*phones[static_cast<std::size_t>(i)], order));
    return {};
  });
  if (first) return *first;
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  TF_CHECK(settle(phones, report));
  for (int order = 0; order < scene_.orders; ++order) {
    Phone& phone = *phones[static_cast<std::size_t>(order % scene_.phones)];
    if (order >= 2 * scene_.phones && order % 25 != 0) continue;  // a sample is asked for once more, signed by the platform
    const auto result = TF_TRY(phone.line->query(*phone.session, *phone.user, fmt::format("D{:06}", order)));
    if (result.outcome == wallet::Outcome::approved && order % 25 == 0) {
      TF_TRY(phone.line->refund(*phone.session, *phone.user, result.order, "R1", 50));
      ++report.refunds;
    }
  }
  std::vector<std::unique_ptr<Phone>> nobody;
  TF_CHECK(settle(nobody, report));
  TF_CHECK(reconcile(report));
  try_thieves(*phones.front(), report);
  auto totals = TF_TRY(wire::JsonObject::parse(TF_TRY(scene_.on_platform({"wallet", "totals"}))));
  report.approved = TF_TRY(totals.integer("captured", 0, INT64_MAX));
  report.declined = TF_TRY(totals.integer("declined", 0, INT64_MAX));
  report.reversed = TF_TRY(totals.integer("reversed", 0, INT64_MAX));
  report.resolved = TF_TRY(totals.integer("resolved", 0, INT64_MAX));
  return report;
}

}  // namespace tf::cli
