// onboard.toml, the settings of one process with one or several roles of onboard (docs/protocols/onboard.md), in the role's directory.
// Every key has a default; a key that is not known is an error that names it. Errors: Code::invalid "config.…" with file and line.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "crypto/aka/key.hpp"
#include "platform/config/listen.hpp"

namespace tf::platform {

namespace onboard_role {
inline constexpr std::string_view contract = "contract", credentialing = "credentialing", registration = "registration", phlr = "phlr",
                                  hss = "hss", provisioning = "provisioning";
// Not ours to run here, but others of whom the settings speak.
inline constexpr std::string_view ocsp = "ocsp", staff = "staff";
}  // namespace onboard_role
bool is_onboard_role(std::string_view name);

// [[peer]]: another server, or people. We reach it at its url, and know it by the fingerprint of its TLS certificate, when it calls us and when
// we call it.
struct OnboardPeer {
  std::string role;
  std::string name;                       // for the audit trail
  std::string url;                        // "https://host:port"; ocsp: "http://host:port/path"
  std::string operator_id;                // credentialing and contract: whose it is
  std::vector<std::string> fingerprints;  // SHA-256 of the certificate, lower hex; an old and a new one while it is renewed
  std::string server_id;                  // provisioning: what it calls itself in OMA DM; empty: its name
  [[nodiscard]] const std::string& dm_name() const { return server_id.empty() ? name : server_id; }
};

struct OnboardSettings {
  std::vector<std::string> roles;
  std::string name;         // of this server; in certificates, tokens, OMA DM
  std::string operator_id;  // contract, credentialing, hss
  std::vector<std::string> hosts = {"localhost"};
  Listen listen{"127.0.0.1", 8450};
  std::optional<Listen> metrics;  // plain HTTP, for who watches; none: nowhere
  std::string url;  // how others reach it; empty: of the first host and the port
  std::int64_t connections = 1024;
  std::int64_t workers = 32;      // threads for each of: devices and people, servers that wait for others, servers that do not
  std::int64_t answer_seconds = 5;  // after which a silent peer is left for the next, and is tried last for 30 s
  std::int64_t stop_seconds = 10;
  std::int64_t gather_ms = 20;    // a group commit waits so long for company, once writers come in company
  std::vector<OnboardPeer> peers;

  struct Access {
    bool wanted = false;            // an access token is needed
    std::vector<std::string> from;  // names of PHLRs that may give one; empty: any under the root
  };
  struct Registration {
    Access access{.wanted = true, .from = {}};  // of referrals
  } registration;
  struct OtherItem {  // goes along with each delivery
    std::string name, type, file;
  };
  struct Credentialing {
    std::int64_t registration_days = 30;
    std::int64_t sessions = 100'000;  // between hello and request
    Access access;                    // of hello
    std::vector<OtherItem> items;
    std::string notify;               // where devices listen for package 0, HOST:PORT with {dsim_id}; empty: devices begin
  } credentialing;
  struct Phlr {
    std::string realm = "onboard";
    std::vector<std::string> hosts;  // host:port that a token opens
    std::int64_t token_minutes = 15;
    std::string socket;              // of hostapd's eap_sim_db; empty: none
  } phlr;
  struct Hss {
    std::string imsi_prefix = "00101";  // the country's and the network's code
    std::int64_t imsi_first = 1;
    std::int64_t imsi_last = 9'999'999'999;
    std::string iccid_prefix = "8988211";
    std::string realm = "hss";
    crypto::AkaAlgorithm algorithm = crypto::AkaAlgorithm::milenage;  // of new subscribers
    std::string osmo;                   // where osmo-hlr is; empty: our own authentication centre
    std::int64_t osmo_control = 4259, osmo_gsup = 4222;  // its ports
  } hss;
  struct Provisioning {
    std::string server_id = "trustferry";
    std::int64_t keep_days = 40;      // a delivery that nobody fetches, after it was put last
    std::int64_t waiting = 100'000;   // deliveries of one operator
    std::vector<std::string> notify;  // where package 0 may go: networks, suffixes of names; none: nowhere
  } provisioning;
  struct Contract {
    std::int64_t chunk = 1'000;  // rows a call to the credentialing server
  } contract;

  [[nodiscard]] bool has(std::string_view role) const;
  [[nodiscard]] std::string own_url() const;
  [[nodiscard]] std::vector<OnboardPeer> peers_of(std::string_view role) const;
};

// Where this device listens for package 0: the DSIM_ID in lower case. Nothing for one with ':', which cannot be in a host's name, and where the
// whole is no host:port; such a device begins by itself.
std::optional<std::string> notify_address(std::string address, std::string dsim_id);

Result<OnboardSettings> read_onboard_settings(const std::string& path);
// As a commented file; read_onboard_settings() gives the same again.
std::string text_of(const OnboardSettings& settings);

}  // namespace tf::platform
