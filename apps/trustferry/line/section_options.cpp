#include "apps/trustferry/line/section_options.hpp"

#include <algorithm>

namespace tf::cli {
namespace {

enum class Of { text, number, list };
struct Known {
  std::string_view section;
  const char* key;
  Of of;
  const char* about;
};
constexpr Known kKnown[] = {
    {"wallet", "listen", Of::text, "ADDRESS:PORT for phones: /wallet/v1"},
    {"wallet", "name", Of::text, "the platform's, in every signed and sealed text"},
    {"wallet", "terminal", Of::text, "the point of sale at the front ends"},
    {"wallet", "rules", Of::text, "file of routes and limits, from the data directory on"},
    {"wallet", "webhook_anchors_file", Of::text, "PEM: what merchants' TLS is trusted by"},
    {"wallet", "suites", Of::list, "modern, or modern,classic"},
    {"wallet", "keys", Of::list, "who makes a user's key pair: phone, platform, or both"},
    {"wallet", "critical", Of::list, "amounts that are sealed from here on: 'CNY 1000.00,…'"},
    {"wallet", "sessions", Of::number, "at once"},
    {"wallet", "keys_ahead", Of::number, "users' keys made ahead, where the platform makes them"},
    {"wallet", "registration_minutes", Of::number, "a registration is open so long"},
    {"wallet", "lock_minutes", Of::number, "after five wrong passwords; 0: until an operator unlocks"},
    {"wallet", "session_minutes", Of::number, "a session lives so long"},
    {"wallet", "order_minutes", Of::number, "an order lives so long"},
    {"wallet", "decide_minutes", Of::number, "an order without an outcome is so old before operators decide it"},
    {"wallet.sms", "kind", Of::text, "spool (demonstrations only), webhook or smpp"},
    {"wallet.sms", "file", Of::text, "spool: where the codes go"},
    {"wallet.sms", "url", Of::text, "webhook: server"},
    {"wallet.sms", "path", Of::text, "webhook: path"},
    {"wallet.sms", "secret_file", Of::text, "webhook: what signs; smpp: the password"},
    {"wallet.sms", "anchors_file", Of::text, "webhook: PEM, what its TLS is trusted by"},
    {"wallet.sms", "address", Of::text, "smpp: ADDRESS:PORT"},
    {"wallet.sms", "system_id", Of::text, "smpp"},
    {"wallet.sms", "source", Of::text, "smpp: who messages come from"},
    {"wallet.front_ends", "kind", Of::text, "card (ISO 8583), ewallet or acp"},
    {"wallet.front_ends", "address", Of::text, "card: ADDRESS:PORT of the acquirer's host"},
    {"wallet.front_ends", "zone", Of::text, "card: whose key its working keys come under; its name otherwise"},
    {"wallet.front_ends", "institution", Of::text, "card: field 32"},
    {"wallet.front_ends", "reply_ms", Of::number, "card: patience with a reply"},
    {"wallet.front_ends", "url", Of::text, "ewallet, acp: https://host:port"},
    {"wallet.front_ends", "anchors_file", Of::text, "ewallet, acp: PEM, what its TLS is trusted by"},
    {"wallet.front_ends", "app_id", Of::text, "ewallet: ours there"},
    {"wallet.front_ends", "gateway_key_file", Of::text, "ewallet: PEM public key that its signatures verify with"},
    {"wallet.front_ends", "merchant", Of::text, "acp: merId"},
    {"wallet.front_ends", "certificate_file", Of::text, "acp: our certificate, PEM"},
    {"wallet.front_ends", "signers_file", Of::text, "acp: PEM anchors of its signing certificates"},
    {"wallet.front_ends", "signer", Of::text, "acp: common name of its signing certificate"},
    {"wallet.front_ends", "phone_signers_file", Of::text, "acp: PEM, what signs what phones bring back"},
    {"wallet.front_ends", "token_requestor", Of::text, "acp: trId of the card tokens we pay with"},
    {"wallet.front_ends", "notify_url", Of::text, "ewallet, acp: /wallet/v1/notify/NAME as it reaches us"},
    {"wallet.front_ends", "direct", Of::text, "acp: yes lets phones pay at its gateway themselves"},
    {"cardsign", "listen", Of::text, "ADDRESS:PORT for terminals, browsers and merchants: /cardsign"},
    {"cardsign", "name", Of::text, "the platform's, in every text that is signed; wallet's otherwise"},
    {"cardsign", "terminal", Of::text, "the point of sale at the front ends"},
    {"cardsign", "slots", Of::list, "keys that a card makes at enrolment: payment,authentication,card,signature,encryption"},
    {"cardsign", "suites", Of::list, "modern, or modern,classic: cards sign hashes too"},
    {"cardsign", "keys", Of::text, "P-256 or RSA"},
    {"cardsign", "sealed", Of::text, "yes: what cards answer to a payment is for the platform alone; or no"},
    {"cardsign", "code_hours", Of::number, "an enrolment code works so long"},
    {"cardsign", "order_hours", Of::number, "an order lives no longer"},
    {"cardsign", "sessions", Of::number, "at once"},
    {"cardsign", "repeat_seconds", Of::number, "a short message to a card is sent again after that"},
};

std::string option_name(std::string_view prefix, std::string_view key) {
  std::string out = "--" + std::string(prefix) + (prefix.empty() ? "" : "-") + std::string(key);
  std::ranges::replace(out, '_', '-');
  return out;
}

}  // namespace

void SectionOptions::add(CLI::App& app, std::string_view section, std::string_view prefix) {
  for (const Known& known : kKnown) {
    if (known.section != section) continue;
    Entry& entry = entries_.emplace_back(Entry{.setting = {.section = std::string(section), .key = known.key}});
    const std::string name = option_name(prefix, known.key);
    CLI::Option* option = nullptr;
    switch (known.of) {
      case Of::text: option = app.add_option(name, entry.setting.value.emplace<std::string>(), known.about); break;
      case Of::number: option = app.add_option(name, entry.setting.value.emplace<std::int64_t>(), known.about); break;
      case Of::list: option = app.add_option(name, entry.setting.value.emplace<std::vector<std::string>>(), known.about)->delimiter(','); break;
    }
    entry.option = option->group("[" + std::string(section) + "]");
  }
}

std::vector<platform::Setting> SectionOptions::given() const {
  std::vector<platform::Setting> out;
  for (const Entry& entry : entries_)
    if (entry.option->count() > 0) out.push_back(entry.setting);
  return out;
}

}  // namespace tf::cli
