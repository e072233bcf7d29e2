// What an authentication centre does with K and OPc of a subscriber: they are open for one call.
#include <fmt/format.h>

#include "crypto/aka/functions.hpp"
#include "vault/software/rows.hpp"
#include "vault/software/software_vault.hpp"
#include "vault/software/unsealed.hpp"

namespace tf::vault {
namespace {

Result<SecretBytes> open_subscription(const software::Unsealed& vault, const WrappedRef& key) {
  if (key.spec.purpose != SymmetricPurpose::subscription) return software::wrong_purpose(key.spec);
  return software::open_row(vault, key);
}

crypto::MilenageKey parts_of(const SecretBytes& key) {
  return {Secret<16>(key.reveal().first<16>()), Secret<16>(key.reveal().last<16>())};
}

}  // namespace

Result<std::vector<crypto::AkaVector>> SoftwareVault::milenage(const WrappedRef& key, std::span<const std::uint64_t> sqns,
                                                               const crypto::Amf& amf) const {
  const Snapshot vault = TF_TRY(snapshot());
  if (sqns.empty() || sqns.size() > kMaxVectors)
    return Error{Code::invalid, "vault.vectors", fmt::format("1 to {} vectors are made at once", kMaxVectors)};
  for (const std::uint64_t sqn : sqns)
    if (sqn > crypto::kMaxSqn) return Error{Code::invalid, "vault.vectors", "an SQN has 48 bits"};
  const SecretBytes opened = TF_TRY(open_subscription(*vault, key));
  std::vector<crypto::Rand> rands(sqns.size());
  random_.fill({rands.data()->data(), rands.size() * sizeof(crypto::Rand)});
  std::vector<crypto::AkaVector> out(sqns.size());
  crypto::Milenage(parts_of(opened)).vectors(rands, sqns, amf, out);
  return out;
}

Result<std::uint64_t> SoftwareVault::open_auts(const WrappedRef& key, const crypto::Rand& rand, const crypto::Auts& auts) const {
  const Snapshot vault = TF_TRY(snapshot());
  const SecretBytes opened = TF_TRY(open_subscription(*vault, key));
  return crypto::AkaFunctions(parts_of(opened)).open_auts(rand, auts);
}

Result<bool> SoftwareVault::is_key(const WrappedRef& key, const SecretBytes& candidate) const {
  const Snapshot vault = TF_TRY(snapshot());
  const SecretBytes opened = TF_TRY(open_subscription(*vault, key));
  return opened == candidate;
}

}  // namespace tf::vault
