// The e-wallet's gateway: one address, the method in a field, the answer signed over its node.
#include <fmt/format.h>

#include "base/log.hpp"
#include "crypto/jose/rs256.hpp"
#include "frontends/amount.hpp"
#include "frontends/ewallet/messages.hpp"
#include "simulate/ewallet/bill.hpp"
#include "simulate/ewallet/dialect.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::simulate::ewallet {
namespace {

using frontends::decimal;
using frontends::ewallet::node_name;
using frontends::ewallet::signed_text;

constexpr const char* kDialect = "ewallet";

struct Call {
  World& world;
  const Mishap& mishap;
  Fields fields;
  wire::JsonObject biz;
  std::optional<Told> told{};

  std::string text(std::string_view name) { return biz.has(name) ? biz.text(name).value_or("") : std::string(); }
  std::string number() { return text("out_trade_no"); }
  std::int64_t amount(const char* name) { return frontends::minor_of(text(name)).value_or(-1); }
  // The amount and order as they are told, which a mishap alters.
  [[nodiscard]] std::string shown(std::int64_t minor) const { return decimal(mishap.wrong_amount ? minor + 1 : minor); }
  [[nodiscard]] std::string shown(const std::string& order) const { return mishap.foreign ? order.substr(0, order.size() - 1) + "x" : order; }
};

wire::JsonWriter success() {
  wire::JsonWriter w;
  w.begin_object().member("code", "10000").member("msg", "Success");
  return w;
}

std::string failure(Call& call, std::string_view sub_code) {
  wire::JsonWriter w;
  w.begin_object().member("code", "40004").member("msg", "Business Failed").member("sub_code", sub_code);
  return w.member("out_trade_no", call.shown(call.number())).end_object().take();
}

std::string pay(Call& call) {
  Order wanted{kDialect, call.number(), value_of(call.fields, "app_id"), call.amount("total_amount")};
  wanted.notify_url = value_of(call.fields, "notify_url");
  auto agreement = call.biz.object("agreement_params");
  if (agreement) wanted.account = agreement->text("agreement_no").value_or("");
  if (wanted.number.empty() || wanted.amount <= 0) return failure(call, "ACQ.INVALID_PARAMETER");
  if (wanted.account.empty()) return failure(call, "ACQ.AGREEMENT_NOT_EXIST");
  const std::int64_t now_ms = call.world.clock.now_ms();
  const std::string until = call.text("time_expire");
  const bool late = !until.empty() && frontends::china_time(now_ms) > until;
  if (late && !call.world.ledger.find(kDialect, wanted.number)) return failure(call, "ACQ.ORDER_EXPIRED");
  const auto booked = call.world.ledger.book(wanted, call.mishap.decline ? "limit" : "", now_ms);
  const Order& order = booked.order;
  if (order.amount != wanted.amount && order.state != State::closed) return failure(call, "ACQ.CONTEXT_INCONSISTENT");
  if (order.state == State::declined)
    return failure(call, order.code == "limit" ? "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR" : "ACQ.BUYER_BALANCE_NOT_ENOUGH");
  if (order.state == State::closed || order.state == State::reversed) return failure(call, "ACQ.TRADE_HAS_CLOSE");
  if (!booked.fresh) return failure(call, "ACQ.TRADE_HAS_SUCCESS");
  call.told = Told{kDialect, order.number};
  return success()
      .member("trade_no", order.reference).member("out_trade_no", call.shown(order.number))
      .member("total_amount", call.shown(order.amount)).member("gmt_payment", frontends::china_time(order.at_ms)).end_object().take();
}

std::string trade_status(const Order& order) {
  if (order.state == State::waiting) return "WAIT_BUYER_PAY";
  return order.state == State::paid && order.returned < order.amount ? "TRADE_SUCCESS" : "TRADE_CLOSED";
}

std::string query(Call& call) {
  const auto order = call.world.ledger.find(kDialect, call.number());
  if (!order || order->state == State::declined) return failure(call, "ACQ.TRADE_NOT_EXIST");
  wire::JsonWriter w = success();
  w.member("trade_no", order->reference).member("out_trade_no", call.shown(order->number)).member("trade_status", trade_status(*order));
  w.member("total_amount", call.shown(order->amount));
  if (order->state == State::paid) w.member("send_pay_date", frontends::china_time(order->at_ms));
  return w.end_object().take();
}

std::string cancel(Call& call) {
  const auto before = call.world.ledger.cancel(kDialect, call.number(), true, call.world.clock.now_ms());
  const auto order = call.world.ledger.find(kDialect, call.number());
  if (order && order->state == State::paid) return failure(call, "ACQ.REASON_TRADE_STATUS_INVALID");  // partly refunded
  wire::JsonWriter w = success();
  w.member("out_trade_no", call.shown(call.number())).member("retry_flag", "N");
  if (before == State::waiting || before == State::closed) w.member("action", "close");
  if (before == State::paid || before == State::reversed) w.member("action", "refund");
  return w.end_object().take();
}

std::string close(Call& call) {
  const auto order = call.world.ledger.find(kDialect, call.number());
  if (!order) return failure(call, "ACQ.TRADE_NOT_EXIST");
  const auto before = call.world.ledger.cancel(kDialect, call.number(), false, call.world.clock.now_ms());
  if (before != State::waiting && before != State::closed) return failure(call, "ACQ.REASON_TRADE_STATUS_INVALID");
  return success().member("out_trade_no", call.shown(call.number())).member("trade_no", order->reference).end_object().take();
}

std::string refund(Call& call) {
  using Refunding = Ledger::Refunding;
  const Return wanted{kDialect, call.number(), call.text("out_request_no"), call.amount("refund_amount")};
  const Refunding what = call.world.ledger.refund(wanted, call.world.clock.now_ms());
  if (what == Refunding::not_paid) return failure(call, "ACQ.TRADE_NOT_EXIST");
  if (what == Refunding::too_much) return failure(call, "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL");
  if (what == Refunding::other_amount) return failure(call, "ACQ.DISCORDANT_REPEAT_REQUEST");
  const Order order = call.world.ledger.find(kDialect, wanted.order).value();
  return success()
      .member("trade_no", order.reference).member("out_trade_no", call.shown(order.number))
      .member("fund_change", what == Refunding::done ? "Y" : "N").member("refund_fee", decimal(order.returned)).end_object().take();
}

std::string refund_query(Call& call) {
  const auto back = call.world.ledger.find_return(kDialect, call.text("out_request_no"));
  wire::JsonWriter w = success();
  w.member("out_trade_no", call.shown(call.number())).member("out_request_no", call.text("out_request_no"));
  if (back && back->order == call.number())
    w.member("refund_amount", call.shown(back->amount)).member("refund_status", "REFUND_SUCCESS");
  return w.end_object().take();
}

std::string bill(Call& call) {
  return success().member("bill_download_url", call.world.base_url + "/bills/ewallet/" + call.text("bill_date") + ".csv").end_object().take();
}

std::string dispatch(Call& call, const std::string& method) {
  if (method == "alipay.trade.pay") return pay(call);
  if (method == "alipay.trade.query") return query(call);
  if (method == "alipay.trade.cancel") return cancel(call);
  if (method == "alipay.trade.close") return close(call);
  if (method == "alipay.trade.refund") return refund(call);
  if (method == "alipay.trade.fastpay.refund.query") return refund_query(call);
  if (method == "alipay.data.dataservice.bill.downloadurl.query") return bill(call);
  return R"({"code":"40002","msg":"Invalid Arguments","sub_code":"isv.invalid-method"})";
}

Result<Call> open(World& world, const wire::HttpRequest& request, const Mishap& mishap) {
  Fields fields = TF_TRY(frontends::parse_form(request.body));
  const auto app = world.apps.find(value_of(fields, "app_id"));
  if (app == world.apps.end()) return Error{Code::refused, "simulate.app", "no such app_id"};
  const Bytes signed_by = TF_TRY(wire::from_base64(value_of(fields, "sign")));
  if (value_of(fields, "sign_type") != "RSA2" || !crypto::verify_rs256(app->second, as_bytes(signed_text(fields, true)), signed_by))
    return Error{Code::refused, "simulate.signature", "the request is not signed by its app"};
  auto biz = TF_TRY(wire::JsonObject::parse(value_of(fields, "biz_content")));
  return Call{world, mishap, std::move(fields), std::move(biz)};
}

}  // namespace

