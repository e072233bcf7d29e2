// A platform with two services, the gateway of packaging/gateway as a real nginx in front of it, and SIMs: each a loopback
// address the gateway knows a number of.
#pragma once
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/curl.hpp"
#include "tests/support/local.hpp"
#include "tests/support/process.hpp"

namespace tf::test {

struct Phone {
  std::string did;
  std::string address;  // of its modem
  std::string msisdn;   // it believes to have
};

struct NodeOptions {
  std::string spoof;            // a number header the terminal sets itself
  std::string suite = "modern";
};

class AccessScene {
 public:
  static AccessScene& get();

  [[nodiscard]] std::string in(const std::string& name) const { return directory_ + "/" + name; }
  [[nodiscard]] std::string platform() const { return in("platform"); }
  [[nodiscard]] std::string gateway_url() const { return "http://127.0.0.1:" + std::to_string(gateway_port_); }
  [[nodiscard]] std::string access_url() const { return "https://127.0.0.1:" + std::to_string(access_port_); }
  [[nodiscard]] std::string channel() const { return "127.0.0.1:" + std::to_string(channel_port_); }
  [[nodiscard]] std::string log() const;

  // A phone with a SIM of its own, known to the gateway.
  Phone phone();
  void put_sim(const std::string& address, const std::string& msisdn);  // the gateway's map, taken in at once
  std::string code(const std::string& service, const std::string& did);
  Finished terminal(const std::string& verb, const Phone& phone, const std::string& service, std::vector<std::string> more = {});
  // The same at work, without waiting; what it says goes to phones.log.
  Process start_terminal(const std::string& verb, const Phone& phone, const std::string& service, std::vector<std::string> more = {});
  Finished node(const Phone& phone, const std::string& service, const std::string& code, const std::string& kind = "EC", const NodeOptions& options = {});
  wire::JsonObject ask(std::vector<std::string> words);
  void must_run(std::vector<std::string> words);
  // The exact reason in the newest refusal of access in the audit trail, which is written behind the answer: waits until it
  // is the expected one.
  std::string last_refusal(const std::string& expected);
  std::string sql(const std::string& query) const;  // beside the running server
  void restart();
  void kill_server();  // SIGKILL
  void serve();        // up and ready when it returns
  void reload_gateway();
  // The same with HAProxy, on a port of its own, with the SIMs known by now.
  std::unique_ptr<Process> start_haproxy();
  [[nodiscard]] std::string haproxy_url() const { return "http://127.0.0.1:" + std::to_string(haproxy_port_); }
  void enrol_gateway(const std::string& name);

 private:
  AccessScene();
  ~AccessScene();
  std::vector<std::string> terminal_words(const std::string& verb, const Phone& phone, const std::string& service, const std::vector<std::string>& more) const;
  void start_gateway();
  void write_map();

  std::string directory_;
  std::uint16_t terminals_port_, admin_port_, access_port_, gateway_port_, channel_port_, haproxy_port_;
  std::unique_ptr<Process> server_;
  std::unique_ptr<Process> nginx_;
  std::map<std::string, std::string> numbers_;
  int phones_ = 0;
};

}  // namespace tf::test
