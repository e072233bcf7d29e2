// Private keys of the numbers that a client brings.
#include <openssl/core_names.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

#include "card/keys/algorithm.hpp"
#include "crypto/handles.hpp"

namespace tf::card {
namespace {

using crypto::Handle;
using Number = Handle<BIGNUM, BN_clear_free>;
using Context = Handle<BN_CTX, BN_CTX_free>;
using Builder = Handle<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Params = Handle<OSSL_PARAM, OSSL_PARAM_free>;

Error bad(const char* what) {
  ERR_clear_error();
  return Error{Code::invalid, "card.key", what};
}

Number number(const SecretBytes& octets) {
  Number out(BN_secure_new());
  crypto::must(out && BN_bin2bn(octets.reveal().data(), static_cast<int>(octets.size()), out.get()) != nullptr, "a number");
  BN_set_flags(out.get(), BN_FLG_CONSTTIME);
  return out;
}

// Checks that the numbers belong together, which includes that p and q are primes.
Result<crypto::PrivateKey> made(const char* kind, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const crypto::EvpPkeyCtx context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  crypto::must(params && context && EVP_PKEY_fromdata_init(context.get()) == 1, "a key of numbers");
  EVP_PKEY* raw = nullptr;
  if (EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_KEYPAIR, params.get()) != 1) return bad("the numbers are no key");
  std::shared_ptr<EVP_PKEY> key(raw, EVP_PKEY_free);
  const crypto::EvpPkeyCtx check(EVP_PKEY_CTX_new_from_pkey(nullptr, raw, nullptr));
  if (!check || EVP_PKEY_check(check.get()) != 1) return bad("the numbers do not belong together");
  return crypto::PrivateKey(std::move(key));
}

Result<crypto::PrivateKey> make_rsa(Algorithm algorithm, const PrivateNumbers& given) {
  for (const SecretBytes* part : {&given.p, &given.q, &given.dp, &given.dq, &given.qinv})
    if (part->empty() || part->size() > size_of(algorithm) / 2) return bad("an RSA number is missing or too long");
  const Context scratch(BN_CTX_secure_new());
  const Number p = number(given.p), q = number(given.q), dp = number(given.dp), dq = number(given.dq), qinv = number(given.qinv);
  const Number n(BN_secure_new()), e(BN_new()), d(BN_secure_new()), p1(BN_secure_new()), q1(BN_secure_new()), phi(BN_secure_new());
  crypto::must(scratch && n && e && d && p1 && q1 && phi, "numbers");
  for (const Number* part : {&d, &p1, &q1, &phi}) BN_set_flags(part->get(), BN_FLG_CONSTTIME);
  crypto::must(BN_set_word(e.get(), 65537) == 1 && BN_mul(n.get(), p.get(), q.get(), scratch.get()) == 1 &&
                   BN_sub(p1.get(), p.get(), BN_value_one()) == 1 && BN_sub(q1.get(), q.get(), BN_value_one()) == 1 &&
                   BN_mul(phi.get(), p1.get(), q1.get(), scratch.get()) == 1, "numbers");
  if (BN_num_bits(n.get()) != static_cast<int>(size_of(algorithm) * 8)) return bad("a modulus of another size");
  if (BN_mod_inverse(d.get(), e.get(), phi.get(), scratch.get()) == nullptr) return bad("65537 is no exponent for them");
  const Builder builder(OSSL_PARAM_BLD_new());
  const auto push = [&](const char* name, const Number& value) { return OSSL_PARAM_BLD_push_BN(builder.get(), name, value.get()) == 1; };
  crypto::must(builder && push(OSSL_PKEY_PARAM_RSA_N, n) && push(OSSL_PKEY_PARAM_RSA_E, e) && push(OSSL_PKEY_PARAM_RSA_D, d) &&
                   push(OSSL_PKEY_PARAM_RSA_FACTOR1, p) && push(OSSL_PKEY_PARAM_RSA_FACTOR2, q) && push(OSSL_PKEY_PARAM_RSA_EXPONENT1, dp) &&
                   push(OSSL_PKEY_PARAM_RSA_EXPONENT2, dq) && push(OSSL_PKEY_PARAM_RSA_COEFFICIENT1, qinv), "RSA numbers");
  return made("RSA", builder.get());
}

Result<crypto::PrivateKey> make_ec(Algorithm algorithm, const SecretBytes& scalar) {
  if (scalar.empty() || scalar.size() > size_of(algorithm)) return bad("a scalar of another size");
  const bool p384 = algorithm == Algorithm::p384;
  const Handle<EC_GROUP, EC_GROUP_free> group(EC_GROUP_new_by_curve_name(p384 ? NID_secp384r1 : NID_X9_62_prime256v1));
  const Handle<EC_POINT, EC_POINT_free> point(EC_POINT_new(group.get()));
  const Number k = number(scalar);
  if (BN_is_zero(k.get()) || BN_cmp(k.get(), EC_GROUP_get0_order(group.get())) >= 0) return bad("a scalar beyond the order");
  crypto::must(EC_POINT_mul(group.get(), point.get(), k.get(), nullptr, nullptr, nullptr) == 1, "EC point");
  Bytes encoded(1 + 2 * size_of(algorithm));
  crypto::must(EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, encoded.data(), encoded.size(), nullptr) == encoded.size(), "EC point");
  const Builder builder(OSSL_PARAM_BLD_new());
  crypto::must(builder && OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, p384 ? "secp384r1" : "prime256v1", 0) == 1 &&
                   OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, k.get()) == 1 &&
                   OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, encoded.data(), encoded.size()) == 1, "EC numbers");
  return made("EC", builder.get());
}

}  // namespace

Result<crypto::PrivateKey> make_key(Algorithm algorithm, const PrivateNumbers& numbers) {
  return is_rsa(algorithm) ? make_rsa(algorithm, numbers) : make_ec(algorithm, numbers.scalar);
}

}  // namespace tf::card
