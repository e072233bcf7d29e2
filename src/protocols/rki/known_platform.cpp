#include "protocols/rki/known_platform.hpp"

namespace tf::rki {
namespace {

constexpr std::size_t kMost = 8;

}  // namespace

std::optional<pki::Certificate> KnownPlatform::find(const ServerHello& hello, const pki::Certificate& root, std::int64_t now_ms) const {
  const std::lock_guard lock(mutex_);
  for (const Known& known : known_) {
    const bool young = now_ms >= known.from_ms && now_ms < known.from_ms + kLifeMs && now_ms < known.until_ms;
    if (young && known.chain == hello.chain && known.crl == hello.crl && known.ocsp == hello.ocsp && known.root == root.der())
      return known.leaf;
  }
  return std::nullopt;
}

void KnownPlatform::remember(const ServerHello& hello, const pki::Certificate& root, const pki::Certificate& leaf, std::int64_t now_ms,
                             std::int64_t until_ms) {
  const std::lock_guard lock(mutex_);
  std::erase_if(known_, [&](const Known& known) { return known.leaf == leaf && known.root == root.der(); });
  if (known_.size() >= kMost) known_.erase(known_.begin());
  known_.push_back({hello.chain, hello.crl, hello.ocsp, root.der(), leaf, now_ms, until_ms});
}

}  // namespace tf::rki
