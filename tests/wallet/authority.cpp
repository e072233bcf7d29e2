#include "tests/wallet/world.hpp"

namespace tf::wallet::test {
namespace {

pki::Issuer root_of(Random& random, std::int64_t now_ms) {
  auto key = crypto::PrivateKey::generate_p256();
  auto certificate = must(pki::make_root("Wallet test root", key, {now_ms, pki::kRootDays}, random));
  return {std::move(certificate), std::move(key)};
}

pki::Issuer ca_of(const pki::Issuer& root, Random& random, std::int64_t now_ms) {
  auto key = crypto::PrivateKey::generate_p256();
  auto certificate = must(pki::issue_operations_ca(root, "Wallet test CA", key.public_key(), {now_ms, pki::kOperationsCaDays}, random));
  return {std::move(certificate), std::move(key)};
}

}  // namespace

Authority::Authority(Random& random, std::int64_t now_ms)
    : random(random), now_ms(now_ms), root(root_of(random, now_ms)), ca(ca_of(root, random, now_ms)) {}

pki::Certificate Authority::issue(const std::string& name, const crypto::PublicKey& key) const {
  return must(pki::issue_operator_certificate(ca, name, key, {now_ms, 365}, random));
}

}  // namespace tf::wallet::test
