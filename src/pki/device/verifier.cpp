#include "pki/device/verifier.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>

#include "crypto/digest.hpp"
#include "pki/facts.hpp"
#include "pki/path/rules.hpp"

namespace tf::pki {
namespace {

// What X509_verify_cert would check between a leaf and an issuer that is already trusted is the signature.
const Error kUnsigned{Code::refused, "pki.untrusted", "the device certificate is not signed by its loader"};

Status check_device(const Facts& device, const Facts& loader, const wire::Dsn& dsn, std::int64_t at_ms) {
  TF_CHECK(check_form(device));
  TF_CHECK(check_validity(device, at_ms));
  TF_CHECK(check_leaf(device, Usage::device));
  TF_CHECK(check_link(device, loader, false));
  return check_dsn(device, dsn);
}

}  // namespace

std::size_t DeviceVerifier::ByFingerprint::operator()(const Hash256& hash) const {
  std::size_t out = 0;
  std::memcpy(&out, hash.data(), sizeof out);
  return out;
}

DeviceVerifier::DeviceVerifier(Options options, std::optional<Crl> crl)
    : options_(std::move(options)), crl_(std::move(crl)) {}

void DeviceVerifier::set_crl(Crl crl) {
  const std::unique_lock lock(mutex_);
  crl_ = std::move(crl);
  ++generation_;
  loaders_.clear();
}

DeviceVerifier::LoaderPtr DeviceVerifier::cached(const Hash256& fingerprint, std::int64_t at_ms) const {
  const std::shared_lock lock(mutex_);
  const auto found = loaders_.find(fingerprint);
  if (found == loaders_.end() || at_ms < found->second->from_ms || at_ms >= found->second->until_ms) return nullptr;
  return found->second;
}

Result<DeviceVerifier::LoaderPtr> DeviceVerifier::validated(const std::vector<Bytes>& chain, std::int64_t at_ms) const {
  std::vector<Certificate> given = TF_TRY(chain_from_der({chain.begin() + 1, chain.end()}));
  std::optional<Crl> crl;
  std::uint64_t generation = 0;
  {
    const std::shared_lock lock(mutex_);
    crl = crl_;
    generation = generation_;
  }
  const auto path = TF_TRY(find_path({.leaf = given.front(),
                                      .intermediates = {given.begin() + 1, given.end()},
                                      .anchors = options_.anchors,
                                      .crl = crl,
                                      .require_crl = options_.require_crl,
                                      .at_ms = at_ms,
                                      .usage = Usage::loader}));
  std::int64_t until_ms = at_ms + std::min<std::int64_t>(options_.revalidate_after_ms, 60'000);
  if (crl) until_ms = std::min(until_ms, crl->next_update_ms());
  for (const Certificate& certificate : path) until_ms = std::min(until_ms, certificate.not_after_ms());
  auto form = DeviceForm::of(given.front());
  auto verifier = form ? std::make_unique<crypto::KeptVerifier>(*given.front().facts().key) : nullptr;
  auto loader = std::make_shared<const Loader>(given.front(), std::move(form), std::move(verifier), at_ms, until_ms);
  remember(given.front().fingerprint(), loader, generation);
  return LoaderPtr(std::move(loader));
}

void DeviceVerifier::remember(const Hash256& fingerprint, const LoaderPtr& loader, std::uint64_t generation) const {
  const std::unique_lock lock(mutex_);
  if (generation != generation_) return;
  if (loaders_.size() >= options_.max_loaders && !loaders_.contains(fingerprint)) {
    const auto oldest = std::ranges::min_element(loaders_, {}, [](const auto& entry) { return entry.second->from_ms; });
    if (oldest == loaders_.end()) return;  // max_loaders is 0
    loaders_.erase(oldest);
  }
  loaders_.insert_or_assign(fingerprint, loader);
}

Result<Certificate> DeviceVerifier::verify(const std::vector<Bytes>& chain, const wire::Dsn& dsn,
                                           std::int64_t at_ms) const {
  if (chain.size() < 2 || chain.size() > 4)
    return Error{Code::refused, "pki.untrusted", "a device shows its certificate and those above it"};
  Certificate device = TF_TRY(Certificate::from_der(chain.front()));
  LoaderPtr loader = cached(crypto::sha256(chain[1]), at_ms);
  if (!loader) loader = TF_TRY(validated(chain, at_ms));
  TF_CHECK(check_device(device.facts(), loader->certificate.facts(), dsn, at_ms));
  if (!device.is_issued_by(loader->certificate)) return kUnsigned;
  return device;
}

Result<crypto::PublicKey> DeviceVerifier::device_key(const std::vector<Bytes>& chain, const wire::Dsn& dsn, std::int64_t at_ms) const {
  const bool usual = chain.size() >= 2 && chain.size() <= 4;
  const LoaderPtr loader = usual ? cached(crypto::sha256(chain[1]), at_ms) : nullptr;
  auto read = loader && loader->form ? loader->form->read(chain.front(), dsn) : std::nullopt;
  if (!read) return TF_TRY(verify(chain, dsn, at_ms)).public_key();
  TF_CHECK(check_device(read->facts, loader->certificate.facts(), dsn, at_ms));
  if (!loader->verifier->verify_ecdsa_sha256(read->tbs, read->signature)) return kUnsigned;
  return std::move(*read->facts.key);
}

}  // namespace tf::pki
