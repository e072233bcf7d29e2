// The process: one listener on TLS, the roles of its settings, their routes, work in the background. Who may call what is decided here.
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "net/server/server.hpp"
#include "platform/metrics_listener.hpp"
#include "platform/onboard/role.hpp"

namespace tf::platform {

class OnboardServer {
 public:
  // roles: those to run, of the directory's; empty: all.
  static Result<std::unique_ptr<OnboardServer>> open(const std::string& directory, const SecretBytes& passphrase,
                                                     const std::vector<std::string>& roles, const Clock& clock);
  ~OnboardServer();

  Status start();
  void stop();  // what is in flight is finished
  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }
  [[nodiscard]] OnboardOpened& opened() { return *opened_; }
  [[nodiscard]] const std::vector<std::string>& roles() const { return running_; }
  // One round of the roles' background work; the thread of start() does it about once a second.
  void work_now();

 private:
  explicit OnboardServer(std::unique_ptr<OnboardOpened> opened) : opened_(std::move(opened)) {}
  [[nodiscard]] wire::HttpResponse handle(const wire::HttpRequest& request);
  // On an I/O thread; false: it has to wait for something.
  [[nodiscard]] bool promptly(const wire::HttpRequest& request, net::Answer& answer);
  // Who calls, and whether he may, with this; a response where he may not.
  [[nodiscard]] std::optional<wire::HttpResponse> admit(const OnboardRoute& route, OnboardCall& call);
  [[nodiscard]] wire::HttpResponse reply(const OnboardRoute& route, Result<std::string> body, std::string subject, const OnboardCall& call);
  [[nodiscard]] wire::HttpResponse refusal(const OnboardRoute& route, const Error& error, std::string subject, bool known);
  [[nodiscard]] const OnboardRoute* route_of(const wire::HttpRequest& request) const;
  [[nodiscard]] const OnboardPeer* peer_of(const wire::HttpRequest& request, const std::vector<std::string>& roles) const;
  [[nodiscard]] net::WorkerPool* pool_of(const wire::HttpRequest& request) const;  // null: the devices'
  void work(const std::stop_token& stop);

  std::unique_ptr<OnboardOpened> opened_;
  std::vector<std::string> running_;
  std::vector<std::unique_ptr<OnboardRole>> roles_;
  std::vector<OnboardRoute> routes_;
  // Three, each waiting for those below it only, so that no role waits for threads that wait for it.
  std::shared_ptr<net::WorkerPool> devices_;  // and people
  std::shared_ptr<net::WorkerPool> asking_;   // servers, where other servers are asked in turn
  std::shared_ptr<net::WorkerPool> servers_;  // servers, where nobody else is asked
  net::HttpServer listener_;
  MetricsListener metrics_;
  std::mutex working_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

// Every role; null for one that the settings have not. For each a function in its folder.
Result<std::unique_ptr<OnboardRole>> open_onboard_role(std::string_view role, OnboardOpened& opened);

}  // namespace tf::platform
