// wallet within the platform: the way to phones, the way to the money, the books between, and the listener for phones.
#pragma once
#include <memory>
#include <mutex>

#include "net/server/server.hpp"
#include "payment/books/stored_books.hpp"
#include "payment/notices/merchants.hpp"
#include "payment/notices/webhooks.hpp"
#include "payment/rules/rules_file.hpp"
#include "platform/wallet/front_ends.hpp"
#include "platform/wallet/service.hpp"

namespace tf::platform {

// Where what phones' cards send back goes: whoever listens at the moment.
class IncomingMessages {
 public:
  void listen(sms::OnIncoming listener) {
    const std::lock_guard lock(mutex_);
    listener_ = std::move(listener);
  }
  void arrived(const sms::Incoming& message) {
    const std::lock_guard lock(mutex_);
    if (listener_) listener_(message);
  }

 private:
  std::mutex mutex_;
  sms::OnIncoming listener_;
};

class WalletOffice {
 public:
  // By [wallet] of the configuration, which is there; puts itself into the context. directory: the platform's.
  static Result<std::unique_ptr<WalletOffice>> open(Context& context, audit::RefusalSampler& sampler, const std::string& directory);
  ~WalletOffice();

  [[nodiscard]] WalletService& service() { return *service_; }
  [[nodiscard]] payment::Payments& payments() { return *payments_; }
  [[nodiscard]] payment::Merchants& merchants() { return *merchants_; }
  [[nodiscard]] const payment::Rules& rules() const { return rules_; }
  [[nodiscard]] FrontEnds& front_ends() { return *front_ends_; }
  [[nodiscard]] sms::Sender& sms() { return *sms_; }
  [[nodiscard]] IncomingMessages& incoming() { return incoming_; }

  Status start(const net::TlsServerConfig& tls, std::shared_ptr<net::WorkerPool> pool);
  Status replace_tls(const net::TlsServerConfig& tls) { return listener_.replace_tls(tls); }
  // The listener, then what is under way with the front ends: settled at the next start.
  void stop(std::chrono::milliseconds grace);
  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }

 private:
  explicit WalletOffice(Context& context) : context_(context) {}
  Status open_books(const WalletConfig& config, const std::string& directory);
  bool converse(const wire::HttpRequest& request, net::Answer& answer);
  wire::HttpResponse handle(const wire::HttpRequest& request);

  Context& context_;
  IncomingMessages incoming_;
  std::unique_ptr<sms::Sender> sms_;
  std::unique_ptr<WalletInstruments> instruments_;
  std::unique_ptr<FrontEnds> front_ends_;
  payment::Rules rules_;
  std::unique_ptr<payment::Merchants> merchants_;
  std::unique_ptr<payment::Webhooks> webhooks_;
  std::unique_ptr<payment::StoredBooks> books_;
  std::unique_ptr<payment::ThreadRunner> runner_;
  std::unique_ptr<payment::Payments> payments_;
  std::unique_ptr<WalletService> service_;
  net::HttpServer listener_;
};

}  // namespace tf::platform
