// Profiles that another server issues for: one file each, DIRECTORY/external/PROFILE.toml.
//
//   url = "https://ca.example.org:8443"           # EST; or of the call: "https://ca.example.org/issue"
//   kind = "est"                                   # "https": POST application/pkcs10, the answer DER, PEM or PKCS #7
//   label = "devices"                              # of EST
//   trust = "/etc/trustferry/ca-tls.pem"           # what its TLS certificate has to end at
//   anchors = "/etc/trustferry/ca-root.pem"        # what the certificates it issues have to end at
//   intermediates = "/etc/trustferry/ca-sub.pem"   # optional
//   certificate = "client.pem"                     # optional: ours for TLS, with its key
//   key = "client.key"
//   credentials = "secret.txt"                     # optional: "user:password" for EST, a bearer token for the call
//   wait_seconds = 30                              # for a server that says "later"
#pragma once
#include <map>
#include <memory>
#include <string>

#include "ca/external.hpp"

namespace tf::platform {

// By the profile's name; none without the directory. Code::invalid "config.…", "net.base_url", what ExternalIssuer::create() says.
Result<std::map<std::string, std::unique_ptr<ca::ExternalIssuer>>> open_external_issuers(const std::string& directory, const Clock& clock);

}  // namespace tf::platform
