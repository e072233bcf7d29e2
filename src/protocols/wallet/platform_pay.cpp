// S46: a new order, the answer of one that is in the books, or a refusal.
#include "crypto/digest.hpp"
#include "protocols/wallet/platform_steps.hpp"
#include "protocols/wallet/user_key.hpp"
#include "wire/json.hpp"

namespace tf::wallet {
namespace {

std::string detail_of(const Order& order, std::string_view what) {
  wire::JsonWriter writer;
  writer.begin_object().member("order", order.terms.order).member("payee", order.terms.payee).member("amount", order.terms.amount);
  if (!order.terms.gateway.empty()) writer.member("path", "direct").member("gateway", order.terms.gateway);
  writer.member("currency", order.terms.currency).member("critical", order.critical).member("result", what);
  return writer.end_object().take();
}

// The same again gets the same answer; anything else under this number is somebody's mistake or malice.
Result<Step> booked_before(const Order& order, const Booked& booked, const PlatformPorts& ports) {
  Step out;
  if (order.request == booked.request) {
    out.reply = TF_TRY(result_of(booked, order.terms.order, "", ports));
    return out;
  }
  out.refusal = refused("wallet.order_differs", "the number was used for another order");
  out.writes.alarm = Alarm{AlarmKind::order_differs, order.registration, order.number};
  out.writes.action = "wallet.pay";
  out.writes.subject = order.registration;
  out.writes.detail = detail_of(order, "order differs");
  return out;
}

// The phone chooses its card at the gateway, and types its PIN there.
Status check_direct(const Order& order, const PaySnapshot& snapshot) {
  if (!snapshot.gateway) return refused("wallet.no_gateway", "phones cannot pay at this gateway");
  if (order.pin_block) return refused("wallet.pin_missing", "a direct order has no PIN here");
  return {};
}

Status check_new(const SignedPayment& payment, const PaySnapshot& snapshot, Suite suite, const PlatformPorts& ports) {
  const Order& order = payment.order;
  const std::int64_t now = ports.clock.now_ms();
  if (suite == Suite::modern && !payment.once) return refused("wallet.challenge", "the nonce is not ours, for another purpose or too old");
  if (now >= order.expires_ms) return refused("wallet.order_expired", "the order is void");
  if (order.expires_ms > now + snapshot.policy.order_minutes * 60'000) return refused("wallet.order_expiry", "the order expires too late");
  if (!order.terms.gateway.empty()) return check_direct(order, snapshot);
  if (!snapshot.instrument) return refused("wallet.no_instrument", "the user has no such card or account");
  if (snapshot.instrument->needs_pin != order.pin_block.has_value())
    return refused("wallet.pin_missing", snapshot.instrument->needs_pin ? "the card wants a PIN" : "the account has no PIN");
  return {};
}

}  // namespace

Result<OpenedPay> open_pay(std::string_view body) {
  OpenedPay out{TF_TRY(decode_pay_request(body)), {}, {}};
  if (out.request.suite == Suite::modern) {
    out.claim = TF_TRY(decode_pay_claim(TF_TRY(unverified_payload(out.request.jws))));
    if (out.claim->binding.session != out.request.session) return refused("wallet.other_session", "two different sessions");
    out.order = out.claim->terms.order;
  } else {
    out.order = out.request.classic.order;
  }
  return out;
}

Result<Step> pay(const OpenedPay& request, const PaySnapshot& snapshot, const PlatformPorts& ports) {
  TF_CHECK(check_suite(snapshot.policy, request.request.suite));
  TF_CHECK(check_session(snapshot.session, snapshot.active, request.request.suite, ports, snapshot.certificate));
  SignedPayment payment = TF_TRY(verified_payment(request, *snapshot.session, snapshot.policy, ports));
  if (snapshot.booked) return booked_before(payment.order, *snapshot.booked, ports);
  TF_CHECK(check_new(payment, snapshot, request.request.suite, ports));
  Step out;
  if (payment.once) out.writes.once.push_back(*payment.once);
  out.writes.action = "wallet.pay";
  out.writes.subject = payment.order.registration;
  out.writes.detail = detail_of(payment.order, "created");
  out.writes.order = std::move(payment.order);
  return out;
}

}  // namespace tf::wallet
