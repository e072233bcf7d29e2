// The certificates of onboard as they are issued, after the profiles that are shipped: root, authorities of modules and servers, who
// answers OCSP for them. Made once a process; modules too, whose keys take long.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "module/module.hpp"
#include "pki/issue.hpp"
#include "pki/ocsp/response.hpp"
#include "protocols/onboard/access_token.hpp"
#include "tests/support/deterministic.hpp"
#include "tests/support/estate.hpp"

namespace tf::onboard::test {

using tf::test::must;

struct Authority {
  pki::Issuer issuer;
  pki::Issuer ocsp;
};

struct Estate {
  explicit Estate(std::string_view name);

  // profile: "onboard-issuer"; name: its common name, or a module's serialNumber. days: 0: as long as the profile allows.
  pki::Certificate issue(const std::string& profile, const std::string& name, const crypto::PublicKey& key, int days = 0);
  Signer signer(const std::string& profile, const std::string& common_name, int days = 0);
  [[nodiscard]] const Authority& authority_of(const pki::Certificate& issuer) const;

  std::string title;
  tf::test::FixedClock clock;
  tf::test::DeterministicRandom random;
  pki::Issuer root;
  Authority modules;
  Authority servers;
};
Estate& estate();           // the one that devices trust
Estate& foreign_estate();   // another root's

// A module of this DSIM_ID as it left the factory, open in a directory of its own. which: another module with other keys under the
// same name. days: of its certificates; whose: who certified it.
struct FactoryModule {
  std::unique_ptr<tf::test::TemporaryDirectory> directory;
  std::string dsim_id;
  std::unique_ptr<tf::test::DeterministicRandom> random;  // its own: SystemRandom draws ahead from OpenSSL, which a golden story counts
  std::unique_ptr<module::SecureModule> module;
  void power_cycle();
};
FactoryModule module_of(const std::string& dsim_id, const std::string& which = "", Estate& whose = estate(), int days = 0);

}  // namespace tf::onboard::test
