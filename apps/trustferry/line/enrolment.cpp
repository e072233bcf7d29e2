#include "apps/trustferry/line/enrolment.hpp"

#include "base/file.hpp"
#include "pki/certificate.hpp"
#include "pki/request/certificate_request.hpp"
#include "pki/key_file.hpp"
#include "wire/encoding.hpp"

namespace tf::cli {

namespace {

Result<pki::Certificate> certificate_of(std::string_view answer) {
  auto object = TF_TRY(wire::JsonObject::parse(answer));
  return pki::Certificate::from_der(TF_TRY(wire::from_base64(TF_TRY(object.text("certificate", 8192)))));
}

Status write_both(const std::string& out, const crypto::PrivateKey& key, const pki::Certificate& certificate) {
  TF_CHECK(write_private_file(out + ".key", pki::to_pem(key).reveal()));
  return write_file_atomic(out + ".crt", as_bytes(certificate.to_pem()), 0644);
}

}  // namespace

Status enrol(AdminClient& client, const Enrolment& wanted) {
  const auto key = crypto::PrivateKey::generate_p256();
  const auto request = TF_TRY(pki::CertificateRequest::make(wanted.name, key));
  wire::JsonWriter writer;
  writer.begin_object().member("name", wanted.name).member(wanted.attribute, wanted.value).member("request", wire::base64(request.der())).end_object();
  return write_both(wanted.out, key, TF_TRY(certificate_of(TF_TRY(client.post(wanted.target, "application/json", writer.text())))));
}

Status renew(AdminClient& client, const std::string& name, const std::string& out) {
  const auto key = crypto::PrivateKey::generate_p256();
  const auto request = TF_TRY(pki::CertificateRequest::make(name, key));
  wire::JsonWriter writer;
  writer.begin_object().member("request", wire::base64(request.der())).end_object();
  return write_both(out, key, TF_TRY(certificate_of(TF_TRY(client.post("/admin/v1/operators/self/renew", "application/json", writer.text())))));
}

}  // namespace tf::cli
