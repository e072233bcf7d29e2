// The directory of an OCSP responder that runs apart (trustferry serve --role ocsp): no vault, no database, keys of its own.
//
//   DIRECTORY/ocsp.toml                    listen = "0.0.0.0:8080", metrics, refresh_seconds, validity_minutes; all optional
//   DIRECTORY/authorities/NAME.toml        what is answered about, where its lists are
//                        NAME.crt          the authority's certificate
//                        NAME.ocsp.key     our key, PKCS #8, readable by the owner alone
//                        NAME.ocsp.crt     the delegate's certificate that the authority issued for it
//   DIRECTORY/lists/NAME-0.crl …           the lists as last fetched: what was revoked stays so over a restart
#pragma once
#include <string>
#include <vector>

#include "ca/responder/crl.hpp"
#include "ca/responder/responder.hpp"
#include "net/processors.hpp"
#include "pki/request/certificate_request.hpp"
#include "platform/config.hpp"

namespace tf::platform {

struct OcspSettings {
  Listen listen{"127.0.0.1", 8080};
  std::optional<Listen> metrics;  // plain HTTP, for who watches; none: nowhere
  std::int64_t refresh_seconds = 60;
  std::int64_t validity_minutes = 240;
  std::int64_t connections = 4096;
  std::int64_t io_threads = net::processors();  // they sign
};

struct OcspAuthority {
  ca::ListedAuthority listed;
  std::string fetch;       // where the lists are fetched, if not at the URLs they bear: an http or https URL, or a path; {shard} in it
  std::string trust_file;  // for https: the certificates to trust
};

// Code::invalid "config.…" as with platform.toml, "ocsp.…" for what does not fit together.
Result<OcspSettings> read_ocsp_settings(const std::string& directory);
Result<std::vector<OcspAuthority>> read_ocsp_authorities(const std::string& directory);
// Key and certificate as they are now. Code::not_found "base.no_file" before they are installed; then as responder_of() and check_responder() say.
Result<ca::Served> read_ocsp_delegate(const std::string& directory, const OcspAuthority& authority, std::int64_t now_ms);
std::string ocsp_list_file(const std::string& directory, const std::string& authority, std::uint32_t shard);

// Makes a new key, beside the one in use, and the request for its certificate. The name is the request's common name.
Result<pki::CertificateRequest> request_ocsp_delegate(const std::string& directory, const std::string& authority, bool rsa);
// The certificate for the key that was made last: from now on it answers. The authority's own settings are written when it is new here.
Status install_ocsp_delegate(const std::string& directory, const OcspAuthority& authority, const pki::Certificate& delegate, std::int64_t now_ms);

}  // namespace tf::platform
