#include <fmt/format.h>

#include "platform/config/table.hpp"

namespace tf::platform::configuration {
namespace {


Status read_policy(Table& table, cardsign::Policy& policy) {
  std::vector<std::string> slots, suites{"modern"};
  TF_CHECK(table.texts("slots", slots));
  TF_CHECK(table.texts("suites", suites));
  if (!slots.empty()) policy.slots.clear();
  for (const std::string& name : slots) {
    const cardsign::Slot slot = TF_TRY(cardsign::parse_slot(name));
    if (slot == cardsign::Slot::hash) return value_error("cardsign.slots: the hash's comes with cardsign.suites \"classic\"");
    if (std::ranges::find(policy.slots, slot) != policy.slots.end()) return value_error("cardsign.slots names " + name + " twice");
    policy.slots.push_back(slot);
  }
  if (std::ranges::find(policy.slots, cardsign::Slot::payment) == policy.slots.end()) return value_error("cardsign.slots has payment in it");
  policy.classic = false;
  bool modern = false;
  for (const std::string& suite : suites) (TF_TRY(cardsign::parse_suite(suite)) == cardsign::Suite::modern ? modern : policy.classic) = true;
  if (!modern) return value_error("cardsign.suites has modern in it");
  policy.rsa = TF_TRY(table.choice("keys", "P-256", "RSA", policy.rsa));
  policy.sealed = TF_TRY(table.choice("sealed", "no", "yes", policy.sealed));
  return table.integer("code_hours", 1, 24 * 365, policy.code_hours);
}

}  // namespace

Status read_cardsign(const toml::table& toml, Config& config) {
  if (!config.wallet) return value_error("[cardsign] needs [wallet], whose books and front ends its orders go to: trustferry wallet enable adds it");
  Table table(toml, "cardsign.");
  CardsignConfig& out = config.cardsign.emplace();
  out.listen = TF_TRY(table.listen("listen", out.listen));
  out.name = TF_TRY(cardsign::parse_platform(TF_TRY(table.text("name", config.wallet->name))));
  out.terminal = TF_TRY(table.text("terminal", out.terminal));
  TF_CHECK(table.integer("order_hours", 1, 24 * 365, out.order_hours));
  TF_CHECK(table.integer("sessions", 1, 10'000'000, out.sessions));
  TF_CHECK(table.integer("repeat_seconds", 1, 24 * 3'600, out.repeat_seconds));
  TF_CHECK(read_policy(table, out.policy));
  return table.finish();
}

std::string text_of(const CardsignConfig& it) {
  std::string slots;
  for (const cardsign::Slot slot : it.policy.slots) slots += fmt::format("{}\"{}\"", slots.empty() ? "" : ", ", name_of(slot));
  return fmt::format(R"(
[cardsign]
listen = "{}"      # ADDRESS:PORT for terminals, browsers and merchants: /cardsign
name = "{}"              # the platform's, in every text that is signed
terminal = "{}"            # the point of sale at the front ends
slots = [{}]   # keys that a card makes at enrolment
suites = [{}]                # "classic" too: cards sign hashes of payments they do not see
keys = "{}"                   # or "RSA"
sealed = "{}"                    # "yes": what cards answer to a payment is for the platform alone (SCP03)
code_hours = {}                   # an enrolment code works so long
order_hours = {}                  # an order lives no longer
sessions = {}
repeat_seconds = {}             # a short message to a card is sent again after that, where nothing proved that it came
)", it.listen.text(), it.name, it.terminal, slots, it.policy.classic ? "\"modern\", \"classic\"" : "\"modern\"", it.policy.rsa ? "RSA" : "P-256", it.policy.sealed ? "yes" : "no",
                     it.policy.code_hours, it.order_hours, it.sessions, it.repeat_seconds);
}

}  // namespace tf::platform::configuration
