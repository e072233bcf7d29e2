// S07–S08.
#include "protocols/wallet/messages_parts.hpp"

namespace tf::wallet {

SecretBytes encode(const ActivateContent& content) {
  JsonWriter writer;
  writer.begin_object().member("label", "wallet activate").member("platform", content.platform).member("registration", content.registration);
  writer.member("nonce_p", content.nonce_p).member("mac", base64url(content.mac));
  if (!content.proof.empty()) writer.member("proof", content.proof);
  writer.end_object();
  return secret_text(writer);
}

Result<ActivateContent> decode_activate_content(const SecretBytes& content) {
  auto object = TF_TRY(JsonObject::parse(as_text(content.reveal()), kLimits));
  TF_CHECK(check_label(object, "wallet activate"));
  ActivateContent out;
  out.platform = TF_TRY(platform_in(object));
  out.registration = TF_TRY(id_in(object, "registration"));
  out.nonce_p = TF_TRY(nonce_in(object));
  out.mac = TF_TRY(object.base64url<32>("mac"));
  out.proof = TF_TRY(object.optional_text("proof", kMaxJose)).value_or("");
  TF_CHECK(object.finish());
  return out;
}

namespace {

// Bytes that may be missing yet, under a MAC.
std::string encode_answer(std::string_view name, ByteView bytes, const Hash256& mac) {
  JsonWriter writer;
  writer.begin_object().member("result", bytes.empty() ? "preparing" : "ok");
  if (!bytes.empty()) writer.member(name, base64url(bytes));
  return writer.member("mac", base64url(mac)).end_object().take();
}

Status decode_answer(std::string_view body, std::string_view name, std::size_t max, Bytes& bytes, Hash256& mac) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  const std::string result = TF_TRY(object.text("result", 16));
  if (result == "ok") {
    bytes = TF_TRY(object.base64url(name, 1, max));
  } else if (result != "preparing") {
    return Error{Code::malformed, "wallet.result", "an answer is ok or preparing"};
  }
  mac = TF_TRY(object.base64url<32>("mac"));
  return object.finish();
}

}  // namespace

std::string encode(const ActivateAnswer& answer) { return encode_answer("certificate", answer.certificate, answer.mac); }

Result<ActivateAnswer> decode_activate_answer(std::string_view body) {
  ActivateAnswer out;
  TF_CHECK(decode_answer(body, "certificate", kMaxCertificate, out.certificate, out.mac));
  return out;
}

std::string encode(const FileRequest& request) {
  JsonWriter writer;
  writer.begin_object().member("registration", request.registration).member("nonce_p", request.nonce_p);
  return writer.member("mac", base64url(request.mac)).end_object().take();
}

Result<FileRequest> decode_file_request(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  FileRequest out{TF_TRY(id_in(object, "registration")), TF_TRY(nonce_in(object)), TF_TRY(object.base64url<32>("mac"))};
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const FileAnswer& answer) { return encode_answer("file", answer.file, answer.mac); }

Result<FileAnswer> decode_file_answer(std::string_view body) {
  FileAnswer out;
  TF_CHECK(decode_answer(body, "file", kMaxFile, out.file, out.mac));
  return out;
}

}  // namespace tf::wallet
