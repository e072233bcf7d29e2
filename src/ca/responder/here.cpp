#include "ca/responder/here.hpp"

#include <set>

#include "base/log.hpp"

namespace tf::ca {
namespace {

constexpr std::int64_t kLookEveryMs = 10'000;

}  // namespace

ResponderHere::ResponderHere(CertificateAuthority& authority, const vault::Vault& vault, const Clock& clock, ResponderSettings settings)
    : authority_(authority), vault_(vault), clock_(clock), responder_(*this, clock, settings) {
  authority.on_standing_changed([this](const std::string& name, const std::string& serial_hex) { responder_.forget(name, serial_hex); });
}

Result<Known> ResponderHere::known(const std::string& authority, std::string_view serial_hex) const {
  // The list of an offline authority is installed whole, and nobody says what changed.
  const bool online = !TF_TRY(authority_.authority(authority)).key_name.empty();
  return Known{.standing = TF_TRY(authority_.standing(authority, serial_hex)), .announced = online};
}

// The newest of each authority.
Status ResponderHere::take_delegates() {
  std::vector<std::string> serials;
  std::vector<Served> served;
  std::set<std::string> done;
  for (const Delegate& delegate : authority_.delegates()) {
    if (!done.insert(delegate.authority).second) continue;
    const Authority above = TF_TRY(authority_.authority(delegate.authority));
    serials.push_back(delegate.certificate.serial_hex());
    served.push_back({above.name, above.certificate, responder_of(vault_, delegate)});
  }
  const std::lock_guard lock(mutex_);
  if (serials == serving_) return {};
  TF_CHECK(responder_.serve(std::move(served)));
  serving_ = std::move(serials);
  return {};
}

wire::HttpResponse ResponderHere::handle(const wire::HttpRequest& request, std::string_view service_path) {
  const std::int64_t now_ms = clock_.monotonic_ms();
  std::int64_t looked = looked_ms_.load(std::memory_order_relaxed);
  if ((looked == 0 || now_ms - looked >= kLookEveryMs) && looked_ms_.compare_exchange_strong(looked, std::max<std::int64_t>(now_ms, 1))) {
    if (const Status taken = take_delegates(); !taken) log::error("ocsp: new delegates cannot be taken: " + describe(taken.error()));
  }
  return responder_.handle(request, service_path);
}

}  // namespace tf::ca
