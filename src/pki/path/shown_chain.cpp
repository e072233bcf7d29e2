#include "pki/path/shown_chain.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>

#include "crypto/digest.hpp"
#include "pki/facts.hpp"
#include "pki/path/rules.hpp"

namespace tf::pki {
namespace {

constexpr std::int64_t kLifeMs = 60'000;
constexpr std::size_t kMost = 64;

// What X509_verify_cert would check between a leaf and an issuer that is already trusted, and the house rules.
Status check_under(const Certificate& leaf, const Certificate& authority, Usage usage, std::int64_t at_ms) {
  const Facts& facts = leaf.facts();
  TF_CHECK(check_form(facts));
  TF_CHECK(check_validity(facts, at_ms));
  TF_CHECK(check_leaf(facts, usage));
  TF_CHECK(check_link(facts, authority.facts(), false));
  if (leaf.is_issued_by(authority)) return {};
  return Error{Code::refused, "pki.untrusted", "the certificate is not signed by its authority"};
}

}  // namespace

std::size_t ShownChains::ByFingerprint::operator()(const Hash256& hash) const {
  std::size_t out = 0;
  std::memcpy(&out, hash.data(), sizeof out);
  return out;
}

ShownChains::AuthorityPtr ShownChains::known(const Hash256& fingerprint, std::int64_t at_ms) const {
  const std::shared_lock lock(mutex_);
  const auto found = authorities_.find(fingerprint);
  if (found == authorities_.end() || at_ms < found->second->from_ms || at_ms >= found->second->until_ms) return nullptr;
  return found->second;
}

Result<ShownChains::Found> ShownChains::found_anew(const std::vector<Bytes>& chain, Usage usage, std::int64_t at_ms) const {
  const auto given = TF_TRY(chain_from_der(chain));
  const auto path = TF_TRY(find_path({.leaf = given.front(),
                                      .intermediates = {given.begin() + 1, given.end()},
                                      .anchors = anchors_,
                                      .at_ms = at_ms,
                                      .usage = usage}));
  if (path.size() < 2) return Error{Code::refused, "pki.untrusted", "the certificate is a root"};
  if (path.size() == 3) {  // an authority right below its root; anything else is rare
    std::int64_t until_ms = at_ms + kLifeMs;
    for (const Certificate& one : {path[1], path[2]}) until_ms = std::min(until_ms, one.not_after_ms());
    const std::unique_lock lock(mutex_);
    if (authorities_.size() >= kMost) authorities_.clear();
    authorities_.insert_or_assign(path[1].fingerprint(), std::make_shared<const Authority>(Authority{path[1], at_ms, until_ms}));
  }
  return Found{path[0], path[1]};
}

Result<ShownChains::Found> ShownChains::find(const std::vector<Bytes>& chain, Usage usage, std::int64_t at_ms) const {
  if (chain.size() != 2) return found_anew(chain, usage, at_ms);
  const AuthorityPtr authority = known(crypto::sha256(chain[1]), at_ms);
  if (!authority) return found_anew(chain, usage, at_ms);
  Certificate leaf = TF_TRY(Certificate::from_der(chain.front()));
  TF_CHECK(check_under(leaf, authority->certificate, usage, at_ms));
  return Found{std::move(leaf), authority->certificate};
}

Result<ShownChains::Found> ShownChains::find(const Certificate& leaf, const Certificate& issuer, Usage usage, std::int64_t at_ms) const {
  const AuthorityPtr authority = known(issuer.fingerprint(), at_ms);
  if (!authority) return found_anew({leaf.der(), issuer.der()}, usage, at_ms);
  TF_CHECK(check_under(leaf, authority->certificate, usage, at_ms));
  return Found{leaf, authority->certificate};
}

}  // namespace tf::pki
