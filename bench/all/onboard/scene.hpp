// Every server of onboard as a process of its own, made by commands as docs/onboard-deployment.md says, and devices that run in this process.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "bench/all/child.hpp"
#include "bench/all/company.hpp"
#include "bench/all/memory_directory.hpp"
#include "net/client/client.hpp"
#include "pki/certificate.hpp"

namespace tf::bench {

inline constexpr double kDeviceWorkUs = 1000;  // what a device computes between two of its requests

class OnboardScene {
 public:
  static Result<std::unique_ptr<OnboardScene>> make(const std::string& directory, const std::string& program);

  // Devices with software modules, numbered on from the last ones.
  Status manufacture(int count);
  struct Whole {
    double cpu_us = 0;      // of all servers, for one device from its contract to the first use of its subscription
    double requests = 0;    // that the servers answered for it, each other's included, without the questions for counters
    double handshakes = 0;  // full ones over TLS, likewise
    double commits = 0;     // of all databases
  };
  // Contracts for the devices made last, from a file; then all of them, 32 at a time. The first ones are not measured: with them the servers
  // make the connections among themselves that they keep, as long as there is anything to do.
  Result<Whole> onboard(int unmeasured);

  struct Request {
    double server = 0, client = 0;  // CPU of a bare one on a kept connection, at the one asked and at the one who asks
    double handshake = 0;           // full, of TLS: the server's side of it
    double plain = 0, plain_fresh = 0;  // of the OCSP responder, without TLS: on a kept connection and on one of its own
  };
  [[nodiscard]] Result<Request> request() const;
  // Seconds for a file of so many contracts, each registered when it returns.
  Result<double> batch(int contracts);

 private:
  static constexpr int kDevicesAtOnce = 32;

  OnboardScene(std::string directory, std::string program, MemoryDirectory devices) : directory_(std::move(directory)), program_(std::move(program)), devices_(std::move(devices)) {}
  [[nodiscard]] std::string in(const std::string& name) const { return directory_ + "/" + name; }
  [[nodiscard]] std::string url(const std::string& server) const;
  Status command(std::vector<std::string> words) const;  // of trustferry, to its end
  Status issue(const std::string& csr, const std::string& profile, const std::string& subject, const std::string& out, bool tls) const;
  Status make_platform();
  Status make_responder();
  Status make_server(const std::string& name);
  Status introduce();
  Status start(const std::string& name);
  struct Cost {
    double server = 0, client = 0;  // CPU of all servers and of the one who asks, for a request
  };
  [[nodiscard]] Result<Cost> bare(const std::vector<std::string>& servers, int times, bool fresh) const;
  [[nodiscard]] Result<net::HttpClient> line_to(const std::string& server) const;  // also to the responder, without TLS
  [[nodiscard]] Result<net::HttpClient> client(const std::string& server) const;
  Status run(int first, int last);  // of the devices, by their numbers: contracts, then all of it
  [[nodiscard]] double cpu_us() const;
  [[nodiscard]] Result<std::map<std::string, double>> counts() const;  // "requests", "handshakes", "commits"

  std::string directory_, program_;
  MemoryDirectory devices_;
  std::map<std::string, std::unique_ptr<Child>> servers_;
  std::unique_ptr<Child> platform_;
  std::optional<pki::Certificate> root_;
  int made_ = 0, last_ = 0;
};

// The cryptography of one onboarding, all servers', through the same calls.
Result<double> onboarding_crypto_cpu_us(Company& company);
// Its rows, when so many share a commit.
Result<double> onboarding_rows_cpu_us(Company& company, const std::string& path, int members_per_commit);

}  // namespace tf::bench
