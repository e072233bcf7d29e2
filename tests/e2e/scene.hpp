// One platform, one loader and as many fleets as the tests ask for; made once for the whole program, in a directory of its
// own. A test calls serve() first, as another may have stopped or killed the server.
#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "terminal/device_file.hpp"
#include "tests/e2e/sql.hpp"
#include "tests/support/curl.hpp"
#include "tests/support/local.hpp"
#include "tests/support/process.hpp"

namespace tf::test {

struct Fleet {
  std::string directory;
  std::vector<std::string> modern, classic;
  [[nodiscard]] std::vector<std::string> all() const;
  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(modern.size() + classic.size()); }
  // "dsn IN ('…', …)"
  [[nodiscard]] std::string where() const;
  [[nodiscard]] terminal::Device device(const std::string& serial) const;
  [[nodiscard]] terminal::DeviceFiles files() const;
};

class Scene {
 public:
  static Scene& get();

  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] std::string in(const std::string& name) const { return directory_ + "/" + name; }
  [[nodiscard]] std::string platform() const { return in("platform"); }
  [[nodiscard]] std::string database() const { return platform() + "/trustferry.db"; }
  [[nodiscard]] std::string server_log() const { return in("server.log"); }
  [[nodiscard]] std::string passphrase_file() const { return in("passphrase"); }
  [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string admin_url() const { return "https://127.0.0.1:" + std::to_string(admin_port_); }

  // Up and ready when it returns; does nothing when it is.
  void serve();
  // SIGTERM; the exit code.
  int stop();
  // SIGKILL.
  void kill_server();
  Process& server() { return *server_; }
  [[nodiscard]] bool ready() const;

  // A command with --directory of the platform.
  [[nodiscard]] Finished on_platform(std::vector<std::string> words) const;
  // The same with --json, expected to succeed.
  wire::JsonObject ask(std::vector<std::string> words) const;
  CurlAnswer post(const std::string& path, std::string_view body, const std::string& content_type = "application/json") const;
  [[nodiscard]] CurlAnswer admin(const std::string& method, const std::string& path, const std::string& as, std::string_view body = "") const;

  // New terminals, in the estate and personalised.
  Fleet fleet(int modern, int classic);
  [[nodiscard]] std::vector<std::string> download_command(const Fleet& fleet) const;
  // fleet download --json to its end.
  [[nodiscard]] Finished download(const Fleet& fleet, std::vector<std::string> more = {}) const;
  void expect_sound_audit() const;
  // Each terminal holds set 1 and nothing else, the platform and the device agree on each KCV.
  void expect_complete(const Fleet& fleet) const;

 private:
  Scene();
  void make_platform();
  void make_loader();
  void import(const std::vector<std::string>& serials, const std::string& suite) const;

  std::string directory_;
  int port_ = 0, admin_port_ = 0;
  int modern_next_ = 0, classic_next_ = 0, fleets_ = 0;
  std::unique_ptr<Process> server_, loader_;
};

// Of a fleet's report, the last line of its output.
std::int64_t retries_in(const std::string& log_file);

}  // namespace tf::test
