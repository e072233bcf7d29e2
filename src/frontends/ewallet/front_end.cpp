#include "frontends/ewallet/front_end.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "frontends/amount.hpp"
#include "frontends/ewallet/messages.hpp"
#include "frontends/ewallet/verdicts.hpp"

namespace tf::frontends::ewallet {
namespace {

using payment::Payment;
using payment::Refund;
using payment::Verdict;
using Opened = Result<wire::JsonObject>;

constexpr std::int64_t kClocksDiffer_ms = 60'000;
constexpr const char* kPay = "alipay.trade.pay";
constexpr const char* kQuery = "alipay.trade.query";
constexpr const char* kCancel = "alipay.trade.cancel";
constexpr const char* kClose = "alipay.trade.close";
constexpr const char* kRefund = "alipay.trade.refund";
constexpr const char* kRefundQuery = "alipay.trade.fastpay.refund.query";
constexpr const char* kBill = "alipay.data.dataservice.bill.downloadurl.query";

std::string order_json(const Payment& payment) {
  wire::JsonWriter writer;
  writer.begin_object().member("out_trade_no", payment.transaction);
  return writer.end_object().take();
}

// Why an answer cannot be judged.
Outcome unknown(const Error& error) { return {Verdict::unknown, error.reason, {}}; }

}  // namespace

struct FrontEnd::Core {
  Core(Settings from, Ports given) : settings(std::move(from)), ports(given) {}

  using Biz = std::move_only_function<Result<std::string>()>;
  using Judge = std::move_only_function<void(bool sent, Opened)>;
  // Signs, sends, verifies; then judges.
  void call(const std::shared_ptr<Core>& self, const char* method, Biz biz, Judge judge, bool repeatable);
  Opened opened(const char* method, const Answer& answer);
  Result<net::ClientRequest> request(const char* method, const std::string& biz, bool repeatable);
  // The gateway knows no such order, and its request may still be under way: cancelled, it cannot be paid any more.
  void rule_out(const std::shared_ptr<Core>& self, const Payment& payment, Done done);
  Result<std::string> pay_json(const Payment& payment);

