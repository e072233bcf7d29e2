#include "enrolment.hpp"

#include "base/file.hpp"
#include "pki/certificate.hpp"
#include "pki/certificate_request.hpp"
#include "pki/key_file.hpp"
#include "wire/encoding.hpp"

namespace tf::cli {

Status enrol(AdminClient& client, const Enrolment& wanted) {
  const auto key = crypto::PrivateKey::generate_p256();
  const auto request = TF_TRY(pki::CertificateRequest::make(wanted.name, key));
  wire::JsonWriter writer;
  writer.begin_object().member("name", wanted.name).member(wanted.attribute, wanted.value).member("request", wire::base64(request.der())).end_object();
  auto answer = TF_TRY(wire::JsonObject::parse(TF_TRY(client.post(wanted.target, "application/json", writer.text()))));
  const auto certificate = TF_TRY(pki::Certificate::from_der(TF_TRY(wire::from_base64(TF_TRY(answer.text("certificate", 8192))))));
  TF_CHECK(write_private_file(wanted.out + ".key", pki::to_pem(key).reveal()));
  return write_file_atomic(wanted.out + ".crt", as_bytes(certificate.to_pem()), 0644);
}

}  // namespace tf::cli
