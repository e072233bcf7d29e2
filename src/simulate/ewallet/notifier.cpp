#include "simulate/ewallet/notifier.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "base/log.hpp"

namespace tf::simulate::ewallet {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr std::array<milliseconds, 7> kEwalletPauses{4min, 10min, 10min, 1h, 2h, 6h, 15h};
constexpr std::array<milliseconds, 4> kAcpPauses{10s, 60s, 10min, 1h};

struct Address {
  std::string base, target;
};
Address split(const std::string& url) {
  const std::size_t host = url.find("://");
  const std::size_t path = host == std::string::npos ? host : url.find('/', host + 3);
  if (path == std::string::npos) return {url, "/"};
  return {url.substr(0, path), url.substr(path)};
}

bool accepted(const std::string& dialect, const frontends::Answer& answer) {
  if (!answer.response || answer.response->status != 200) return false;
  return dialect == "acp" || answer.response->body == "success";
}

}  // namespace

frontends::Exchange* Notifier::way_to(const std::string& base_url) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return nullptr;
  auto& way = ways_[base_url];
  if (way) return way.get();
  const auto server = net::parse_any_base_url(base_url);
  if (!server) return nullptr;
  net::ClientOptions options;
  options.server = *server;
  options.anchors = options_.anchors;
  options.response_timeout = 10s;
  auto made = frontends::HttpsExchange::create(options, {.connections = 2, .max_queued = 100'000});
  if (made) way = std::move(*made);
  return way.get();
}

void Notifier::tell(const Told& told) {
  const int times = faults_.next().duplicate ? 2 : 1;
  for (int i = 0; i < times; ++i) attempt(told, 0);
}

void Notifier::tell_all() {
  for (const Order& order : world_.ledger.orders())
    if (order.state == State::paid && !order.told) tell({order.dialect, order.number});
}

void Notifier::attempt(const Told& told, std::size_t number) {
  const auto order = world_.ledger.find(told.dialect, told.number);
  if (!order || order->notify_url.empty() || order->told) return;
  const Address address = split(order->notify_url);
  frontends::Exchange* way = way_to(address.base);
  if (way == nullptr) return;
  way->send(
      [this, told, order = *order, target = address.target]() -> Result<net::ClientRequest> {
        const Mishap mishap = faults_.next();
        const bool acp = told.dialect == "acp";
        return net::ClientRequest{.method = "POST",
                                  .target = target,
                                  .content_type = "application/x-www-form-urlencoded;charset=UTF-8",
                                  .body = acp ? acp_notification(world_, order, mishap) : ewallet_notification(world_, order, mishap),
                                  .headers = {},
                                  .repeatable = true};
      },
      [this, told, number](const frontends::Answer& answer) {
        if (accepted(told.dialect, answer)) return world_.ledger.told(told.dialect, told.number);
        const std::span<const milliseconds> pauses =
            told.dialect == "acp" ? std::span<const milliseconds>(kAcpPauses) : std::span<const milliseconds>(kEwalletPauses);
        if (number >= pauses.size()) return;
        timer_.after(pauses[number] / std::max(1, options_.hurry), [this, told, number](bool stopping) {
          if (!stopping) attempt(told, number + 1);
        });
      });
}

void Notifier::stop() {
  std::map<std::string, std::unique_ptr<frontends::HttpsExchange>> ways;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    ways.swap(ways_);
  }
  timer_.stop();
  for (auto& [url, way] : ways) way->stop();
}

}  // namespace tf::simulate::ewallet
