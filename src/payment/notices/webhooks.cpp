#include "payment/notices/webhooks.hpp"

#include <fmt/format.h>

#include <numeric>

#include "base/log.hpp"
#include "net/client/client.hpp"
#include "wire/encoding.hpp"

namespace tf::payment {
namespace {

constexpr std::int64_t kSecond = 1'000, kMinute = 60'000, kHour = 3'600'000;
constexpr std::int64_t kDelays[kHookRetries] = {10 * kSecond, 30 * kSecond, kMinute,  2 * kMinute, 5 * kMinute, 10 * kMinute, 15 * kMinute, 30 * kMinute,
                                                kHour,        kHour,        kHour,    2 * kHour,   2 * kHour,   3 * kHour,    5 * kHour,    7 * kHour};
static_assert(std::accumulate(std::begin(kDelays), std::end(kDelays), std::int64_t{0}) <= 24 * kHour);
constexpr std::int64_t kLongestPause = kMinute;
constexpr std::int64_t kKeepDelivered = 30 * 24 * kHour;
constexpr std::int64_t kForgetEvery = kHour;
constexpr auto kPoll = std::chrono::seconds(1);

}  // namespace

std::optional<std::int64_t> hook_delay_ms(int attempts) {
  if (attempts < 1 || attempts > kHookRetries) return std::nullopt;
  return kDelays[attempts - 1];
}

Result<std::string> hook_signature(const Merchants& merchants, const std::string& merchant, std::int64_t now_ms, const std::string& body) {
  const std::string signed_text = fmt::format("{}.{}", now_ms / kSecond, body);
  const Secret<32> mac = TF_TRY(merchants.sign(merchant, as_bytes(signed_text)));
  return fmt::format("t={},v1={}", now_ms / kSecond, wire::hex_lower(mac.reveal()));
}

HookSender http_hook_sender(std::vector<net::Certificate> anchors) {
  return [anchors = std::move(anchors)](const HookMessage& message) -> Result<int> {
    const HookUrl url = TF_TRY(parse_hook_url(message.url));
    net::ClientOptions options;
    options.server = TF_TRY(net::parse_any_base_url(url.base));
    options.anchors = anchors;
    options.allow_tls12 = true;
    options.response_timeout = std::chrono::seconds(10);
    options.max_response_bytes = 64 * 1024;
    auto client = TF_TRY(net::HttpClient::create(std::move(options)));
    net::ClientRequest request{.method = "POST", .target = url.target, .content_type = "application/json", .body = message.body, .headers = message.headers};
    return TF_TRY(client.request(request)).status;
  };
}

Webhooks::Webhooks(HookPorts ports, int threads)
    : ports_(std::move(ports)), delivered_(ports_.metrics.counter("trustferry_webhooks_delivered_total", "Notices that merchants acknowledged")),
      failed_(ports_.metrics.counter("trustferry_webhooks_failed_total", "Attempts that were not acknowledged")),
      given_up_(ports_.metrics.counter("trustferry_webhooks_given_up_total", "Notices given up after all attempts")) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

Webhooks::~Webhooks() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  threads_.clear();
}

void Webhooks::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  wake_.notify_one();
}

void Webhooks::work() {
  for (;;) {
    const auto delivered = deliver_one();
    if (!delivered) log::error("payment: the outbox of webhooks: " + describe(delivered.error()));
    std::unique_lock lock(mutex_);
    if (ending_) return;
    if (delivered && *delivered) continue;
    wake_.wait_for(lock, kPoll, [this] { return ending_ || woken_; });
    woken_ = false;
  }
}

// The outbox is read under the mutex, and a merchant is let go of after his notice is marked: none is taken twice.
Result<std::optional<Due>> Webhooks::take() {
  const std::lock_guard lock(mutex_);
  const std::int64_t now = ports_.clock.now_ms();
  std::erase_if(paused_, [&](const auto& entry) { return entry.second <= now; });
  std::optional<Due> out;
  TF_CHECK(ports_.database.read([&](store::Session& session) -> Status {
    for (const std::string& merchant : TF_TRY(load_merchants_due(session, now))) {
      if (in_hand_.contains(merchant) || paused_.contains(merchant)) continue;
      out = TF_TRY(load_first_due(session, merchant, now));
      if (out) return {};
    }
    return {};
  }));
  if (out) in_hand_.insert(out->notice.merchant);
  return out;
}

Result<bool> Webhooks::deliver_one() {
  const auto due = TF_TRY(take());
  if (!due) {
    forget_now_and_then();
    return false;
  }
  const Status done = deliver(*due);
  const std::lock_guard lock(mutex_);
  in_hand_.erase(due->notice.merchant);
  if (!done) return done.error();
  return true;
}

Status Webhooks::deliver(const Due& due) {
  const Notice& notice = due.notice;
  const std::int64_t now = ports_.clock.now_ms();
  const auto send = [&]() -> Result<int> {
    HookMessage message{TF_TRY(ports_.merchants.url(notice.merchant)), {}, notice.body};
    message.headers = {{"Trustferry-Event", event_id(notice.payment, notice.sequence)}, {"Trustferry-Sequence", std::to_string(notice.sequence)},
                       {"Trustferry-Signature", TF_TRY(hook_signature(ports_.merchants, notice.merchant, now, notice.body))}};
    return ports_.send(message);
  };
  const auto status = send();
  const int attempts = due.attempts + 1;
  if (status && *status / 100 == 2) {
    delivered_.add();
    return ports_.database.write([&](store::Session& session) { return mark_delivered(session, notice, attempts); });
  }
  failed_.add();
  const std::string why = status ? fmt::format("status {}", *status) : describe(status.error());
  const auto delay = hook_delay_ms(attempts);
  if (!delay) {
    given_up_.add();
    log::warn(fmt::format("payment: merchant {} was not told of {}: {}", notice.merchant, event_id(notice.payment, notice.sequence), why));
  }
  {
    const std::lock_guard lock(mutex_);
    paused_[notice.merchant] = now + std::min(delay.value_or(kLongestPause), kLongestPause);
  }
  const std::optional<std::int64_t> next = delay ? std::optional(now + *delay) : std::nullopt;
  return ports_.database.write([&](store::Session& session) { return mark_failed(session, notice, attempts, next, why.substr(0, 200)); });
}

void Webhooks::forget_now_and_then() {
  const std::int64_t now = ports_.clock.now_ms();
  {
    const std::lock_guard lock(mutex_);
    if (now - forgotten_ms_ < kForgetEvery) return;
    forgotten_ms_ = now;
  }
  ports_.database.write_async([before = now - kKeepDelivered](store::Session& session) { return forget_delivered(session, before); }, [](const Status&) {});
}

}  // namespace tf::payment
