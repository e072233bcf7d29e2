// What the parts of a running platform share.
#pragma once
#include <string>

#include "audit/trail.hpp"
#include "base/ports.hpp"
#include "metrics/registry.hpp"
#include "platform/certificates.hpp"
#include "platform/config.hpp"
#include "store/database.hpp"
#include "vault/vault.hpp"

namespace tf::ca {
class CertificateAuthority;
}

namespace tf::platform {

class WalletOffice;
class CardsignOffice;

struct Context {
  const Clock& clock;
  Random& random;
  store::Database& database;
  vault::Vault& vault;
  audit::Trail& trail;
  metrics::Registry& metrics;
  const Config& config;
  Certificates& certificates;
  ca::CertificateAuthority* authority = nullptr;  // of a platform that serves; else none
  WalletOffice* wallet = nullptr;                 // of one that serves wallet
  CardsignOffice* cardsign = nullptr;             // of one that serves cardsign
  std::string profiles_directory{};               // of a platform that serves
};

// An act and its audit entry in one transaction: neither happens without the other.
struct Act {
  std::string actor;
  std::string action;
  std::string subject;
  std::string detail = "{}";  // JSON
};
Status perform_act(Context& context, Act act, store::WriteFn writes);

}  // namespace tf::platform