std::string signature(const crypto::PrivateKey& key, std::string_view text, bool spoilt) {
  Bytes out = crypto::sign_rs256(key, as_bytes(text)).value_or(Bytes(256));
  if (spoilt) out[7] ^= 1;
  return wire::base64(out);
}

Reply answer_ewallet(World& world, const wire::HttpRequest& request, const Mishap& mishap) {
  auto call = open(world, request, mishap);
  if (!call) {
    log::warn("simulate: a request was refused: " + log::quoted(describe(call.error())));
    return {{200, "application/json", R"({"error_response":{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.invalid-signature"}})", {}}};
  }
  const std::string method = value_of(call->fields, "method");
  const std::string node = dispatch(*call, method);
  const std::string body = fmt::format(R"({{"{}":{},"sign":"{}"}})", node_name(method), node, signature(world.keys.ewallet, node, mishap.bad_signature));
  return {{200, "application/json", body, {}}, call->told};
}

Reply answer_bill(World& world, const wire::HttpRequest& request) {
  const std::string_view path = request.path;
  const std::string_view dialect = path.starts_with("/bills/acp/") ? "acp" : "ewallet";
  std::string day(path.substr(path.rfind('/') + 1));
  if (!day.ends_with(".csv")) return {{404, "text/plain", "", {}}};
  day.resize(day.size() - 4);
  std::erase(day, '-');
  return {{200, "text/csv", bill_of(world.ledger, dialect, day), {}}};
}

std::string ewallet_notification(World& world, const Order& order, const Mishap& mishap) {
  const bool paid = order.state == State::paid;
  Fields fields{{"notify_type", "trade_status_sync"},
                {"notify_id", order.reference + "-" + std::string(name_of(order.state))},
                {"notify_time", frontends::china_time(world.clock.now_ms())},
                {"app_id", order.merchant},
                {"charset", "utf-8"},
                {"version", "1.0"},
                {"sign_type", "RSA2"},
                {"trade_no", order.reference},
                {"out_trade_no", order.number},
                {"trade_status", trade_status(order)},
                {"total_amount", decimal(mishap.wrong_amount ? order.amount + 1 : order.amount)}};
  if (paid) fields["gmt_payment"] = frontends::china_time(order.at_ms);
  fields["sign"] = signature(world.keys.ewallet, signed_text(fields, false), mishap.bad_signature);
  return frontends::encode_form(fields);
}

}  // namespace tf::simulate::ewallet
