#include "tests/pki/ocsp_estate.hpp"

namespace tf::pki::test {

Certificate ocsp_delegate(const Issuer& issuer, const Certificate& like, const std::function<void(X509*)>& alter) {
  return forged(like, issuer, [&](X509* certificate) {
    static constexpr std::uint8_t kNull[] = {0x05, 0x00};
    replace_usages(certificate, {NID_OCSP_sign});
    add_extension(certificate, "1.3.6.1.5.5.7.48.1.5", false, kNull);  // id-pkix-ocsp-nocheck
    alter(certificate);
  });
}

OcspEstate make_ocsp_estate(const Estate& estate) {
  return {estate.operations_ca,
          {ocsp_delegate(estate.operations_ca, estate.person.certificate), estate.person.key},
          estate.server.certificate};
}

const OcspEstate& ocsp_estate() {
  static const OcspEstate estate = make_ocsp_estate(p256_estate());
  return estate;
}

}  // namespace tf::pki::test
