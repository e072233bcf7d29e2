// Servers of onboard as they run, over real HTTPS on loopback: a small hierarchy, an OCSP responder that does as it is told, and the six roles, each
// in a directory of its own. Certificates are valid now, as TLS looks at the real clock; the servers' clock can be moved.
#pragma once
#include <atomic>
#include <map>
#include <mutex>
#include <set>

#include "crypto/keys.hpp"
#include "net/client/client.hpp"
#include "pki/issue.hpp"
#include "pki/ocsp/response.hpp"
#include "platform/onboard/server.hpp"
#include "protocols/onboard/messages_servers.hpp"
#include "tests/support/estate.hpp"
#include "tests/support/expect.hpp"

namespace tf::platform::test {

inline constexpr const char* kDevice = "M2M-0001";
inline constexpr const char* kPimsi = "999990000000001";

using tf::test::must;

// Who calls, with key and certificate.
struct Caller {
  crypto::PrivateKey key;
  std::vector<pki::Certificate> chain;
  [[nodiscard]] std::string fingerprint() const;
};

class OnboardHierarchy {
 public:
  explicit OnboardHierarchy(std::int64_t now_ms);
  // Leaf and issuer, after a profile of packaging/profiles.
  std::vector<pki::Certificate> issue(const std::string& profile, const std::string& subject, const std::vector<std::string>& alternative, const crypto::PublicKey& key);
  Caller caller(const std::string& name);

  SystemRandom random;
  std::int64_t now_ms;
  pki::Issuer root;
  pki::Issuer modules, onboard;        // the authorities
  pki::Issuer modules_ocsp, onboard_ocsp;
};

// Answers OCSP for both authorities.
class ToldResponder {
 public:
  ToldResponder(OnboardHierarchy& pki, const Clock& clock);
  [[nodiscard]] std::string url() const;
  void revoke(const pki::Certificate& certificate);
  std::atomic<bool> silent{false};
  std::atomic<int> asked{0};

 private:
  wire::HttpResponse answer(const wire::HttpRequest& request);
  OnboardHierarchy& pki_;
  const Clock& clock_;
  std::mutex mutex_;
  std::set<std::string> revoked_;
  metrics::Registry metrics_;
  net::HttpServer server_;
};

// Listens, and never speaks TLS: how a server that is silent looks to its neighbours, but without their having to wait.
class DeafServer {
 public:
  DeafServer();
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  [[nodiscard]] std::uint64_t called();    // connections
  [[nodiscard]] std::uint64_t answered();  // requests that could be read, which are answered with 503

 private:
  metrics::Registry metrics_;
  net::HttpServer server_;
};

struct Answer {
  int status = 0;
  std::string body;
  [[nodiscard]] std::string reason() const;  // of a refusal
  std::map<std::string, std::string> headers{};
};

class OnboardScene {
 public:
  static constexpr const char* kOperator = "op-1";
  OnboardScene();

  // Makes, installs, knows its peers, and starts. Each once.
  OnboardServer& start(const std::string& role);
  void stop(const std::string& role);
  OnboardServer& restart(const std::string& role);
  void start_all();
  // All roles of one directory in one process, with one thread of each kind.
  void start_as_one();
  OnboardServer& server(const std::string& role) { return *servers_.at(role); }
  [[nodiscard]] std::string url(const std::string& role) const { return "https://localhost:" + std::to_string(ports_.at(role)); }
  [[nodiscard]] const std::string& fingerprint(const std::string& role) const { return fingerprints_.at(role); }
  [[nodiscard]] std::string directory(const std::string& role) const { return directory_.file(role); }
  // Another server of a role, or a person, that the server of "at" knows.
  void add_peer(const std::string& at, OnboardPeer peer);

  // caller: null: nobody.
  Answer post(const std::string& role, const std::string& path, const std::string& body, const Caller* caller = nullptr,
              std::vector<std::pair<std::string, std::string>> headers = {}, const std::string& type = "application/json");
  Answer get(const std::string& role, const std::string& target, const Caller* caller = nullptr);
  // How often a role's audit trail has this action, by this actor where one is named.
  std::int64_t audited(const std::string& role, const std::string& action, const std::string& actor = {});
  // Orders for a device, as staff.
  std::string subscribe(const std::string& dsim_id);

  OnboardHierarchy pki;
  tf::test::FixedClock clock;
  ToldResponder ocsp;
  Caller staff;  // known to all
  std::function<void(const std::string& role, OnboardSettings&)> tweak;

 private:
  void make(const std::string& role);
  Answer call(const std::string& role, net::ClientRequest request, const Caller* caller);
  tf::test::TemporaryDirectory directory_;
  std::map<std::string, std::uint16_t> ports_;
  std::map<std::string, std::string> fingerprints_;
  std::map<std::string, std::unique_ptr<OnboardServer>> servers_;
};

}  // namespace tf::platform::test
