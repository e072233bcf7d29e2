#include "frontends/acp/core.hpp"

#include <fmt/format.h>

#include <array>

#include "base/log.hpp"
#include "frontends/amount.hpp"

namespace tf::frontends::acp {
namespace {

using payment::Verdict;
using namespace std::chrono_literals;

constexpr std::array kLadder{1s, 2s, 4s, 8s, 16s, 32s};
constexpr std::int64_t kAskFor_ms = 80'000;

Outcome failed(const Error& error) {
  if (std::string_view(error.reason) == "acp.http") return {Verdict::unknown, error.detail, {}};
  return {Verdict::unknown, error.reason, {}};
}

}  // namespace

Result<Fields> FrontEnd::Core::opened(const Answer& answer) {
  if (!answer.response) return answer.response.error();
  if (answer.response->status != 200) return Error{Code::unavailable, "acp.http", fmt::format("http_{}", answer.response->status)};
  Fields fields = TF_TRY(parse_plain_form(answer.response->body));
  TF_CHECK(verifier.verify(fields, ports.clock.now_ms()));
  return fields;
}

void FrontEnd::Core::call(const Self& self, const char* route, Build build, Judge judge, bool repeatable) {
  ports.exchange.send(
      [self, route, repeatable, build = std::move(build)]() mutable -> Result<net::ClientRequest> {
        const Sign sign = [&self](ByteView data) { return self->ports.vault.sign_rs256(self->settings.key, data); };
        const Fields fields = TF_TRY(sign_fields(TF_TRY(build()), self->settings.cert_id, sign));
        return net::ClientRequest{.method = "POST",
                                  .target = self->settings.path + route,
                                  .content_type = "application/x-www-form-urlencoded;charset=UTF-8",
                                  .body = encode_form(fields),
                                  .headers = {},
                                  .repeatable = repeatable};
      },
      [self, route, judge = std::move(judge)](Answer answer) mutable {
        Result<Fields> fields = self->opened(answer);
        if (fields) {
          self->health.good();
        } else {
          if (answer.sent) self->health.bad();
          log::warn(fmt::format("{}: {} gave no answer to believe: {}", self->settings.name, route, log::quoted(describe(fields.error()))));
        }
        judge(answer.sent, std::move(fields));
      });
}

Fields FrontEnd::Core::frame(const char* type, const char* sub_type, const char* business, const Order& order) const {
  return {{"txnType", type},           {"txnSubType", sub_type},   {"bizType", business}, {"accessType", "0"},
          {"channelType", "08"},       {"merId", settings.merchant}, {"orderId", order.id}, {"txnTime", order.time}};
}

Fields FrontEnd::Core::reversal(const Order& order) const {
  Fields fields = frame("99", "01", "000000", order);
  fields["txnAmt"] = std::to_string(order.amount.minor);
  fields["currencyCode"] = settings.currency_number;
  return fields;
}

void FrontEnd::Core::carry_out(const Self& self, Order order, Build build, Done done, Outcome unsent) {
  order.ask_until_ms = ports.clock.monotonic_ms() + kAskFor_ms;
  call(
      self, "backTransReq.do", std::move(build),
      [self, order, unsent, done = std::move(done)](bool sent, Result<Fields> answer) mutable {
        if (!sent) return done(std::move(unsent));
        if (!answer) return self->ask_again(self, 0, order, std::move(done));
        Acceptance first = judge_acceptance(*answer, order, self->settings);
        if (first.kind == Acceptance::Kind::refused) return done(std::move(first.outcome));
        if (first.kind == Acceptance::Kind::ask) return self->ask_again(self, 0, order, std::move(done));
        if (self->settings.accepted_is_final) return done(std::move(first.outcome));
        self->ask_on(self, 0, order, std::move(done));
      },
      false);
}

void FrontEnd::Core::ask(const Self& self, const Order& order, Done done) {
  const std::int64_t asked_ms = ports.clock.now_ms();
  call(
      self, "queryTrans.do", [self, order]() -> Result<Fields> { return self->frame("00", "00", "000000", order); },
      [self, order, asked_ms, done = std::move(done)](bool, Result<Fields> answer) mutable {
        done(answer ? judge_query(*answer, order, self->settings, asked_ms) : failed(answer.error()));
      },
      true);
}

void FrontEnd::Core::ask_on(const Self& self, std::size_t next_step, const Order& order, Done done) {
  ask(self, order, [self, next_step, order, done = std::move(done)](Outcome outcome) mutable {
    const bool over = next_step == kLadder.size() ||
                      self->ports.clock.monotonic_ms() + std::chrono::milliseconds(kLadder[next_step]).count() > order.ask_until_ms;
    if (outcome.verdict != Verdict::unknown || over) return done(std::move(outcome));
    self->ask_again(self, next_step, order, std::move(done));
  });
}

void FrontEnd::Core::ask_again(const Self& self, std::size_t step, const Order& order, Done done) {
  ports.timer.after(kLadder[step], [self, step, order, done = std::move(done)](bool stopping) mutable {
    if (stopping) return done({Verdict::unknown, "stopping", {}});
    self->ask_on(self, step + 1, order, std::move(done));
  });
}

void FrontEnd::Core::undo(const Self& self, const payment::Payment& payment, const std::string& reference, Done done) {
  // An order of its own, the same each time: repeated, it is the same undoing.
  const Order undoing{payment.transaction + "U", china_digits(payment.at_ms), payment.amount, std::nullopt, 0};
  const auto build = [self, undoing, reference]() -> Result<Fields> {
    Fields fields = self->frame("31", "00", "000902", undoing);
    fields["origQryId"] = reference;
    fields["txnAmt"] = std::to_string(undoing.amount.minor);
    fields["currencyCode"] = self->settings.currency_number;
    return fields;
  };
  carry_out(self, undoing, build, std::move(done), {Verdict::unknown, "not_sent", {}});
}

}  // namespace tf::frontends::acp
