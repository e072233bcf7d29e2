#include "ca/certificate_authority.hpp"

#include <algorithm>

#include "base/durations.hpp"
#include "base/log.hpp"
#include "ca/notes.hpp"
#include "ca/signer.hpp"

namespace tf::ca {
namespace {

constexpr std::int64_t kOldIntentMs = 600'000;
// Of intents settled at start: nobody asked.
constexpr const char* kSystem = "system";

}  // namespace

CertificateAuthority::CertificateAuthority(const Ports& ports, CaOptions options)
    : ports_(ports), options_(std::move(options)), lists_(ports, options_.list_hours * kHourMs), signer_(std::make_unique<Signer>()) {
  const std::int64_t now = ports.clock.now_ms();
  for (const auto& [name, profile] : options_.profiles)
    if (const auto above = own(profile.authority)) forms_.emplace(name, pki::LeafForm::make(profile, (*above)->certificate, (*above)->places, now));
}

CertificateAuthority::~CertificateAuthority() = default;
void CertificateAuthority::drain() { signer_->drain(); }

Result<std::unique_ptr<CertificateAuthority>> CertificateAuthority::open(const Ports& ports, CaOptions options) {
  const std::int64_t now = ports.clock.now_ms();
  for (const Authority& one : options.authorities) {
    if (one.key_name.empty()) continue;
    TF_CHECK(pki::check_pair({one.certificate, TF_TRY(ports.vault.signing_handle(one.key_name))}));
    TF_TRY(pki::shard_url(one.places.crl_pattern, 0));
  }
  TF_CHECK(check_profiles(options.profiles, options.authorities, now));
  TF_CHECK(ports.database.write([&](store::Session& session) -> Status {
    for (const Authority& one : options.authorities)
      if (!one.key_name.empty()) TF_CHECK(pin_places(session, one));
    return {};
  }));
  std::unique_ptr<CertificateAuthority> out(new CertificateAuthority(ports, std::move(options)));
  TF_CHECK(out->settle_intents(now + 1));  // whoever began them is gone
  TF_CHECK(out->lists_.load());
  TF_CHECK(out->load_delegates());
  TF_CHECK(out->keep_house());
  return out;
}

Result<Authority> CertificateAuthority::authority(std::string_view name) const { return *TF_TRY(own(name)); }

Result<const Authority*> CertificateAuthority::own(std::string_view name) const {
  const auto found = std::ranges::find(options_.authorities, name, &Authority::name);
  if (found != options_.authorities.end()) return &*found;
  return Error{Code::not_found, "ca.no_such_authority", "there is no authority \"" + std::string(name) + "\""};
}

void CertificateAuthority::issue_elsewhere(const std::string& profile, IssuedElsewhere server) { elsewhere_[profile] = std::move(server); }

Status CertificateAuthority::settle_intents(std::int64_t before_ms) {
  while (true) {
    std::vector<Record> open;
    TF_CHECK(ports_.database.read([&](store::Session& session) -> Status {
      open = TF_TRY(open_intents(session, before_ms));
      return {};
    }));
    if (open.empty()) return {};
    const std::int64_t now = ports_.clock.now_ms();
    TF_CHECK(ports_.database.write([&](store::Session& session) -> Status {
      for (const Record& record : open) {
        TF_CHECK(set_failed(session, record.serial_hex));
        TF_CHECK(ports_.trail.append(session, note_failed(record, kSystem, "ca.interrupted", now)));
      }
      return {};
    }));
    log::warn("ca: " + std::to_string(open.size()) + " certificates were intended and not issued; they are marked as failed");
  }
}

// All is tried; the first failure is told.
Status CertificateAuthority::keep_house() {
  Status out;
  const auto also = [&](Status done) {
    if (!done && out) out = std::move(done);
  };
  for (const Authority& one : options_.authorities) {
    if (one.key_name.empty()) continue;
    const auto made = lists_.refresh(one);
    also(made ? Status{} : Status{made.error()});
  }
  also(renew_delegates());
  also(settle_intents(ports_.clock.now_ms() - kOldIntentMs));
  return out;
}

}  // namespace tf::ca
