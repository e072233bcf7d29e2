#include "tests/frontends/ewallet_support.hpp"

#include <future>

namespace tf::frontends::test {

OurSide::OurSide() {
  vault = tf::test::must(vault::SoftwareVault::create(directory.file("vault"), SecretBytes(as_bytes("a passphrase for tests")), random,
                                                      {.n = 1024, .r = 8, .p = 1}));
  for (const char* name : {kEwalletKey, kAcpKey})
    tf::test::must(vault->generate(name, crypto::KeyKind::rsa, 2048, vault::Purpose::sign_legacy));
}

OurSide& our_side() {
  static OurSide side;
  return side;
}

const simulate::ewallet::Keys& gateway_keys() {
  static const auto keys = tf::test::must(simulate::ewallet::make_keys({"127.0.0.1", "localhost"}, SystemClock().now_ms(), our_side().random));
  return keys;
}

Result<SecretBytes> OneAccount::account(const std::string& token) {
  if (token != "token-1") return Error{Code::not_found, "test.account", token};
  return SecretBytes(as_bytes("20885102345678901234"));
}

void MemoryExchange::send(Build build, Done done) {
  if (refuses) return done({Error{Code::overloaded, "frontends.queue_full", {}}, false});
  auto request = build();
  if (!request) return done({std::move(request).error(), false});
  sent.push_back(*request);
  done({gateway(*request), true});
}

void VirtualTimer::after(std::chrono::milliseconds delay, Due due) {
  pauses_s.push_back(delay.count() / 1000);
  pending_.emplace(clock_.now_ms() + delay.count(), std::move(due));
}

void VirtualTimer::run() {
  while (!pending_.empty()) {
    const auto first = pending_.begin();
    clock_.set(first->first);
    Due due = std::move(first->second);
    pending_.erase(first);
    due(false);
  }
}

void VirtualTimer::stop() {
  while (!pending_.empty()) {
    Due due = std::move(pending_.begin()->second);
    pending_.erase(pending_.begin());
    due(true);
  }
}

Payment payment_of(std::int64_t minor, std::int64_t at_ms, std::string transaction) {
  Payment out;
  out.transaction = std::move(transaction);
  out.trace = 1;
  out.at_ms = at_ms;
  out.amount = {minor, "CNY"};
  out.merchant = kMerchant;
  out.terminal = "T0000001";
  out.subject = "Tea & cakes 茶";
  out.instrument = "token-1";
  return out;
}

Outcome outcome_of(const std::function<void(payment::FrontEnd::Done)>& call) {
  auto promise = std::make_shared<std::promise<Outcome>>();
  auto future = promise->get_future();
  call([promise](Outcome outcome) { promise->set_value(std::move(outcome)); });
  return future.get();
}

wire::HttpRequest form_request(std::string body) {
  wire::HttpRequest out;
  out.method = "POST";
  out.path = "/notify";
  out.content_type = "application/x-www-form-urlencoded";
  out.body = std::move(body);
  return out;
}

}  // namespace tf::frontends::test
