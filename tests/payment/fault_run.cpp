#include "tests/payment/fault_run.hpp"

#include <fmt/format.h>

namespace tf::payment::test {
namespace {

constexpr int kMostEvents = 4'000;

LineWeather line_weather(Dice& dice) {
  const auto percent = [&](int most) { return static_cast<int>(dice.below(3) == 0 ? 0 : dice.below(most + 1)); };
  return {.usual_ms = 40, .timeout_ms = 5'000, .lost_percent = percent(40), .late_percent = percent(30), .doubled_percent = percent(30),
          .silent_percent = percent(10), .declined_percent = percent(40), .wrong_amount_percent = percent(20), .stands_percent = percent(30),
          .down_percent = percent(20), .notified_percent = percent(80)};
}

std::vector<Route> routes() {
  Route card{.name = "cards", .prefixes = {"62"}, .wallets = {}, .currencies = {}, .merchants = {}, .from = {}, .to = {}, .front_ends = {"card", "wallet"}};
  Route rest{.name = "rest", .prefixes = {}, .wallets = {}, .currencies = {}, .merchants = {}, .from = {}, .to = {}, .front_ends = {"wallet"}};
  return {card, rest};
}

bool listens(const std::string& merchant) { return merchant == "M1"; }

}  // namespace

FaultRun::Tally& FaultRun::Tally::operator+=(const Tally& other) {
  orders += other.orders, captured += other.captured, declined += other.declined, reversed += other.reversed, resolved += other.resolved;
  refunds += other.refunds, crashes += other.crashes, events += other.events, over_limit += other.over_limit, repeated += other.repeated;
  direct += other.direct, direct_paid += other.direct_paid;
  return *this;
}

FaultRun::FaultRun(std::uint64_t seed, RunOptions options)
    : dice_(seed), options_(options), card_("card", kByReversal, time_, dice_, line_weather(dice_)),
      wallet_("wallet", kByQuery, time_, dice_, line_weather(dice_)),
      commits_{.longest_ms = dice_.below(20), .fails_percent = static_cast<int>(dice_.below(8)), .lies_percent = static_cast<int>(dice_.below(4))} {
  for (Bank* bank : {&card_, &wallet_})
    bank->notify = [this, bank](const std::string& transaction) {
      if (payments_ && !payments_->hear(bank->name(), transaction, {Verdict::done, "notified", "N"})) wrong("a notification of no order");
    };
  if (dice_.happens(30)) {
    Limit limit{.of = Of::user, .currency = "CNY", .amount = {}, .sum_per_day = 1'200, .count_per_day = 3};
    limits_.all.push_back(limit);
  }
  const std::int64_t clients = 1 + dice_.below(6);
  for (std::int64_t i = 0; i < clients; ++i) {
    auto client = std::make_unique<Client>();
    OrderRequest& request = client->request;
    request.user = fmt::format("user{}", dice_.below(2));
    request.order_number = fmt::format("o{}", dice_.below(5));
    request.amount = {1 + dice_.below(1'000), "CNY"};
    request.merchant = dice_.happens(70) ? "M1" : "M2";
    request.terminal = "T1";
    request.instrument = "card-token";
    request.prefix = dice_.happens(50) ? "622202" : "";
    if (dice_.happens(25)) request.gateway = "wallet", request.instrument = request.prefix = "", request.until_ms = VirtualTime::kStart + 600'000;
    // Two clients may have the same order; then it is the same order.
    for (const auto& other : clients_)
      if (other->request.user == request.user && other->request.order_number == request.order_number) request = other->request;
    request.content_hash = {static_cast<std::uint8_t>(request.amount.minor), static_cast<std::uint8_t>(request.amount.minor >> 8)};
    clients_.push_back(std::move(client));
  }
}

FaultRun::~FaultRun() {
  if (life_) life_->end();
}

void FaultRun::start() {
  life_ = std::make_unique<Life>();
  runner_ = std::make_unique<VirtualRunner>(time_, *life_);
  books_ = std::make_unique<MemoryBooks>(ledger_, time_, *life_, dice_, limits_, listens, fair_ ? CommitWeather{} : commits_);
  auto opened = Payments::open({*books_, *runner_, time_, metrics_}, {.table = options_.table}, Router(routes()), {&card_, &wallet_});
  if (!opened) return wrong("does not start: " + describe(opened.error()));
  payments_ = std::move(*opened);
}

// Nothing that the program was about to do is done; its front ends' messages travel on.
void FaultRun::crash() {
  ++tally_.crashes;
  life_->end();
  payments_.reset();
  time_.after(dice_.below(10'000), [this] { start(); });
}

void FaultRun::fair_weather() {
  fair_ = true;
  card_.weather = wallet_.weather = LineWeather{};
  commits_ = {};
  if (books_) books_->set_weather({});
}

std::vector<std::string> FaultRun::run() {
  start();
  for (const auto& client : clients_) time_.after(dice_.below(2'000), [this, &client = *client] { place(client); });
  const int storm = 40 + static_cast<int>(dice_.below(400));
  while (wrong_.empty() && !(fair_ && settled())) {
    if (time_.idle() && !fair_) fair_weather();
    if (time_.idle() && settled()) break;
    if (!time_.next() || ++tally_.events > kMostEvents) {
      wrong(fmt::format("not settled after {} events", tally_.events));
      break;
    }
    if (!fair_ && tally_.events >= storm) fair_weather();
    if (!fair_ && options_.crashes && payments_ && dice_.below(60) == 0) crash();
  }
  if (!wrong_.empty()) return wrong_;
  check_orders();
  check_bank(card_);
  check_bank(wallet_);
  check_refunds();
  check_clients();
  check_limits();
  check_notices();
  return wrong_;
}

bool FaultRun::settled() const {
  if (!payments_ || payments_->under_way() != 0) return false;
  for (const auto& [number, order] : ledger_.orders)
    if (!has_ended(order.state)) return false;
  for (const auto& [number, refund] : ledger_.refunds)
    if (refund.state == RefundState::pending) return false;
  for (const auto& client : clients_)
    if (!client->answer || client->given.size() != client->refunds.size()) return false;
  return true;
}

// --- clients -------------------------------------------------------------------------------------------------------

void FaultRun::place(Client& client) {
  const std::int64_t patience = client.request.is_direct() ? 10 : 1;  // an offer lasts a quarter of an hour
  const std::int64_t again = 200 + patience * dice_.below(fair_ ? 20'000 : 8'000);
  if (!payments_) return time_.after(again, [this, &client] { place(client); });
  if (client.asked++ > 0) ++tally_.repeated;
  payments_->place(client.request, std::nullopt, [this, &client](Result<Order> answer) { placed(client, std::move(answer)); });
  if (dice_.happens(20)) try_other_content(client);
  // Impatience: the same again whatever the answer.
  if (dice_.happens(60) || !client.answer) time_.after(again, [this, &client] { if (!client.answer || !fair_) place(client); });
}

void FaultRun::try_other_content(Client& client) {
  OrderRequest other = client.request;
  other.content_hash[31] = 1;
  other.amount.minor += 1;
  if (!payments_ || ledger_.orders.empty()) return;
  if (const auto there = books_->find(other.user, other.order_number); !there || !*there) return;  // it would be the first
  payments_->place(other, std::nullopt, [this](Result<Order> answer) {
    if (answer) wrong("an order with other content was taken");
  });
}

void FaultRun::placed(Client& client, Result<Order> answer) {
  if (!answer) {
    if (answer.error().code == Code::conflict) wrong("an order was refused: " + describe(answer.error()));
    return;
  }
  if (answer->asked.content_hash != client.request.content_hash) wrong("another order's answer");
  if (answer->state == State::offered && !std::exchange(client.paying, true)) go_to_gateway(client, *answer);
  if (!has_ended(answer->state)) return;
  if (client.answer && (client.answer->number != answer->number || client.answer->state != answer->state))
    wrong(fmt::format("order {} was told as {} {} and as {} {}", client.request.order_number, client.answer->transaction(), name_of(client.answer->state),
                      answer->transaction(), name_of(answer->state)));
  const bool first = !client.answer;
  client.answer = std::move(*answer);
  if (!first || client.answer->state != State::captured) return;
  client.refund_left = client.answer->asked.amount.minor;
  for (std::int64_t i = dice_.below(3); i > 0; --i) time_.after(dice_.below(3'000), [this, &client] { ask_refund(client); });
}

// Some phones never go, or go too late; what they bring back may not arrive, or arrive twice.
void FaultRun::go_to_gateway(Client& client, const Order& order) {
  if (order.offer != "TN" + order.transaction()) wrong("the phone was given another order");
  if (dice_.happens(15)) return;
  const std::int64_t late = dice_.happens(10) ? 1'200'000 : 30'000;
  time_.after(dice_.below(late), [this, &client, transaction = order.transaction()] {
    const Bank::Paying paying = wallet_.phone_pays(transaction);
    const bool lies = dice_.happens(5);  // a phone that says something else
    bring(client, transaction, (paying == Bank::Paying::paid) != lies, static_cast<int>(dice_.below(3)));
  });
}

void FaultRun::bring(Client& client, const std::string& transaction, bool will_pay, int times) {
  if (times == 0) return;
  time_.after(dice_.below(5'000), [this, &client, transaction, will_pay, times] {
    if (payments_) payments_->brought(transaction, will_pay, [this, &client](Result<Order> answer) { placed(client, std::move(answer)); });
    bring(client, transaction, will_pay, times - 1);
  });
}

// Sometimes more than there is.
void FaultRun::ask_refund(Client& client) {
  const std::string number = fmt::format("r{}-{}", client.asked, client.refunds.size() + static_cast<std::size_t>(&client == clients_.front().get()) * 100);
  client.refunds.emplace(number, Money{1 + dice_.below(client.request.amount.minor), "CNY"});
  send_refund(client, number);
}

void FaultRun::send_refund(Client& client, const std::string& number) {
  const auto again = [this, &client, number] { time_.after(500 + dice_.below(8'000), [this, &client, number] { send_refund(client, number); }); };
  if (!payments_) return again();
  payments_->refund({client.answer->transaction(), number, client.refunds.at(number)},
                    [this, &client, number](Result<RefundOrder> answer) { refunded(client, number, std::move(answer)); });
  if (!client.given.contains(number)) again();
}

void FaultRun::refunded(Client& client, const std::string& number, Result<RefundOrder> answer) {
  RefundOrder end;
  end.state = RefundState::declined;
  if (!answer && answer.error().code == Code::conflict) client.refunds.at(number) = {};  // two clients of one order, one number
  if (!answer && answer.error().code != Code::refused && answer.error().code != Code::conflict) return;
  if (answer && answer->state == RefundState::pending) return;
  if (answer) end = std::move(*answer);
  const auto [there, fresh] = client.given.try_emplace(number, end);
  if (!fresh && there->second.state != end.state && end.number == there->second.number) wrong("refund " + number + " was told as done and as declined");
}

}  // namespace tf::payment::test
