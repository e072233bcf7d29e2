// 3, second half, and 6: request, READY, receipt.
#include <algorithm>

#include "protocols/onboard/messages_parts.hpp"

namespace tf::onboard {

std::string encode(const Request& request) {
  return JsonWriter().begin_object().member("session", request.session).member("request", request.request).end_object().take();
}

Result<Request> decode_request(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  Request out{TF_TRY(id_in(object, "session")), TF_TRY(object.text("request", kMaxJose))};
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const RequestClaim& claim) {
  JsonWriter writer;
  writer.begin_object().member("transcript", base64url(claim.transcript));
  return writer.member("session_nonce", base64url(claim.session_nonce)).end_object().take();
}

Result<RequestClaim> decode_request_claim(std::string_view payload) {
  auto object = TF_TRY(JsonObject::parse(payload, kLimits));
  RequestClaim out{TF_TRY(object.base64url<32>("transcript")), TF_TRY(object.base64url<32>("session_nonce"))};
  TF_CHECK(object.finish());
  return out;
}

std::string encode_ready(std::string_view jws) { return one_text("ready", jws); }
Result<std::string> decode_ready(std::string_view body) { return one_text_in(body, "ready", kMaxJose); }

std::string encode(const ReadyClaim& claim) {
  JsonWriter writer;
  writer.begin_object().member("transcript", base64url(claim.transcript)).member("envelope_hash", base64url(claim.envelope_hash));
  writer.member("delivery", claim.delivery).key("provisioning").begin_array();
  for (const ProvisioningServer& server : claim.provisioning)
    writer.begin_object().member("url", server.url).member("server_id", server.server_id).end_object();
  return writer.end_array().member("accounts", claim.accounts).end_object().take();
}

Result<ReadyClaim> decode_ready_claim(std::string_view payload) {
  auto object = TF_TRY(JsonObject::parse(payload, kLimits));
  ReadyClaim out;
  out.transcript = TF_TRY(object.base64url<32>("transcript"));
  out.envelope_hash = TF_TRY(object.base64url<32>("envelope_hash"));
  out.delivery = TF_TRY(id_in(object, "delivery"));
  for (JsonObject& row : TF_TRY(object.objects("provisioning", kMaxUrls))) {
    out.provisioning.push_back({TF_TRY(parse_url(TF_TRY(row.text("url", kMaxUrl)))), TF_TRY(id_in(row, "server_id"))});
    TF_CHECK(row.finish());
    const auto same = [&](const ProvisioningServer& each) { return each.server_id == out.provisioning.back().server_id; };
    if (std::ranges::count_if(out.provisioning, same) > 1) return Error{Code::malformed, "onboard.provisioning", "READY names a provisioning server once"};
  }
  if (out.provisioning.empty()) return Error{Code::malformed, "onboard.provisioning", "READY names 1 to 4 provisioning servers"};
  out.accounts = TF_TRY(object.text("accounts", kMaxJose));
  TF_CHECK(object.finish());
  return out;
}

Account Account::clone() const { return {user, password.clone(), server_password.clone(), client_nonce, server_nonce}; }

SecretBytes encode(const Account& account) {
  JsonWriter writer;
  write_account(writer, account);
  return secret_text(writer);
}

Result<Account> decode_account(const SecretBytes& content) {
  auto object = TF_TRY(JsonObject::parse(as_text(content.reveal()), kLimits));
  return account_in(object);
}

SecretBytes encode(const std::vector<Account>& accounts) {
  JsonWriter writer;
  writer.begin_object().key("accounts").begin_array();
  for (const Account& account : accounts) write_account(writer, account);
  writer.end_array().end_object();
  return secret_text(writer);
}

Result<std::vector<Account>> decode_accounts(const SecretBytes& content) {
  auto object = TF_TRY(JsonObject::parse(as_text(content.reveal()), kLimits));
  std::vector<Account> out;
  for (JsonObject& row : TF_TRY(object.objects("accounts", kMaxUrls))) out.push_back(TF_TRY(account_in(row)));
  TF_CHECK(object.finish());
  return out;
}

std::string encode_receipt(std::string_view jws) { return one_text("receipt", jws); }
Result<std::string> decode_receipt(std::string_view body) { return one_text_in(body, "receipt", kMaxJose); }

std::string encode(const ReceiptClaim& claim) {
  JsonWriter writer;
  writer.begin_object().member("transcript", base64url(claim.transcript)).member("envelope_hash", base64url(claim.envelope_hash));
  return writer.member("delivery", claim.delivery).end_object().take();
}

Result<ReceiptClaim> decode_receipt_claim(std::string_view payload) {
  auto object = TF_TRY(JsonObject::parse(payload, kLimits));
  ReceiptClaim out{TF_TRY(object.base64url<32>("transcript")), TF_TRY(object.base64url<32>("envelope_hash")), TF_TRY(id_in(object, "delivery"))};
  TF_CHECK(object.finish());
  return out;
}

std::string encode_result(std::string_view word) { return one_text("result", word); }

Status decode_result(std::string_view body, std::string_view word) {
  if (TF_TRY(one_text_in(body, "result", 16)) == word) return {};
  return Error{Code::malformed, "onboard.result", "another answer was expected"};
}

}  // namespace tf::onboard
