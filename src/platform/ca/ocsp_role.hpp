// The OCSP responder as a process of its own: fetches the authorities' revocation lists, verifies them, and answers with keys that the
// platform does not have. It goes on with what it knows when the platform is away, until the lists are out of date.
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "net/server/server.hpp"
#include "platform/ca/ocsp_files.hpp"
#include "platform/metrics_listener.hpp"

namespace tf::platform {

class OcspRole {
 public:
  // Reads the directory and the lists kept there. An authority without a delegate yet is not served.
  static Result<std::unique_ptr<OcspRole>> open(const std::string& directory, const Clock& clock);
  ~OcspRole();

  Status start();  // fetches what it can, then listens; refreshes from then on
  void stop();
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }

  // Fetches lists and takes delegates that were installed meanwhile; every refresh_seconds by itself. What failed goes to the log, and
  // how many did is the result.
  int refresh();

 private:
  OcspRole(std::string directory, const Clock& clock, OcspSettings settings);
  Status take_delegates();
  Status take_lists();
  Status fetch(const OcspAuthority& authority, std::uint32_t shard);
  Result<Bytes> fetched(const OcspAuthority& authority, const std::string& place);
  [[nodiscard]] wire::HttpResponse handle(const wire::HttpRequest& request);
  void work(const std::stop_token& stop);

  const std::string directory_;
  const Clock& clock_;
  const OcspSettings settings_;
  std::vector<OcspAuthority> authorities_;
  ca::CrlSource source_;
  ca::Responder responder_;
  std::map<std::string, ca::Served> delegates_;
  std::vector<std::string> serving_;  // "users/<serial of the delegate>"
  metrics::Registry metrics_;
  metrics::Counter& lists_taken_;
  metrics::Counter& fetches_failed_;
  net::HttpServer server_;
  MetricsListener watched_;
  std::mutex refreshing_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace tf::platform
