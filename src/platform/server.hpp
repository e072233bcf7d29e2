// A running platform: the data directory opened, the vault unsealed, two listeners up. Composes what the rooms offer.
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "platform/data_directory.hpp"
#include "platform/access/service.hpp"
#include "platform/rki/service.hpp"
#include "net/server/server.hpp"

namespace tf::platform {

class Server {
 public:
  // Opens the directory, unseals, migrates, checks the audit trail's end and the certificates.
  static Result<std::unique_ptr<Server>> open(const std::string& directory, const SecretBytes& passphrase);
  ~Server();

  Status start();
  // Finishes what is in flight (at most stop_seconds), writes the last audit checkpoint. Called by the destructor too.
  void stop();
  [[nodiscard]] std::uint16_t terminals_port() const { return terminals_.port(); }
  [[nodiscard]] std::uint16_t access_port() const { return access_.port(); }  // 0: there are no services
  [[nodiscard]] std::uint16_t channel_port() const { return channel_.port(); }
  [[nodiscard]] std::uint16_t public_port() const;  // 0: off
  [[nodiscard]] std::uint16_t wallet_port() const;  // 0: there is no wallet
  [[nodiscard]] std::uint16_t cardsign_port() const;  // 0: there is no cardsign
  [[nodiscard]] std::uint16_t admin_port() const { return admin_.port(); }

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  Status start_access();
  Status start_channel();
  wire::HttpResponse handle_access(const wire::HttpRequest& request);
  bool converse_access(const wire::HttpRequest& request, net::Answer& answer);
  bool converse(const wire::HttpRequest& request, net::Answer& answer);
  wire::HttpResponse handle_terminals(const wire::HttpRequest& request);
  wire::HttpResponse handle_admin_listener(const wire::HttpRequest& request);
  std::optional<wire::HttpResponse> handle_health(const wire::HttpRequest& request);

  Status renew_tls();
  void keep_house(const std::stop_token& stop);

  std::unique_ptr<Parts> parts_;
  std::shared_ptr<net::WorkerPool> pool_;
  net::HttpServer terminals_;
  net::HttpServer admin_;
  net::HttpServer access_;
  net::HttpServer channel_;
  bool stopped_ = false;
  std::mutex house_mutex_;
  std::condition_variable_any house_;
  std::jthread housekeeper_;  // once an hour
};

}  // namespace tf::platform
