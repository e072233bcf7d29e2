// The bodies of pay, query and refund, both suites.
#include "protocols/wallet/messages_parts.hpp"

namespace tf::wallet {
namespace {

void write_open(JsonWriter& writer, const PayContent& open) {
  writer.member("content", open.content);
  if (open.pin_block) writer.member("pin_block", base64url(*open.pin_block));
}

Result<PayContent> open_in(JsonObject& object) {
  PayContent out{TF_TRY(object.text("content", kContentMax)), {}};
  if (object.has("pin_block")) out.pin_block = TF_TRY(object.base64url<16>("pin_block"));
  return out;
}

Result<ClassicPayment> classic_in(JsonObject& object, PayRequest& out) {
  ClassicPayment payment;
  payment.session = out.session;
  payment.order = TF_TRY(order_in(object));
  payment.number = TF_TRY(number_in(object));
  payment.signature = TF_TRY(object.base64url("signature", 64, 1024));
  if (object.has("sealed")) {
    out.sealed = TF_TRY(object.text("sealed", kMaxJose));
    return payment;
  }
  PayContent open = TF_TRY(open_in(object));
  payment.content = std::move(open.content);
  payment.pin_block = open.pin_block;
  return payment;
}

}  // namespace

std::string encode(const PayRequest& request) {
  JsonWriter writer;
  writer.begin_object().member("suite", name_of(request.suite)).member("session", request.session);
  if (request.suite == Suite::modern) {
    writer.member("jws", request.jws);
    if (request.is_critical()) return writer.member("sealed", request.sealed).end_object().take();
    write_open(writer, request.open);
    return writer.member("mac", base64url(request.mac)).end_object().take();
  }
  const ClassicPayment& classic = request.classic;
  writer.member("order", classic.order).member("number", classic.number).member("signature", base64url(classic.signature));
  if (request.is_critical()) return writer.member("sealed", request.sealed).end_object().take();
  write_open(writer, {classic.content, classic.pin_block});
  return writer.end_object().take();
}

Result<PayRequest> decode_pay_request(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  PayRequest out;
  out.suite = TF_TRY(suite_in(object));
  out.session = TF_TRY(id_in(object, "session"));
  if (out.suite == Suite::classic) {
    out.classic = TF_TRY(classic_in(object, out));
  } else {
    out.jws = TF_TRY(object.text("jws", kMaxJose));
    if (object.has("sealed")) {
      out.sealed = TF_TRY(object.text("sealed", kMaxJose));
    } else {
      out.open = TF_TRY(open_in(object));
      out.mac = TF_TRY(object.base64url<32>("mac"));
    }
  }
  TF_CHECK(object.finish());
  if (object.has("sealed") && out.sealed.empty()) return Error{Code::malformed, "wallet.sealed", "nothing is sealed"};
  return out;
}

std::string encode(const InquiryRequest& request) {
  JsonWriter writer;
  writer.begin_object().member("suite", name_of(request.suite)).member("session", request.session);
  if (!request.returned.empty()) writer.member("returned", request.returned);
  if (request.suite == Suite::modern) return writer.member("jws", request.jws).member("mac", base64url(request.mac)).end_object().take();
  const ClassicInquiry& classic = request.classic;
  writer.member("number", classic.number).member("order", classic.order);
  if (!classic.refund.empty()) writer.member("refund", classic.refund).member("amount", classic.amount);
  writer.member("time", classic.time_ms).member("nonce_t", base64url(classic.nonce_t));
  return writer.member("signature", base64url(classic.signature)).end_object().take();
}

namespace {

Result<InquiryRequest> decode_inquiry(std::string_view body, bool refund) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  InquiryRequest out;
  out.suite = TF_TRY(suite_in(object));
  out.session = TF_TRY(id_in(object, "session"));
  if (!refund && object.has("returned")) {
    out.returned = TF_TRY(object.text("returned", kReturnedMax));
    if (out.returned.empty()) return Error{Code::malformed, "wallet.returned", "nothing was brought back"};
  }
  if (out.suite == Suite::modern) {
    out.jws = TF_TRY(object.text("jws", kMaxJose));
    out.mac = TF_TRY(object.base64url<32>("mac"));
    TF_CHECK(object.finish());
    return out;
  }
  ClassicInquiry& classic = out.classic;
  classic.session = out.session;
  classic.number = TF_TRY(number_in(object));
  classic.order = TF_TRY(order_in(object));
  if (refund) {
    classic.refund = TF_TRY(order_in(object, "refund"));
    classic.amount = TF_TRY(object.integer("amount", 1, kAmountMax));
  }
  classic.time_ms = TF_TRY(object.integer("time", 0, kMaxTime));
  classic.nonce_t = TF_TRY(object.base64url<16>("nonce_t"));
  classic.signature = TF_TRY(object.base64url("signature", 64, 1024));
  TF_CHECK(object.finish());
  return out;
}

}  // namespace

Result<InquiryRequest> decode_query_request(std::string_view body) { return decode_inquiry(body, false); }
Result<InquiryRequest> decode_refund_request(std::string_view body) { return decode_inquiry(body, true); }

}  // namespace tf::wallet