  const Settings settings;
  Ports ports;
  Health health;
};

Result<net::ClientRequest> FrontEnd::Core::request(const char* method, const std::string& biz, bool repeatable) {
  const Sign sign = [this](ByteView data) { return ports.vault.sign_rs256(settings.key, data); };
  const Fields fields = TF_TRY(make_request(settings, method, biz, ports.clock.now_ms(), method == kPay, sign));
  return net::ClientRequest{.method = "POST",
                            .target = settings.path,
                            .content_type = "application/x-www-form-urlencoded;charset=utf-8",
                            .body = encode_form(fields),
                            .headers = {},
                            .repeatable = repeatable};
}

Opened FrontEnd::Core::opened(const char* method, const Answer& answer) {
  if (!answer.response) return answer.response.error();
  // The gateway answers everything it understands, refusals too, with 200.
  if (answer.response->status != 200) return Error{Code::unavailable, "ewallet.http", fmt::format("http_{}", answer.response->status)};
  return open_response(answer.response->body, method, settings.gateway_key);
}

void FrontEnd::Core::call(const std::shared_ptr<Core>& self, const char* method, Biz biz, Judge judge, bool repeatable) {
  ports.exchange.send(
      [self, method, repeatable, biz = std::move(biz)]() mutable -> Result<net::ClientRequest> {
        return self->request(method, TF_TRY(biz()), repeatable);
      },
      [self, method, judge = std::move(judge)](Answer answer) mutable {
        Opened node = self->opened(method, answer);
        if (node) {
          self->health.good();
        } else {
          if (answer.sent) self->health.bad();
          log::warn(fmt::format("{}: {} gave no answer to believe: {}", self->settings.name, method, log::quoted(describe(node.error()))));
        }
        judge(answer.sent, std::move(node));
      });
}

Result<std::string> FrontEnd::Core::pay_json(const Payment& payment) {
  const SecretBytes account = TF_TRY(ports.instruments.account(payment.instrument));
  wire::JsonWriter writer;
  writer.begin_object().member("out_trade_no", payment.transaction).member("product_code", "GENERAL_WITHHOLDING");
  writer.member("total_amount", decimal(payment.amount.minor)).member("subject", payment.subject);
  writer.member("time_expire", china_time(payment.at_ms + settings.order_valid.count() * 1000));
  writer.member("store_id", payment.merchant).member("terminal_id", payment.terminal);
  writer.key("agreement_params").begin_object().member("agreement_no", as_text(account.reveal())).end_object();
  return writer.end_object().take();
}

FrontEnd::FrontEnd(Settings settings, Ports ports) : core_(std::make_shared<Core>(std::move(settings), ports)) {}
FrontEnd::~FrontEnd() = default;

std::string FrontEnd::name() const { return core_->settings.name; }
bool FrontEnd::healthy() const { return core_->health.healthy(); }

namespace {

// http_503 tells more than that HTTP was the reason.
Outcome failed(const Error& error) {
  if (std::string_view(error.reason) == "ewallet.http") return {Verdict::unknown, error.detail, {}};
  return unknown(error);
}

}  // namespace

void FrontEnd::Core::rule_out(const std::shared_ptr<Core>& self, const Payment& payment, Done done) {
  call(
      self, kCancel, [payment] { return order_json(payment); },
      [payment, done = std::move(done)](bool, Opened node) mutable {
        if (!node) return done(failed(node.error()));
        const Outcome outcome = judge_cancel(*node, payment);
        const bool out = outcome.verdict == Verdict::done;
        done({out ? Verdict::declined : Verdict::unknown, out ? kNoSuchTrade : outcome.code, outcome.reference});
      },
      true);
}

void FrontEnd::pay(const Payment& payment, std::optional<payment::PinBlock> pin, Done done) {
  if (pin) return done({Verdict::declined, "pin", {}});
  if (payment.amount.currency != core_->settings.currency) return done({Verdict::declined, "currency", {}});
  if (payment.amount.minor <= 0) return done({Verdict::declined, "amount", {}});
  core_->call(
      core_, kPay, [core = core_, payment] { return core->pay_json(payment); },
      [payment, done = std::move(done)](bool sent, Opened node) mutable {
        if (!node) return done(sent ? failed(node.error()) : Outcome{Verdict::declined, "not_sent", {}});
        done(judge_pay(*node, payment));
      },
      false);
}

void FrontEnd::query(const Payment& payment, Done done) {
  core_->call(
      core_, kQuery, [payment] { return order_json(payment); },
      // Whether the order may still come is judged by the moment before the question, which is not later than the answer.
      [core = core_, payment, done = std::move(done), asked_ms = core_->ports.clock.now_ms()](bool, Opened node) mutable {
        if (!node) return done(failed(node.error()));
        const bool expired = asked_ms > payment.at_ms + core->settings.order_valid.count() * 1000 + kClocksDiffer_ms;
        Outcome outcome = judge_query(*node, payment, expired);
        if (outcome.verdict != Verdict::unknown || outcome.code != kNoSuchTrade) return done(std::move(outcome));
        core->rule_out(core, payment, std::move(done));
      },
      true);
}

void FrontEnd::reverse(const Payment& payment, Done done) {
  core_->call(
      core_, kCancel, [payment] { return order_json(payment); },
      [payment, done = std::move(done)](bool, Opened node) mutable {
        done(node ? judge_cancel(*node, payment) : failed(node.error()));
      },
      true);
}

void FrontEnd::close(const Payment& payment, Done done) {
  core_->call(
      core_, kClose, [payment] { return order_json(payment); },
      [payment, done = std::move(done)](bool, Opened node) mutable {
        done(node ? judge_close(*node, payment) : failed(node.error()));
      },
      true);
}

void FrontEnd::refund(const Refund& refund, Done done) {
  const auto amount_json = [refund]() -> Result<std::string> {
    wire::JsonWriter writer;
    writer.begin_object().member("out_trade_no", refund.original.transaction).member("out_request_no", refund.transaction);
    writer.member("refund_amount", decimal(refund.amount.minor));
    return writer.end_object().take();
  };
  const auto request_json = [refund]() -> Result<std::string> {
    wire::JsonWriter writer;
    writer.begin_object().member("out_trade_no", refund.original.transaction).member("out_request_no", refund.transaction);
    return writer.end_object().take();
  };
  core_->call(
      core_, kRefund, amount_json,
      [core = core_, refund, request_json, done = std::move(done)](bool sent, Opened node) mutable {
        if (!node) return done(sent ? failed(node.error()) : Outcome{Verdict::unknown, "not_sent", {}});
        Outcome outcome = judge_refund(*node, refund);
        if (outcome.verdict != Verdict::unknown || outcome.code != "fund_unchanged") return done(std::move(outcome));
        core->call(
            core, kRefundQuery, request_json,
            [refund, done = std::move(done)](bool, Opened told) mutable {
              done(told ? judge_refund_query(*told, refund) : failed(told.error()));
            },
            true);
      },
      true);
}

void FrontEnd::bill(const std::string& day, BillDone done) {
  const auto ask = [day]() -> Result<std::string> {
    wire::JsonWriter writer;
    return writer.begin_object().member("bill_type", "trade").member("bill_date", day).end_object().take();
  };
  core_->call(
      core_, kBill, ask,
      [core = core_, done = std::move(done)](bool, Opened node) mutable {
        if (!node) return done(std::move(node).error());
        auto url = node->optional_text("bill_download_url");
        if (!url || !*url) return done(Error{Code::refused, "ewallet.no_bill", "the gateway has none for that day"});
        // Nothing is fetched from a place that we do not know.
        if (!(*url)->starts_with(core->settings.base_url + "/")) return done(Error{Code::refused, "ewallet.bill", "a foreign address"});
        net::ClientRequest fetch;
        fetch.target = (*url)->substr(core->settings.base_url.size());
        fetch.repeatable = true;
        core->ports.exchange.send([fetch]() -> Result<net::ClientRequest> { return fetch; },
                                  [done = std::move(done)](Answer answer) mutable {
                                    if (!answer.response) return done(std::move(answer.response).error());
                                    if (answer.response->status != 200) return done(Error{Code::unavailable, "ewallet.bill", fmt::format("http_{}", answer.response->status)});
                                    done(std::move(answer.response->body));
                                  });
      },
      true);
}

}  // namespace tf::frontends::ewallet
