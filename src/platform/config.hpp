// The platform's configuration file, platform.toml in the data directory. Every key has a default; a key that is not known
// is an error that names it, as a misspelt limit is no limit.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "platform/config/cardsign.hpp"
#include "platform/config/wallet.hpp"
#include "protocols/access/policy.hpp"
#include "protocols/rki/key_set.hpp"

namespace tf::platform {

// Enrolment over EST; [pki.est].
struct EstConfig {
  Listen listen{"127.0.0.1", 0};            // TLS; port 0: off
  std::vector<std::string> labels;          // profiles offered
  std::string default_label;                // of paths without a label; empty: there is none
  std::vector<std::string> by_certificate;  // "device:server": certificates of the one profile enrol for the other by themselves
  std::int64_t retry_after_s = 60;
};

// Where the world learns how certificates stand; [pki].
struct PkiConfig {
  Listen listen{"127.0.0.1", 0};  // plain HTTP: /crl, /ocsp; port 0: off
  std::string url;                // how the world reaches it, in every certificate; empty: of listen
  std::int64_t shards = 64;       // of each authority's revocation list; stays as long as its certificates live
  std::int64_t list_hours = 24;   // until a list's next update; renewed at half of that
  bool ocsp_rsa = false;          // RSA-2048 keys for OCSP signers, for clients that know nothing else
  EstConfig est;
  [[nodiscard]] std::string public_url() const;  // without a slash at its end
};

struct Config {
  Listen terminals{"127.0.0.1", 8443};  // /rki/v1
  Listen admin{"127.0.0.1", 8444};      // /admin/v1, /metrics
  Listen access{"127.0.0.1", 8445};     // /access/v1, for gateways and business services; up when there are services
  Listen channel{"127.0.0.1", 0};       // /channel/v1, TLS 1.3 with a PSK from DKey, on the private side; port 0: off
  std::vector<std::string> names = {"localhost", "127.0.0.1"};  // in the TLS certificate
  bool tls12 = false;                   // TLS 1.2 too, for classic terminals in the field
  std::int64_t workers = 32;
  std::int64_t connections = 4096;
  std::int64_t stop_seconds = 10;       // a graceful stop takes at most this long
  std::int64_t conversations = 100'000;
  std::int64_t grace_hours = 24;        // a superseded key is accepted this much longer
  std::int64_t gather_ms = 8;           // a group commit waits so long for company, once writers come in company
  std::int64_t checkpoint_every = 1000; // audit entries
  rki::KeySetPlan key_set;
  std::map<std::string, rki::KeySetPlan> groups;
  std::vector<std::string> number_headers = {"x-msisdn"};  // lower case; what gateways call the number
  std::string ticket_issuer = "trustferry";
  std::map<std::string, access::ServicePolicy> services;
  PkiConfig pki;
  std::optional<WalletConfig> wallet;  // none: the platform has no wallet
  std::optional<CardsignConfig> cardsign;  // needs wallet

  [[nodiscard]] const rki::KeySetPlan& plan_for(const std::string& group) const;
};

// Code::invalid "config.…" with the line and key. A missing file is the defaults.
Result<Config> read_config(const std::string& path);
// Of its text; path is what errors call it.
Result<Config> parse_config(std::string_view text, const std::string& path);
// The defaults as a commented file, for init.
std::string default_config_text(const Config& config);

}  // namespace tf::platform
