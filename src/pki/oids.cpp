#include "pki/oids.hpp"

#include <openssl/objects.h>

#include "crypto/handles.hpp"

namespace tf::pki::oid {
namespace {

const ASN1_OBJECT* make(const char* dotted) {
  const ASN1_OBJECT* object = OBJ_txt2obj(dotted, 1);
  crypto::must(object != nullptr, "object identifier");
  return object;
}

}  // namespace

const ASN1_OBJECT* dsn_ranges() {
  static const ASN1_OBJECT* const object = make(kDsnRanges);
  return object;
}

const ASN1_OBJECT* key_distribution_host() {
  static const ASN1_OBJECT* const object = make(kKeyDistributionHost);
  return object;
}

const ASN1_OBJECT* device() {
  static const ASN1_OBJECT* const object = make(kDevice);
  return object;
}

const ASN1_OBJECT* loader() {
  static const ASN1_OBJECT* const object = make(kLoader);
  return object;
}

const ASN1_OBJECT* wallet_encryption() {
  static const ASN1_OBJECT* const object = make(kWalletEncryption);
  return object;
}

const ASN1_OBJECT* wallet_results() {
  static const ASN1_OBJECT* const object = make(kWalletResults);
  return object;
}

const ASN1_OBJECT* onboard_module() {
  static const ASN1_OBJECT* const object = make(kOnboardModule);
  return object;
}

const ASN1_OBJECT* onboard_module_decryption() {
  static const ASN1_OBJECT* const object = make(kOnboardModuleDecryption);
  return object;
}

const ASN1_OBJECT* onboard_operator() {
  static const ASN1_OBJECT* const object = make(kOnboardOperator);
  return object;
}

const ASN1_OBJECT* onboard_issuer() {
  static const ASN1_OBJECT* const object = make(kOnboardIssuer);
  return object;
}

const ASN1_OBJECT* onboard_registration() {
  static const ASN1_OBJECT* const object = make(kOnboardRegistration);
  return object;
}

const ASN1_OBJECT* onboard_access() {
  static const ASN1_OBJECT* const object = make(kOnboardAccess);
  return object;
}

const ASN1_OBJECT* cardsign_payment() {
  static const ASN1_OBJECT* const object = make(kCardsignPayment);
  return object;
}

const ASN1_OBJECT* cardsign_hash() {
  static const ASN1_OBJECT* const object = make(kCardsignHash);
  return object;
}

const ASN1_OBJECT* cardsign_server() {
  static const ASN1_OBJECT* const object = make(kCardsignServer);
  return object;
}

const ASN1_OBJECT* attestation() {
  static const ASN1_OBJECT* const object = make(kAttestation);
  return object;
}

}  // namespace tf::pki::oid
