// The responder in the process of its authorities: it asks the register, signs with the delegates in force, and hears of every change
// after that is durable.
#pragma once
#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "ca/certificate_authority.hpp"
#include "ca/responder/responder.hpp"

namespace tf::ca {

class ResponderHere final : private StatusSource {
 public:
  // Before anything is issued: it begins to listen to the authority's changes. All outlive it.
  ResponderHere(CertificateAuthority& authority, const vault::Vault& vault, const Clock& clock, ResponderSettings settings = {});

  // Takes the delegates in force; does nothing when they are those it has. handle() does so every ten seconds by itself.
  Status take_delegates();
  // GET and POST below service_path, on an I/O thread: one look at the database at most, and a signature.
  [[nodiscard]] wire::HttpResponse handle(const wire::HttpRequest& request, std::string_view service_path);
  [[nodiscard]] Responder& responder() { return responder_; }

 private:
  [[nodiscard]] Result<Known> known(const std::string& authority, std::string_view serial_hex) const override;

  CertificateAuthority& authority_;
  const vault::Vault& vault_;
  const Clock& clock_;
  Responder responder_;
  std::atomic<std::int64_t> looked_ms_{0};
  std::mutex mutex_;
  std::vector<std::string> serving_;  // serial numbers of the delegates
};

}  // namespace tf::ca
