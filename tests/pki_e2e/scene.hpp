// A platform with a public listener, and a directory for what openssl makes and reads.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/curl.hpp"
#include "tests/support/local.hpp"
#include "tests/support/process.hpp"

namespace tf::test {

class PkiScene {
 public:
  static PkiScene& get();

  [[nodiscard]] std::string in(const std::string& name) const { return directory_ + "/" + name; }
  [[nodiscard]] std::string platform() const { return in("platform"); }
  [[nodiscard]] std::string root() const { return platform() + "/root.crt"; }
  [[nodiscard]] std::string public_url() const { return "http://127.0.0.1:" + std::to_string(public_port_); }
  [[nodiscard]] std::string log() const { return read_text(in("server.log")); }

  // A key and a request that openssl made; NAME.key and NAME.csr. kind: "P-256" or "RSA".
  void csr(const std::string& name, const std::string& kind = "P-256");
  // pki …; with --json where it is asked.
  Finished pki(std::vector<std::string> words);
  wire::JsonObject ask(std::vector<std::string> words);
  // Issues after the profile, for NAME.csr to NAME.crt (with its chain); the serial number.
  std::string issue(const std::string& name, const std::string& profile, const std::string& subject, const std::string& holder, std::vector<std::string> more = {});
  // openssl verify of NAME.crt with the lists of its authority as they are now.
  Finished verify(const std::string& name, const std::string& authority, std::vector<std::string> more = {});
  std::string fetch(const std::string& path, int expected = 200);  // from the public listener

  void serve();
  int stop();
  void kill_server();

 private:
  PkiScene();
  ~PkiScene();
  std::string directory_;
  std::uint16_t port_, admin_port_, public_port_;
  std::unique_ptr<Process> server_;
};

}  // namespace tf::test
