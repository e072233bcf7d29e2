// The directory of one process with one or several roles of onboard, apart from the platform's:
//
//   onboard.toml      settings                  vault.json       the sealed vault with this process's keys
//   onboard.db        its database, with audit  audit.pub        the key that signs audit checkpoints
//   trust/root.crt    the one root it believes  requests/*.csr   certificate requests, one a key
//   certificates/*.crt  what was issued for them, leaf first
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "audit/refusals.hpp"
#include "metrics/registry.hpp"
#include "platform/data_directory.hpp"
#include "platform/onboard/settings.hpp"

namespace tf::platform {

// Names of keys in the vault, of requests and of certificates alike.
namespace onboard_key {
inline constexpr std::string_view tls = "tls", operator_ = "operator", issuer = "issuer", registration = "registration", access = "access";
}

struct OnboardPaths {
  std::string directory;
  [[nodiscard]] std::string settings() const { return directory + "/onboard.toml"; }
  [[nodiscard]] std::string vault() const { return directory + "/vault.json"; }
  [[nodiscard]] std::string database() const { return directory + "/onboard.db"; }
  [[nodiscard]] std::string audit_key() const { return directory + "/audit.pub"; }
  [[nodiscard]] std::string root() const { return directory + "/trust/root.crt"; }
  [[nodiscard]] std::string request(std::string_view key) const { return directory + "/requests/" + std::string(key) + ".csr"; }
  [[nodiscard]] std::string certificate(std::string_view key) const { return directory + "/certificates/" + std::string(key) + ".crt"; }
};

struct OnboardKey {
  std::string name;      // onboard_key::…
  std::string subject;   // the common name it has to bear
  std::string profile;   // of the certificate authority
  pki::Usage usage;
};
// Those that the roles need: TLS always, and what a role signs with.
std::vector<OnboardKey> keys_of(const OnboardSettings& settings);

// Makes the directory, the vault, the keys and their requests. Code::conflict "onboard.exists"; Code::invalid "config.value" for names that
// cannot stand in the settings.
Status initialise_onboard(const std::string& directory, const OnboardSettings& settings, const pki::Certificate& root,
                          const SecretBytes& passphrase, crypto::ScryptCost cost = {});

struct InstalledCertificate {
  std::string key;
  pki::Certificate certificate;
};
// Takes certificates (leaves with those above them, in any order of files) for the keys they belong to. The vault stays sealed: requests
// tell the keys. Code::refused "onboard.certificate" for one of no key here or for another name, and the reasons of pki/path/path.hpp.
Result<std::vector<InstalledCertificate>> install_onboard(const std::string& directory, const std::vector<pki::Certificate>& certificates, std::int64_t now_ms);
// Puts a peer behind those of the settings, or in the place of the one with the same role and name.
Status add_onboard_peer(const std::string& directory, const OnboardPeer& peer);

// What is opened from it. Members are built in this order and closed in reverse.
struct OnboardOpened {
  OnboardPaths paths;
  const Clock* clock = nullptr;
  SystemRandom random;
  OnboardSettings settings;
  std::optional<pki::Certificate> root;
  std::map<std::string, std::vector<pki::Certificate>, std::less<>> chains;  // by key, leaf first, without the root
  metrics::Registry metrics;
  std::unique_ptr<vault::SoftwareVault> vault;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<store::BatchMetrics> batches;
  std::unique_ptr<VaultSigner> signer;
  std::unique_ptr<audit::Trail> trail;
  std::unique_ptr<audit::RefusalSampler> sampler;
  std::unique_ptr<audit::Refusals> refusals;
  ~OnboardOpened() {
    if (refusals) refusals->drain();
  }
};
// Code::not_found "onboard.none", "onboard.no_certificate" while one is missing; Code::sealed, Code::conflict as open_directory().
Result<std::unique_ptr<OnboardOpened>> open_onboard(const std::string& directory, const SecretBytes& passphrase, const Clock& clock);

// An act and its audit entry in one transaction.
Status onboard_act(OnboardOpened& opened, Act act, store::WriteFn writes);
Status append_act(OnboardOpened& opened, store::Session& session, Act act);

}  // namespace tf::platform
