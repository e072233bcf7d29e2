#include "protocols/onboard/certificates.hpp"

#include <algorithm>

#include "crypto/digest.hpp"

namespace tf::onboard {
namespace {

constexpr std::size_t kMostLeaves = 1024;
constexpr std::int64_t kVouchedMs = 60'000;

}  // namespace

VerifiedLeaves::VerifiedLeaves(const std::vector<pki::Certificate>& anchors) : anchors_end_ms_(INT64_MAX) {
  for (const pki::Certificate& anchor : anchors) anchors_end_ms_ = std::min(anchors_end_ms_, anchor.not_after_ms());
}

std::optional<Shown> VerifiedLeaves::find(const Chain& chain, pki::Usage usage, std::int64_t at_ms) const {
  if (chain.size() != 2) return std::nullopt;
  const Hash256 leaf = crypto::sha256(chain.front()), issuer = crypto::sha256(chain.back());
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(leaf);
  if (found == entries_.end()) return std::nullopt;
  const Entry& entry = found->second;
  if (entry.issuer != issuer || entry.usage != usage || at_ms < entry.from_ms || at_ms >= entry.until_ms) return std::nullopt;
  return entry.shown;
}

std::optional<pki::Certificate> VerifiedLeaves::leaf(ByteView der) const {
  const Hash256 hash = crypto::sha256(der);
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(hash);
  return found == entries_.end() ? std::nullopt : std::optional(found->second.shown.leaf);
}

// Longer chains, whose authorities in between are not at hand here, are judged anew each time.
void VerifiedLeaves::keep(const Chain& chain, pki::Usage usage, std::int64_t at_ms, const Shown& shown) {
  if (chain.size() != 2) return;
  const std::int64_t until_ms = std::min({at_ms + kVouchedMs, shown.leaf.not_after_ms(), shown.issuer.not_after_ms(), anchors_end_ms_});
  const Hash256 leaf = shown.leaf.fingerprint();
  Entry entry{shown, crypto::sha256(chain.back()), usage, at_ms, until_ms};
  const std::lock_guard lock(mutex_);
  if (!entries_.insert_or_assign(leaf, std::move(entry)).second) return;
  order_.push_back(leaf);
  if (order_.size() <= kMostLeaves) return;
  entries_.erase(order_.front());
  order_.pop_front();
}

Result<Shown> ChainVerifier::verify(const Chain& chain, pki::Usage usage, std::int64_t at_ms) const {
  if (auto known = leaves_->find(chain, usage, at_ms)) return std::move(*known);
  Shown out = TF_TRY(chains_->find(chain, usage, at_ms));
  leaves_->keep(chain, usage, at_ms, out);
  return out;
}

Result<pki::Certificate> ChainVerifier::parsed(ByteView der) const {
  if (auto known = leaves_->leaf(der)) return std::move(*known);
  return pki::Certificate::from_der(der);
}

Result<Shown> ChainVerifier::verify_named(const Chain& chain, pki::Usage usage, std::string_view name, std::int64_t at_ms) const {
  Shown out = TF_TRY(verify(chain, usage, at_ms));
  if (out.leaf.common_name() == name) return out;
  return Error{Code::refused, "onboard.other_name", "the certificate is of " + out.leaf.common_name() + ", not of " + std::string(name)};
}

Result<Shown> ChainVerifier::verify_module(const Chain& chain, pki::Usage usage, std::string_view dsim_id, std::int64_t at_ms) const {
  Shown out = TF_TRY(verify(chain, usage, at_ms));
  if (out.leaf.subject_serial_number() == dsim_id) return out;
  return Error{Code::refused, "onboard.other_module", "the certificate is of module " + out.leaf.subject_serial_number()};
}

Chain chain_of(const std::vector<pki::Certificate>& certificates) {
  Chain out;
  for (const pki::Certificate& certificate : certificates) out.push_back(certificate.der());
  return out;
}

}  // namespace tf::onboard
