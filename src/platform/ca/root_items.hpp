// What the root signs for the certificate authority, carried by the same request and answer as work certificates: its OCSP signer, every
// time; an issuing authority where the platform has none yet, or one whose certificate lacks a usage that came later.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "pki/issuer.hpp"
#include "platform/context.hpp"

namespace tf::platform {

struct RootItem {
  std::string kind;      // "ocsp-root", "authority-users"
  std::string key_name;  // in the vault
  Bytes public_key;      // SPKI
};

bool is_root_item(std::string_view kind);
// Names of the issuing authorities that a platform of this version has and this one does not.
std::vector<std::string> missing_authorities(const Certificates& certificates);
// For these alone. A key that is there stays: what was issued under it goes on being good.
Result<std::vector<RootItem>> request_missing_authorities(Context& context);
// Keys are made in the vault; one that was asked for and never installed is asked for again.
Result<std::vector<RootItem>> request_root_items(Context& context);
Result<pki::Certificate> sign_root_item(const pki::Issuer& root, std::string_view kind, const crypto::PublicKey& key, std::int64_t now_ms, Random& random);
// Is it what was asked for? Code::refused.
Status check_root_item(std::string_view kind, const pki::Certificate& certificate, const pki::Certificate& root, std::int64_t now_ms);
// A new OCSP signer is in use from now on; a new issuing authority from the next start on, with its profiles, of which those that the directory lacks are
// written there.
Status take_root_items(Context& context, const std::vector<std::string>& kinds);

}  // namespace tf::platform
