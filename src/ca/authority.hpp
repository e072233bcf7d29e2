// Who issues: an authority with a purpose, its key in the vault, its places of revocation; and its delegates, who sign OCSP answers.
#pragma once
#include <string>
#include <vector>

#include "audit/trail.hpp"
#include "base/ports.hpp"
#include "pki/leaf/leaf.hpp"
#include "pki/ocsp/response.hpp"
#include "store/database.hpp"
#include "vault/vault.hpp"

namespace tf::ca {

struct Ports {
  const Clock& clock;
  Random& random;  // used from many threads at once
  store::Database& database;
  audit::Trail& trail;
  vault::Vault& vault;
};

struct Authority {
  std::string name;  // "users", "devices", "servers"; "root"
  pki::Certificate certificate;
  std::string key_name;           // in the vault, Purpose::certificate; empty: kept offline, issues nothing here
  pki::RevocationPlaces places;   // of an online one; fixed as long as its certificates live, but for the responder's URL
};

// Certificate of an OCSP signer, issued by the authority itself, and the name of its key in the vault (Purpose::sign).
struct Delegate {
  std::string authority;
  pki::Certificate certificate;
  std::string key_name;
};
// The same ready to sign: through the vault, at every signature anew, so that a sealed vault answers nothing.
pki::ocsp::Responder responder_of(const vault::Vault& vault, const Delegate& delegate);

// Code::invalid "ca.url" when the authority has issued already and its shards or the pattern of their URLs are others now: the
// certificates that are out name the old ones.
Status pin_places(store::Session& session, const Authority& authority);

}  // namespace tf::ca
