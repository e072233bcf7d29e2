// The card network's gateway: an address for each kind of transaction, forms both ways, the certificate in every answer.
#include <fmt/format.h>

#include "base/log.hpp"
#include "crypto/digest.hpp"
#include "crypto/jose/rs256.hpp"
#include "frontends/acp/messages.hpp"
#include "frontends/amount.hpp"
#include "pki/path/foreign_path.hpp"
#include "simulate/ewallet/dialect.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::simulate::ewallet {
namespace {

using frontends::acp::sign_fields;
using frontends::acp::signed_digest;

constexpr const char* kDialect = "acp";

// token out of {token=…&trId=…}
std::string token_of(const std::string& braces) {
  if (braces.size() < 2 || braces.front() != '{' || braces.back() != '}') return {};
  const auto inside = frontends::parse_plain_form(std::string_view(braces).substr(1, braces.size() - 2));
  return inside ? value_of(*inside, "token") : std::string();
}

struct Call {
  World& world;
  const Mishap& mishap;
  Fields in;
  Fields out;
  std::optional<Told> told{};

  const std::string& field(const char* name) { return value_of(in, name); }
  std::int64_t amount() { return frontends::whole_minor_of(field("txnAmt")).value_or(-1); }
  void code(const char* value) { out["respCode"] = value; }
  void show(std::int64_t minor) { out["txnAmt"] = std::to_string(mishap.wrong_amount ? minor + 1 : minor); }
};

const char* code_of(const Order& order) {
  switch (order.state) {
    case State::waiting: return "05";
    case State::paid: return "00";
    case State::declined: return order.code == "balance" ? "64" : "33";
    default: return "01";  // undone
  }
}

Order wanted_from(Call& call) {
  Order out{kDialect, call.field("orderId"), call.field("merId"), call.amount()};
  out.time = call.field("txnTime");
  out.notify_url = call.field("backUrl");
  return out;
}

bool over(Call& call, std::int64_t now_ms) {
  return !call.field("payTimeout").empty() && frontends::china_digits(now_ms) > call.field("payTimeout");
}

void pay(Call& call) {
  Order wanted = wanted_from(call);
  wanted.account = token_of(call.field("tokenPayData"));
  if (wanted.account.empty() || wanted.amount <= 0) return call.code("13");
  const std::int64_t now_ms = call.world.clock.now_ms();
  if (over(call, now_ms) && !call.world.ledger.find(kDialect, wanted.number)) return call.code("39");
  const auto booked = call.world.ledger.book(wanted, call.mishap.decline ? "limit" : "", now_ms);
  if (!booked.fresh && booked.order.state != State::closed) return call.code("12");
  call.code(code_of(booked.order));
  call.out["queryId"] = booked.order.reference;
  call.show(booked.order.amount);
  if (booked.order.state == State::paid) call.told = Told{kDialect, wanted.number};
}

void order_for_phone(Call& call) {
  Order wanted = wanted_from(call);
  if (wanted.amount <= 0) return call.code("13");
  wanted.until = call.field("payTimeout");
  wanted.tn = wire::hex_lower(crypto::sha256(as_bytes(wanted.number + wanted.time))).substr(0, 21);
  const auto booked = call.world.ledger.book(wanted, {}, call.world.clock.now_ms());
  if (!booked.fresh && booked.order.state != State::waiting) return call.code("12");
  call.code("00");
  call.out["tn"] = booked.order.tn;
}

void reverse(Call& call) {
  const auto order = call.world.ledger.find(kDialect, call.field("orderId"));
  if (order && order->time != call.field("txnTime") && !order->time.empty()) return call.code("36");
  const auto before = call.world.ledger.cancel(kDialect, call.field("orderId"), true, call.world.clock.now_ms());
  const auto after = call.world.ledger.find(kDialect, call.field("orderId"));
  if (before == State::declined || after->state == State::paid) return call.code("35");
  call.code("00");
  call.show(call.amount());
}

// A refund, or an undoing, which is one of the whole amount.
void give_back(Call& call) {
  using Refunding = Ledger::Refunding;
  const auto original = call.world.ledger.find_reference(kDialect, call.field("origQryId"));
  if (!original) return call.code("35");
  Return wanted{kDialect, original->number, call.field("orderId"), call.amount()};
  wanted.time = call.field("txnTime");
  const bool whole = call.field("txnType") == "31";
  const std::int64_t now_ms = call.world.clock.now_ms();
  switch (whole ? call.world.ledger.undo(wanted, now_ms) : call.world.ledger.refund(wanted, now_ms)) {
    case Refunding::done: call.code("00"); break;
    case Refunding::repeated: call.code("12"); break;
    case Refunding::other_amount: call.code("36"); break;
    case Refunding::not_paid: call.code("35"); break;
    case Refunding::too_much: call.code("33"); break;
  }
  call.show(wanted.amount);
}

void query(Call& call) {
  const auto order = call.world.ledger.find(kDialect, call.field("orderId"));
  const auto back = call.world.ledger.find_return(kDialect, call.field("orderId"));
  if (order && (order->time == call.field("txnTime") || order->time.empty())) {
    call.out["origRespCode"] = code_of(*order);
    call.out["queryId"] = order->reference;
    call.show(order->amount);
  } else if (back && back->time == call.field("txnTime")) {
    call.out["origRespCode"] = "00";
    call.out["queryId"] = back->reference;
    const auto original = call.world.ledger.find(kDialect, back->order);
    call.show(back->amount == 0 && original ? original->amount : back->amount);
  } else {
    return call.code("34");
  }
  call.code("00");
}

void dispatch(Call& call, std::string_view route) {
  const std::string& type = call.field("txnType");
  if (route == "queryTrans.do" && type == "00") return query(call);
  if (route == "appTransReq.do" && type == "01") return order_for_phone(call);
  if (route != "backTransReq.do") return call.code("10");
  if (type == "01") return pay(call);
  if (type == "99") return reverse(call);
  if (type == "31" || type == "04") return give_back(call);
  call.code("10");
}

Result<Fields> open(World& world, const wire::HttpRequest& request) {
  Fields fields = TF_TRY(frontends::parse_form(request.body));
  const auto merchant = world.merchants.find(value_of(fields, "certId"));
  if (merchant == world.merchants.end()) return Error{Code::refused, "simulate.cert_id", "no such certId"};
  const Bytes signed_by = TF_TRY(wire::from_base64(value_of(fields, "signature")));
  if (value_of(fields, "signMethod") != "01" || !crypto::verify_rs256(merchant->second, as_bytes(signed_digest(fields)), signed_by))
    return Error{Code::refused, "simulate.signature", "the request is not signed by its certificate"};
  return fields;
}

// As the gateway sends it: with its certificate, and signed.
Fields signed_by_network(World& world, Fields fields, bool spoilt) {
  fields["signPubKeyCert"] = world.keys.network_certificate.to_pem();
  const auto sign = [&world](ByteView text) { return crypto::sign_rs256(world.keys.network, text); };
  Fields out = sign_fields(std::move(fields), pki::decimal_serial(world.keys.network_certificate), sign).value_or(Fields());
  if (spoilt) out["signature"] = signature(world.keys.network, "something else", true);
  return out;
}

// Not escaped: the way these gateways write their answers.
wire::HttpResponse plain(const Fields& fields) {
  return {200, "text/html;charset=UTF-8", frontends::joined(fields, {}, frontends::Empties::kept), {}};
}

}  // namespace

