// A platform that issues certificates, and beside it every server of onboard as a process of its own with its own directory: two operators (op-1
// with an authentication centre of our own, op-2 with the real osmo-hlr), two registration servers, two OCSP responders. Devices are processes too.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/support/curl.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/local.hpp"
#include "tests/support/process.hpp"

namespace tf::test {

struct ServerOrder {
  std::string name;  // also of its directory
  std::string role;
  std::string operator_id{};
  std::vector<std::string> more{};  // options of onboard init
};

// What a device says of itself (terminal onboard show).
struct DeviceFacts {
  std::string state, operator_id, imsi, delivery;
  bool authenticated = false;
  std::vector<std::string> items;
};

class OnboardScene {
 public:
  static OnboardScene& get();
  ~OnboardScene();
  OnboardScene(const OnboardScene&) = delete;
  OnboardScene& operator=(const OnboardScene&) = delete;

  [[nodiscard]] std::string in(const std::string& name) const { return directory_ + "/" + name; }
  [[nodiscard]] std::string platform() const { return in("platform"); }
  [[nodiscard]] std::string root() const { return platform() + "/root.crt"; }
  [[nodiscard]] std::string url(const std::string& server) const;  // of OCSP responders with their path
  [[nodiscard]] std::string log(const std::string& server) const { return read_text(in(server + ".log")); }
  [[nodiscard]] std::vector<std::string> servers() const;  // those with a directory of onboard

  // Up, and ready, when it returns.
  void serve(const std::string& server);
  void begin(const std::string& server);       // does not wait
  void wait_ready(const std::string& server);
  void kill_server(const std::string& server);  // SIGKILL
  void stop_server(const std::string& server);  // SIGTERM
  void signal(const std::string& server, int number) const { processes_.at(server)->send(number); }

  // The tests' own provisioning server (carrier.py), until it goes; what it is given is in in("kept.json").
  [[nodiscard]] Process carrier() const;
  // Must succeed; with --json.
  wire::JsonObject ask(std::vector<std::string> words) const;
  // onboard list, show, … at a credentialing server; onboard subscribe … at a contract front end.
  wire::JsonObject staff(std::vector<std::string> words, const std::string& server = "cred-1") const;
  Finished order(std::vector<std::string> words, const std::string& server = "contract-1") const;
  [[nodiscard]] std::string state_of(const std::string& dsim_id, const std::string& server = "cred-1") const;
  // What of an answer is in all rows of a table of a server's database; beside the running server.
  [[nodiscard]] std::string sql(const std::string& server, const std::string& query) const;
  // The exact reason of the newest refusal in a server's audit trail, which is written behind the answer: waits for this one.
  [[nodiscard]] std::string last_refusal(const std::string& server, const std::string& expected) const;
  [[nodiscard]] std::set<std::string> alarms_of(const std::string& dsim_id, const std::string& server = "cred-1") const;
  [[nodiscard]] Finished audit(const std::string& server) const { return trustferry({"audit", "verify", "--directory", in(server)}); }

  // A key made by openssl and a certificate for it, NAME.key and NAME.crt (with its chain).
  void certificate(const std::string& name, const std::string& profile, const std::string& subject, const std::string& key = "P-256", const std::vector<std::string>& more = {});
  std::string issue(const std::string& csr, const std::string& profile, const std::string& subject, const std::string& out, const std::vector<std::string>& more = {});  // the serial number

  // Devices PREFIX000001 … of software modules in in(PREFIX), known to the PHLR; first use at op-1's HSS where it is said.
  std::vector<std::string> manufacture(const std::string& prefix, int count, bool first_use = true);
  [[nodiscard]] std::string device(const std::string& dsim_id) const { return in("devices/" + dsim_id.substr(0, dsim_id.size() - 6) + "/" + dsim_id); }
  [[nodiscard]] std::vector<std::string> run_words(const std::string& dsim_id, int seconds = 60) const;
  Finished run_device(const std::string& dsim_id, int seconds = 60) const { return run(run_words(dsim_id, seconds)); }
  [[nodiscard]] DeviceFacts show(const std::string& dsim_id) const;
  // Brought to the PHLR by its staff.
  void add_preliminary(const std::string& pimsi, const std::string& k, const std::string& opc) const;
  // A device by single steps (terminal onboard make, certify), with more options of make; in directory, or in device(dsim_id).
  void make_by_hand(const std::string& dsim_id, const std::string& pimsi, const std::vector<std::string>& more = {}, std::string directory = "");
  // A call of a server's or of staff: certificate and key of in(NAME); empty: the operator's.
  CurlAnswer call(const std::string& server, const std::string& route, const std::string& body, const std::string& as = "") const;
  void revoke(const std::string& certificate_file);  // returns when both responders say so
  [[nodiscard]] std::string ocsp_says(const std::string& responder, const std::string& authority, const std::string& certificate_file) const;
  // Ordered one by one at a contract front end.
  void subscribe(const std::vector<std::string>& dsim_ids, const std::string& contract = "contract-1");

 private:
  OnboardScene();
  // setup.cpp
  void init_platform();
  void make_server(const ServerOrder& order);
  void make_responder(const std::string& name);
  void introduce();
  void peer(const std::string& at, const std::string& role, const std::string& name, const std::vector<std::string>& more) const;
  void edit(const std::string& server, const std::string& from, const std::string& to) const;

  std::string directory_;
  std::map<std::string, std::uint16_t> ports_;
  std::map<std::string, std::string> roles_;  // by name
  std::map<std::string, std::unique_ptr<Process>> processes_;
  int pimsi_prefix_ = 10;
};

}  // namespace tf::test
