#include "tests/hss/eap_peer.hpp"

#include <signal.h>

#include <filesystem>

#include "tests/hss/datagram.hpp"
#include "tests/support/local.hpp"
#include "wire/encoding.hpp"

namespace tf::hss::test {
namespace {

namespace fs = std::filesystem;
using tf::test::read_text;
using tf::test::write_text;

constexpr std::string_view kAsks = "CTRL-REQ-SIM-0:UMTS-AUTH:";

template <std::size_t N>
ByteArray<N> octets(const std::string& hex) {
  ByteArray<N> out{};
  const auto bytes = wire::from_hex(hex);
  if (bytes && bytes->size() == N) std::ranges::copy(*bytes, out.begin());
  return out;
}

std::string answered(const crypto::AkaAccepted& accepted) {
  return "CTRL-RSP-SIM-0:UMTS-AUTH:" + wire::hex_lower(accepted.ik.reveal()) + ":" + wire::hex_lower(accepted.ck.reveal()) + ":" +
         wire::hex_lower(accepted.res.reveal());
}

// "<3>CTRL-REQ-SIM-0:UMTS-AUTH:RAND:AUTN needed for SSID x"
std::string usims_word(const std::string& request, Usim& usim, EapRun& run, bool lies) {
  const std::size_t at = request.find(kAsks) + kAsks.size();
  if (lies) return answered({});
  const auto answer = crypto::aka_answer(usim.key, usim.sequence, octets<16>(request.substr(at, 32)), octets<16>(request.substr(at + 33, 32)));
  if (!answer) return "CTRL-RSP-SIM-0:UMTS-FAIL";
  if (const auto* accepted = std::get_if<crypto::AkaAccepted>(&*answer)) return answered(*accepted);
  ++run.resynchronised;
  return "CTRL-RSP-SIM-0:UMTS-AUTS:" + wire::hex_lower(std::get<crypto::AkaOutOfSequence>(*answer).auts);
}

}  // namespace

AccessServer::AccessServer(const std::string& directory, const std::string& auc_path) : log_(directory + "/hostapd.log") {
  write_text(directory + "/eap_user", "\"0\"* AKA\n\"6\"* AKA'\n");
  write_text(directory + "/clients", "127.0.0.1/32 secret\n");
  write_text(directory + "/hostapd.conf", "driver=none\ninterface=lo0none\nieee8021x=1\neap_server=1\neap_user_file=" + directory + "/eap_user\neap_sim_db=unix:" +
                                              auc_path + "\nradius_server_clients=" + directory + "/clients\nradius_server_auth_port=18120\n");
  process_ = tf::test::Process::start({"hostapd", "-dd", directory + "/hostapd.conf"}, log_);
  if (!tf::test::eventually([&] { return log().find("AP-ENABLED") != std::string::npos || !process_->running(); }) || !process_->running())
    ADD_FAILURE() << "hostapd (package hostapd) is needed and does not run: " << log();
}

AccessServer::~AccessServer() {
  if (!process_) return;
  process_->send(SIGTERM);
  process_->wait(std::chrono::seconds(10));
}

std::string AccessServer::log() const { return read_text(log_); }

EapRun run_eap(const std::string& directory, const std::string& method, const Imsi& imsi, Usim& usim, bool lies) {
  static int number = 0;
  const std::string own = directory + "/eap" + std::to_string(++number);
  fs::create_directory(own);
  const std::string identity = (method == "AKA" ? "0" : "6") + imsi.text() + "@wlan.mnc001.mcc001.3gppnetwork.org";
  write_text(own + "/peer.conf", "ctrl_interface=" + own + "/ctrl\nexternal_sim=1\nnetwork={\n ssid=\"x\"\n key_mgmt=WPA-EAP\n eap=" + method + "\n identity=\"" +
                                     identity + "\"\n}\n");
  auto process = tf::test::Process::start({"eapol_test", "-W", "-t", "20", "-c", own + "/peer.conf", "-a", "127.0.0.1", "-p", "18120", "-s", "secret"}, own + "/log");
  EapRun out;
  if (tf::test::eventually([&] { return fs::exists(own + "/ctrl/test") || !process.running(); }) && process.running()) {
    const Datagram control(own + "/me.sock", own + "/ctrl/test");
    EXPECT_TRUE(control.ready() && control.send("ATTACH"));
    while (process.running()) {
      const auto event = control.receive(200);
      if (!event || event->find(kAsks) == std::string::npos) continue;
      ++out.asked;
      EXPECT_TRUE(control.send(usims_word(*event, usim, out, lies)));
    }
  }
  out.success = process.wait() == 0;
  out.log = read_text(own + "/log");
  EXPECT_FALSE(out.log.empty()) << "eapol_test (package eapoltest) is needed";
  return out;
}

}  // namespace tf::hss::test
