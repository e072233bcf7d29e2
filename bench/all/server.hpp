// The real server in a process of its own, and what a bare request and a handshake cost it.
#pragma once
#include <memory>
#include <string>

#include "base/secret.hpp"
#include "bench/all/child.hpp"
#include "net/client/client.hpp"
#include "pki/certificate.hpp"
#include "platform/authority.hpp"

namespace tf::bench {

inline constexpr int kClients = 32;  // that call at the same time
inline constexpr double kClientWorkUs = 250;  // what a terminal, a phone or a card computes for one of its requests, about
inline const SecretBytes kPassphrase{as_bytes("a passphrase for measuring")};

// Of a platform in DIRECTORY/platform, its root's key beside it: terminals at the port, people at the next.
Result<platform::InitOptions> init_options(const std::string& directory, int port);

// Over TLS, to a listener on this machine.
Result<net::HttpClient> client_at(std::uint16_t port, const pki::Certificate& root);

class Server {
 public:
  // How its clients reach it; chain and key where they show a certificate.
  struct Address {
    std::string url;
    pki::Certificate root;
    std::vector<pki::Certificate> chain;
    net::PrivateKey key;
  };
  // Serves DIRECTORY/platform; returns when it answers.
  static Result<std::unique_ptr<Server>> start(const std::string& program, const std::string& directory, Address address);

  [[nodiscard]] double cpu_us() const;  // of all its threads since it began
  [[nodiscard]] Result<net::HttpClient> client() const;
  // Server CPU of one bare request on a kept connection, and of one full TLS handshake. pause_us: what each client computes
  // between two of its requests, so that they come at the pace of real ones and find a server that had time to fall asleep.
  [[nodiscard]] Result<double> request_cpu_us(double pause_us) const;
  [[nodiscard]] Result<double> handshake_cpu_us(double pause_us, double request_us) const;

 private:
  Server(std::unique_ptr<Child> child, Address address) : child_(std::move(child)), address_(std::move(address)) {}
  [[nodiscard]] Result<double> requests(int count, bool fresh, double pause_us) const;

  std::unique_ptr<Child> child_;
  Address address_;
};

}  // namespace tf::bench