Reply answer_acp(World& world, const wire::HttpRequest& request, const Mishap& mishap) {
  auto fields = open(world, request);
  if (!fields) {
    log::warn("simulate: a request was refused: " + log::quoted(describe(fields.error())));
    return {plain(signed_by_network(world, {{"respCode", "11"}, {"respMsg", "the signature does not verify"}}, false))};
  }
  Call call{world, mishap, std::move(*fields), {}};
  for (const char* name : {"txnType", "txnSubType", "bizType", "accessType", "merId", "orderId", "txnTime", "currencyCode"})
    call.out[name] = call.field(name);
  dispatch(call, std::string_view(request.path).substr(request.path.rfind('/') + 1));
  call.out["respMsg"] = call.out["respCode"] == "00" ? "success" : "see respCode";
  if (std::string& order = call.out["orderId"]; mishap.foreign && !order.empty()) order.back() = 'x';
  return {plain(signed_by_network(world, std::move(call.out), mishap.bad_signature)), call.told};
}

Reply answer_phone_order(World& world, const wire::HttpRequest& request) {
  const auto fields = frontends::parse_form(request.body);
  const auto order = fields ? world.ledger.find_tn(value_of(*fields, "tn")) : std::nullopt;
  if (!order) return {{404, "text/plain", "no such tn", {}}};
  wire::JsonWriter writer;
  writer.begin_object().member("tn", order->tn).member("merchant", order->merchant).member("amount", order->amount).member("currency", order->currency);
  return {{200, "application/json", writer.member("state", name_of(order->state)).end_object().take(), {}}};
}

Reply answer_phone(World& world, const wire::HttpRequest& request, const Mishap& mishap) {
  const auto fields = frontends::parse_form(request.body);
  const auto order = fields ? world.ledger.find_tn(value_of(*fields, "tn")) : std::nullopt;
  const bool cancels = fields && !value_of(*fields, "cancel").empty();
  if (!order || (value_of(*fields, "account").empty() && !cancels)) return {{404, "text/plain", "no such tn", {}}};
  std::string result = order->state == State::paid ? "success" : cancels ? "cancel" : "fail";
  std::optional<Told> told;
  if (cancels || mishap.decline) {
    // Nothing is paid; the order waits on.
  } else if (const auto paid = world.ledger.complete(kDialect, order->number, value_of(*fields, "account"), world.clock.now_ms())) {
    if (paid->state == State::paid) {
      result = "success";
      told = Told{kDialect, order->number};
    }
  }
  const std::string data = fmt::format("pay_result={}&tn={}&cert_id={}", result, order->tn, pki::decimal_serial(world.keys.network_certificate));
  wire::JsonWriter writer;
  writer.begin_object().member("data", data);
  writer.member("sign", signature(world.keys.network, wire::hex_lower(crypto::sha256(as_bytes(data))), mishap.bad_signature));
  return {{200, "application/json", writer.end_object().take(), {}}, told};
}

std::string acp_notification(World& world, const Order& order, const Mishap& mishap) {
  const Fields fields{{"txnType", "01"},
                      {"txnSubType", "01"},
                      {"merId", order.merchant},
                      {"orderId", order.number},
                      {"txnTime", order.time},
                      {"txnAmt", std::to_string(mishap.wrong_amount ? order.amount + 1 : order.amount)},
                      {"currencyCode", "156"},
                      {"queryId", order.reference},
                      {"respCode", code_of(order)}};
  return frontends::encode_form(signed_by_network(world, fields, mishap.bad_signature));
}

}  // namespace tf::simulate::ewallet
