// The certificate authority within the platform: opened from its data directory, looked after by a housekeeper, and heard of by the world
// through the public listener.
#pragma once
#include <memory>

#include "ca/housekeeper.hpp"
#include "ca/responder/here.hpp"
#include "platform/ca/est_desk.hpp"
#include "platform/ca/external_files.hpp"
#include "platform/ca/public_listener.hpp"
#include "platform/context.hpp"

namespace tf::platform {

// From the certificates in the database, DIRECTORY/profiles and [pki]. Without issuing authorities (a platform made before there were any)
// there is nothing to issue after: profiles are not looked at then.
Result<std::unique_ptr<ca::CertificateAuthority>> open_authority(Context& context, const std::string& profiles_directory);

// The standing of what the root issued itself: its certificates as they are installed here, and its revocation list.
Result<ca::Standing> root_standing(const Certificates& certificates, std::string_view serial_hex);
// The root's OCSP signers that were installed.
std::vector<ca::Delegate> root_delegates(const Certificates& certificates);

class PkiOffice {
 public:
  // Puts the authority into the context.
  static Result<std::unique_ptr<PkiOffice>> open(Context& context, const std::string& profiles_directory);
  ~PkiOffice();

  [[nodiscard]] ca::CertificateAuthority& authority() { return *authority_; }
  [[nodiscard]] PublicListener& listener() { return listener_; }  // for more routes, before start()
  // The listener, when it has a port.
  Status start(std::shared_ptr<net::WorkerPool> pool);
  Status renew_tls();                  // of EST
  [[nodiscard]] std::uint16_t est_port() const { return est_ ? est_->port() : 0; }
  void stop(std::chrono::milliseconds grace);  // the listener and the housekeeper; the authority stays

 private:
  explicit PkiOffice(Context& context) : context_(context) {}
  void add_routes();

  Status take_external_issuers(const std::string& directory);

  Context& context_;
  std::map<std::string, std::unique_ptr<ca::ExternalIssuer>> external_;
  std::unique_ptr<ca::CertificateAuthority> authority_;
  std::unique_ptr<ca::ResponderHere> responder_;
  std::unique_ptr<ca::Housekeeper> housekeeper_;
  PublicListener listener_;
  std::unique_ptr<EstDesk> est_;  // none without a port
};

}  // namespace tf::platform
