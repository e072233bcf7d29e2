// What is signed and sealed in S44–S46; the requests around it are in messages_pay_request.cpp.
#include "protocols/wallet/messages_parts.hpp"

namespace tf::wallet {
namespace {

void write_terms(JsonWriter& writer, const OrderTerms& terms) {
  writer.member("payee", terms.payee).member("amount", terms.amount).member("currency", terms.currency);
  terms.gateway.empty() ? writer.member("instrument", terms.instrument) : writer.member("gateway", terms.gateway);
}

Result<OrderTerms> terms_in(JsonObject& object) {
  OrderTerms out;
  out.payee = TF_TRY(parse_payee(TF_TRY(object.text("payee", 64))));
  out.amount = TF_TRY(object.integer("amount", 1, kAmountMax));
  out.currency = TF_TRY(parse_currency(TF_TRY(object.text("currency", 3))));
  if (object.has("gateway"))
    out.gateway = TF_TRY(parse_gateway(TF_TRY(object.text("gateway", 32))));
  else
    out.instrument = TF_TRY(parse_instrument(TF_TRY(object.text("instrument", 64))));
  return out;
}

}  // namespace

std::string encode(const PayClaim& claim) {
  JsonWriter writer;
  writer.begin_object();
  write_binding(writer, "wallet pay", claim.binding);
  writer.member("order", claim.terms.order);
  write_terms(writer, claim.terms);
  writer.member("content_hash", base64url(claim.content_hash));
  if (claim.pin_hash) writer.member("pin_hash", base64url(*claim.pin_hash));
  return writer.member("expires", claim.expires_ms).end_object().take();
}

Result<PayClaim> decode_pay_claim(std::string_view payload) {
  auto object = TF_TRY(JsonObject::parse(payload, kLimits));
  PayClaim out;
  out.binding = TF_TRY(binding_in(object, "wallet pay"));
  const std::string order = TF_TRY(order_in(object));
  out.terms = TF_TRY(terms_in(object));
  out.terms.order = order;
  out.content_hash = TF_TRY(object.base64url<32>("content_hash"));
  if (object.has("pin_hash")) out.pin_hash = TF_TRY(object.base64url<32>("pin_hash"));
  out.expires_ms = TF_TRY(object.integer("expires", 0, kMaxTime));
  TF_CHECK(object.finish());
  return out;
}

SecretBytes encode(const PayContent& content) {
  JsonWriter writer;
  writer.begin_object().member("content", content.content);
  if (content.pin_block) writer.member("pin_block", base64url(*content.pin_block));
  writer.end_object();
  return secret_text(writer);
}

Result<PayContent> decode_pay_content(const SecretBytes& content) {
  auto object = TF_TRY(JsonObject::parse(as_text(content.reveal()), kLimits));
  PayContent out{TF_TRY(object.text("content", kContentMax)), {}};
  if (object.has("pin_block")) out.pin_block = TF_TRY(object.base64url<16>("pin_block"));
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const ClassicTerms& terms) {
  JsonWriter writer;
  writer.begin_object();
  write_terms(writer, terms.terms);
  return writer.member("subject", terms.subject).end_object().take();
}

Result<ClassicTerms> decode_classic_terms(std::string_view content) {
  auto object = TF_TRY(JsonObject::parse(content, kLimits));
  ClassicTerms out{TF_TRY(terms_in(object)), TF_TRY(parse_content(TF_TRY(object.text("subject", kContentMax))))};
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const InquiryClaim& claim) {
  JsonWriter writer;
  writer.begin_object();
  write_binding(writer, claim.refund.empty() ? "wallet query" : "wallet refund", claim.binding);
  writer.member("order", claim.order);
  if (!claim.refund.empty()) writer.member("refund", claim.refund).member("amount", claim.amount);
  return writer.end_object().take();
}

Result<InquiryClaim> decode_query_claim(std::string_view payload) {
  auto object = TF_TRY(JsonObject::parse(payload, kLimits));
  InquiryClaim out{TF_TRY(binding_in(object, "wallet query")), TF_TRY(order_in(object)), {}, 0};
  TF_CHECK(object.finish());
  return out;
}

Result<InquiryClaim> decode_refund_claim(std::string_view payload) {
  auto object = TF_TRY(JsonObject::parse(payload, kLimits));
  InquiryClaim out{TF_TRY(binding_in(object, "wallet refund")), TF_TRY(order_in(object)), TF_TRY(order_in(object, "refund")),
                   TF_TRY(object.integer("amount", 1, kAmountMax))};
  TF_CHECK(object.finish());
  return out;
}

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::approved: return "approved";
    case Outcome::declined: return "declined";
    case Outcome::pending: return "pending";
    case Outcome::reversed: return "reversed";
    case Outcome::refunded: return "refunded";
    case Outcome::unknown_order: break;
  }
  return "unknown_order";
}

Result<Outcome> parse_outcome(std::string_view name) {
  using enum Outcome;
  for (const Outcome outcome : {approved, declined, pending, reversed, refunded, unknown_order})
    if (name == name_of(outcome)) return outcome;
  return Error{Code::malformed, "wallet.outcome", "not an outcome of a payment"};
}

std::string encode(const ResultClaim& claim) {
  JsonWriter writer;
  writer.begin_object().member("label", "wallet result").member("platform", claim.platform).member("request", base64url(claim.request));
  writer.member("order", claim.order);
  if (!claim.refund.empty()) writer.member("refund", claim.refund);
  writer.member("transaction", claim.transaction).member("result", name_of(claim.outcome)).member("amount", claim.amount);
  if (!claim.tn.empty()) writer.member("tn", claim.tn);
  return writer.member("refunded", claim.refunded).member("time", claim.time_ms).end_object().take();
}

Result<ResultClaim> decode_result_claim(std::string_view payload) {
  auto object = TF_TRY(JsonObject::parse(payload, kLimits));
  TF_CHECK(check_label(object, "wallet result"));
  ResultClaim out;
  out.platform = TF_TRY(platform_in(object));
  out.request = TF_TRY(object.base64url<32>("request"));
  out.order = TF_TRY(order_in(object));
  if (object.has("refund")) out.refund = TF_TRY(order_in(object, "refund"));
  out.transaction = TF_TRY(object.text("transaction", 64));
  out.outcome = TF_TRY(parse_outcome(TF_TRY(object.text("result", 16))));
  out.amount = TF_TRY(object.integer("amount", 0, kAmountMax));
  if (object.has("tn")) out.tn = TF_TRY(parse_tn(TF_TRY(object.text("tn", 64))));
  out.refunded = TF_TRY(object.integer("refunded", 0, kAmountMax));
  out.time_ms = TF_TRY(object.integer("time", 0, kMaxTime));
  TF_CHECK(object.finish());
  return out;
}

std::string encode_result(std::string_view jws) { return one_text("result", jws); }
Result<std::string> decode_result(std::string_view body) { return one_text_in(body, "result", kMaxJose); }

}  // namespace tf::wallet
