// How our loaders write a device's certificate (issue_device_certificate). Nearly every one that a server is shown differs from the others
// of its loader in serial number, validity, key and DSN and in nothing else. Those four are looked up where the form has them, the
// certificate is written anew from them, and only if it comes out octet for octet as it was shown is it known: a twentieth of what
// parsing takes. What is of another form is for Certificate::from_der(). Private to pki.
#pragma once
#include <optional>

#include "base/bytes.hpp"
#include "pki/certificate.hpp"
#include "pki/facts.hpp"
#include "wire/dsn.hpp"

namespace tf::pki {

class DeviceForm {
 public:
  // None where devices are always read whole: the loader signs with RSA, or it has no common name and could be called what a device is.
  static std::optional<DeviceForm> of(const Certificate& loader);

  struct Read {
    Facts facts;  // as read_facts() would tell them
    ByteView tbs;  // of der: what is signed
    ByteView signature;  // ECDSA with SHA-256, in DER
  };
  // None: not a certificate of this form for this DSN, which says nothing about it. Nothing is believed yet, nor is the signature verified.
  [[nodiscard]] std::optional<Read> read(ByteView der, const wire::Dsn& dsn) const;

 private:
  struct Own;
  DeviceForm() = default;
  [[nodiscard]] Bytes written(const Own& own, const wire::Dsn& dsn) const;

  Bytes algorithm_;
  Bytes algorithm_and_issuer_;
  Bytes key_algorithm_;
  Bytes before_key_id_, after_key_id_;  // extensions
  Bytes authority_key_id_;
};

}  // namespace tf::pki
