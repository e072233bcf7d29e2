#include "apps/trustferry/demo/demo_summary.hpp"

#include <fmt/format.h>

#include "apps/trustferry/line/command_line.hpp"
#include "apps/trustferry/line/report.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string as_json(const PhoneReport& it) {
  return fmt::format(R"(,"phones":{{"bound":{},"tickets":{},"swapped_refused":{},"foreign_refused":{}}})", it.bound, it.tickets, it.swapped_refused, it.foreign_refused);
}

std::string as_json(const WalletReport& it) {
  return fmt::format(R"(,"wallet":{{"phones":{},"captured":{},"declined":{},"reversed":{},"resolved":{},"refunds":{},"matched":{},"differing":{},"copied_refused":{}}})", it.phones,
                     it.approved, it.declined, it.reversed, it.resolved, it.refunds, it.matched, it.differing, it.copied_refused);
}

std::string as_json(const OnboardReport& it) {
  return fmt::format(R"(,"onboard":{{"modules":{},"subscribed":{},"authenticated":{},"clones_refused":{},"revoked_refused":{},"replay_refused":{},"alarms":{}}})", it.modules, it.subscribed,
                     it.authenticated, it.clones_refused, it.revoked_refused, it.replay_refused, it.alarms);
}

std::string as_json(const CardsignReport& it) {
  return fmt::format(R"(,"cardsign":{{"reader":"{}","certificates":{},"result":"{}","transaction":"{}","wrong_pin_refused":{}}})", it.reader, it.certificates, it.result, it.transaction,
                     it.wrong_pin_refused);
}

template <class Report>
std::string member(const std::optional<Report>& report) {
  return report ? as_json(*report) : std::string();
}

void print_json(const DemoOutcome& outcome) {
  print_line(fmt::format(R"({{"fleet":{},"audit":{}{}{}{}{}}})", first_line(outcome.fleet), first_line(outcome.audit), member(outcome.phones), member(outcome.wallets), member(outcome.modules),
                         member(outcome.card)));
}

void print(const PhoneReport& it) {
  Facts().add("phones", fmt::format("{} bound to their numbers, {} tickets in {:.1f} s", it.bound, it.tickets, it.seconds))
      .add("swapped SIMs", fmt::format("{} of 2 refused", it.swapped_refused))
      .add("foreign handset", it.foreign_refused == 1 ? "waits for an operator (trustferry access alarms)" : "NOT refused").print();
}

void print(const WalletReport& it, int orders) {
  Facts().add("wallets", fmt::format("{} phones with a certificate of their own", it.phones))
      .add("orders", fmt::format("{} paid, {} declined, {} undone; {} of these settled by asking or undoing; {:.0f}/s", it.approved, it.declined, it.reversed,
                                 it.resolved, static_cast<double>(orders) / it.seconds))
      .add("refunds", std::to_string(it.refunds))
      .add("books", fmt::format("{} lines agree with the acquirer's and the e-wallet's, {} differ", it.matched, it.differing))
      .add("copied files", fmt::format("{} of 3 do not open", it.copied_refused)).print();
}

void print(const OnboardReport& it) {
  Facts().add("modules", fmt::format("{} of {} have the subscription of their operator, {} used it, in {:.1f} s", it.subscribed, it.modules, it.authenticated, it.seconds))
      .add("clones", fmt::format("{} of 2 refused ({})", it.clones_refused, it.clone_reason))
      .add("revoked", fmt::format("{} ({})", it.revoked_refused ? "refused" : "NOT refused", it.revoked_reason))
      .add("replayed", fmt::format("{} ({})", it.replay_refused ? "refused" : "NOT refused", it.replay_reason))
      .add("alarms", fmt::format("{} at the credentialing server", it.alarms)).print();
}

void print(const CardsignReport& it) {
  Facts().add("smart card", fmt::format("{} certificates for keys it made, {}", it.certificates, it.reader == "pcscd" ? "through pcscd" : "in the terminal's process"))
      .add("its payment", fmt::format("{} ({})", it.result, it.transaction))
      .add("wrong PIN", it.wrong_pin_refused ? "refused by the card" : "NOT refused").print();
}

Status print_fleet(const DemoOutcome& outcome) {
  auto audit = TF_TRY(wire::JsonObject::parse(outcome.audit));
  auto fleet = TF_TRY(wire::JsonObject::parse(outcome.fleet));
  auto chain = std::move(TF_TRY(audit.objects("chains", 4)).front());
  const auto number = [&](const char* name) { return fleet.integer(name, 0, INT64_MAX).value_or(0); };
  Facts().add("terminals", fmt::format("{} ({} were complete before)", number("terminals"), number("skipped")))
      .add("downloads", std::to_string(number("completed"))).add("keys", std::to_string(number("keys")))
      .add("refusals", std::to_string(number("refused"))).add("retries", std::to_string(number("retries")))
      .add("latency", fmt::format("p50 {:.1f} ms, p99 {:.1f} ms", fleet.number("p50_ms").value_or(0), fleet.number("p99_ms").value_or(0)))
      .add("rate", fmt::format("{:.0f} downloads/s", fleet.number("downloads_per_second").value_or(0)))
      .add("audit", fmt::format("{} entries, chain and {} signed checkpoints verified", TF_TRY(chain.integer("entries", 0, INT64_MAX)),
                                TF_TRY(chain.integer("checkpoints", 0, INT64_MAX)))).print();
  return {};
}

}  // namespace

Status print_demo(const DemoOutcome& outcome, bool json) {
  if (json) {
    print_json(outcome);
    return {};
  }
  print_line("");
  if (outcome.phones) print(*outcome.phones);
  if (outcome.wallets) print(*outcome.wallets, outcome.orders);
  if (outcome.modules) print(*outcome.modules);
  if (outcome.card) print(*outcome.card);
  return print_fleet(outcome);
}

}  // namespace tf::cli
