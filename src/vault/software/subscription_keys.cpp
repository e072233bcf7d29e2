// What an authentication centre does with a subscriber's key: it is open for one call.
#include <fmt/format.h>

#include "crypto/aka/functions.hpp"
#include "vault/software/rows.hpp"
#include "vault/software/software_vault.hpp"
#include "vault/software/unsealed.hpp"

namespace tf::vault {
namespace {

Result<crypto::AkaKey> open_subscription(const software::Unsealed& vault, const WrappedRef& key) {
  if (key.spec.purpose != SymmetricPurpose::subscription) return software::wrong_purpose(key.spec);
  return crypto::AkaKey::of(TF_TRY(software::open_row(vault, key)));
}

}  // namespace

Result<std::vector<crypto::AkaVector>> SoftwareVault::aka_vectors(const WrappedRef& key, std::span<const std::uint64_t> sqns,
                                                                  const crypto::Amf& amf) const {
  const Snapshot vault = TF_TRY(snapshot());
  if (sqns.empty() || sqns.size() > kMaxVectors)
    return Error{Code::invalid, "vault.vectors", fmt::format("1 to {} vectors are made at once", kMaxVectors)};
  for (const std::uint64_t sqn : sqns)
    if (sqn > crypto::kMaxSqn) return Error{Code::invalid, "vault.vectors", "an SQN has 48 bits"};
  const crypto::AkaKey opened = TF_TRY(open_subscription(*vault, key));
  std::vector<crypto::Rand> rands(sqns.size());
  random_.fill({rands.data()->data(), rands.size() * sizeof(crypto::Rand)});
  std::vector<crypto::AkaVector> out(sqns.size());
  crypto::AkaFunctions(opened).vectors(rands, sqns, amf, out);
  return out;
}

Result<std::uint64_t> SoftwareVault::open_auts(const WrappedRef& key, const crypto::Rand& rand, const crypto::Auts& auts) const {
  const Snapshot vault = TF_TRY(snapshot());
  const crypto::AkaKey opened = TF_TRY(open_subscription(*vault, key));
  return crypto::AkaFunctions(opened).open_auts(rand, auts);
}

Result<bool> SoftwareVault::is_key(const WrappedRef& key, const SecretBytes& candidate) const {
  const Snapshot vault = TF_TRY(snapshot());
  const crypto::AkaKey opened = TF_TRY(open_subscription(*vault, key));
  return opened.octets() == candidate;
}

}  // namespace tf::vault
